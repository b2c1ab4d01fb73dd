import Testing
import WebSocketTransport

@Suite("A server that the WebSocket client must not believe", .timeLimit(.minutes(10)))
struct HostileServerTests {
  /// How a connection to a server with this script ends.
  private func failure(
    _ options: WebSocketOptions = WebSocketOptions(),
    script: @escaping @Sendable (inout ScriptedServer.Peer) async throws -> Void,
    afterwards: () async -> Void = {}
  ) async throws -> WebSocketError? {
    var found: WebSocketError?
    try await ScriptedServer.during(script: script) { port in
      let endpoint = WebSocketEndpoint(isSecure: false, host: "127.0.0.1", port: port)
      do {
        try await WebSocketClient().withConnection(to: endpoint, options: options) { connection in
          for try await _ in connection.events {}
        }
      } catch let error as WebSocketError {
        found = error
      }
      await afterwards()
    }
    return found
  }

  /// The code of the client's close frame behind these bytes, and how the connection ended for the client.
  private func verdict(
    on bytes: [UInt8], _ options: WebSocketOptions = WebSocketOptions()
  ) async throws -> (code: UInt16?, error: WebSocketError?) {
    let (codes, note) = AsyncStream<UInt16?>.makeStream()
    var code: UInt16?
    let error = try await failure(options) { peer in
      defer { note.finish() }
      try await peer.accept(sending: bytes)
      while let answer = try await peer.frame() {
        guard answer.opcode == 8, answer.payload.count >= 2 else { continue }
        note.yield(UInt16(answer.payload[0]) << 8 | UInt16(answer.payload[1]))
      }
    } afterwards: {
      for await found in codes { code = code ?? found }
    }
    return (code, error)
  }

  @Test(
    "frames that RFC 6455 does not allow end the connection with 1002",
    arguments: [
      ("a continuation of nothing", frame(0, "x")),
      ("a message inside of another", frame(1, "x", fin: false) + frame(1, "y")),
      ("a reserved bit", [0xC1, 0x01, 0x78]),
      ("an unknown opcode", frame(3, "x")),
      ("a masked frame", [0x81, 0x81, 1, 2, 3, 4, 0x79]),
      ("a ping in fragments", frame(9, "x", fin: false)),
      ("a ping of 126 bytes", frame(9, String(repeating: "x", count: 126))),
      ("half a close code", frame(8, [3])),
      ("a close code that must not be sent", frame(8, [3, 237])),
      ("a close reason that is not UTF-8", frame(8, [3, 232, 0xFF])),
    ])
  func violations(name: String, bytes: [UInt8]) async throws {
    let (code, error) = try await verdict(on: bytes)
    #expect(code == 1002, "\(name)")
    guard case .protocolViolation? = error else {
      Issue.record("\(name) ended with \(String(describing: error))")
      return
    }
  }

  @Test("a text that is not UTF-8 ends the connection with 1007, and its bytes are the caller's")
  func invalidText() async throws {
    let (code, error) = try await verdict(on: frame(1, [0x61, 0xC3, 0x28]))
    #expect(code == 1007)
    #expect(error == .invalidText([0x61, 0xC3, 0x28]))
  }

  @Test("a character may be cut by a fragment's end")
  func cutCharacter() async throws {
    let (code, error) = try await verdict(
      on: frame(1, [0xC3], fin: false) + frame(0, [0xBC]) + frame(8, [3, 233]))
    #expect(code == 1001)
    #expect(error == nil)
  }

  @Test("a frame beyond the limit ends the connection with 1009 before its bytes are taken")
  func oversizedFrame() async throws {
    var options = WebSocketOptions()
    options.maximumFrameBytes = 1_000
    // Of the terabyte that the header speaks of, not a byte follows.
    let (code, error) = try await verdict(on: [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0], options)
    #expect(code == 1009)
    #expect(error == .messageTooLarge(limit: 1_000))
  }

  @Test("fragments that add up beyond the limit end the connection with 1009")
  func oversizedMessage() async throws {
    var options = WebSocketOptions()
    options.maximumMessageBytes = 250
    let part = String(repeating: "x", count: 100)
    let bytes = frame(1, part, fin: false) + frame(0, part, fin: false) + frame(0, part)
    let (code, error) = try await verdict(on: bytes, options)
    #expect(code == 1009)
    #expect(error == .messageTooLarge(limit: 250))
  }

  @Test("a wrong answer to the key is refused")
  func wrongAccept() async throws {
    let error = try await failure { peer in
      _ = try await peer.request()
      try await peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
      )
      _ = try await peer.inbound.next()
    }
    #expect(error == .invalidHandshake("Sec-WebSocket-Accept is not the answer to the key"))
  }

  @Test("another status is a refusal, with what the server says about trying again")
  func refusal() async throws {
    let error = try await failure { peer in
      _ = try await peer.request()
      try await peer.send("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
      _ = try await peer.inbound.next()
    }
    #expect(error == .refused(status: 429, retryAfter: "7"))
  }

  @Test("an answer that is no HTTP is refused")
  func noHTTP() async throws {
    let error = try await failure { peer in
      _ = try await peer.request()
      try await peer.send("SSH-2.0-OpenSSH_9.2\r\n")
      _ = try await peer.inbound.next()
    }
    guard case .invalidHandshake? = error else {
      Issue.record("ended with \(String(describing: error))")
      return
    }
  }

  @Test("a server that accepts and never answers is given up")
  func noAnswer() async throws {
    var options = WebSocketOptions()
    options.handshakeTimeout = .milliseconds(50)
    let error = try await failure(options) { peer in while try await peer.inbound.next() != nil {} }
    #expect(error == .timedOut("no answer to the opening request"))
  }

  @Test("a connection that just ends is lost, before and behind the opening")
  func suddenEnd() async throws {
    let before = try await failure { peer in _ = try await peer.request() }
    let behind = try await failure { peer in try await peer.accept(sending: frame(1, "x")) }
    for error in [before, behind] {
      guard case .connectionLost? = error else {
        Issue.record("ended with \(String(describing: error))")
        return
      }
    }
  }

  @Test("after this side's close frame, a silent server is left when the close timeout has passed")
  func silentClose() async throws {
    var options = WebSocketOptions()
    options.closeTimeout = .milliseconds(50)
    try await ScriptedServer.during { peer in
      try await peer.accept()
      while try await peer.inbound.next() != nil {}
    } _: { port in
      let endpoint = WebSocketEndpoint(isSecure: false, host: "127.0.0.1", port: port)
      try await WebSocketClient().withConnection(to: endpoint, options: options) { connection in
        try await connection.close()
        for try await event in connection.events { Issue.record("\(event)") }
      }
    }
  }

  @Test("nobody listens, and a name that does not exist: said as what they are")
  func unreachable() async throws {
    var port = 0
    try await ScriptedServer.during { _ in
    } _: {
      port = $0
    }
    for (host, isRight) in [
      ("127.0.0.1", { if case .cannotConnect = $0 { true } else { false } }),
      ("nowhere.invalid", { if case .cannotResolve = $0 { true } else { false } }),
    ] as [(String, (WebSocketError) -> Bool)] {
      let endpoint = WebSocketEndpoint(isSecure: false, host: host, port: port)
      do {
        try await WebSocketClient().withConnection(to: endpoint) { _ in }
        Issue.record("connected to \(host)")
      } catch let error as WebSocketError {
        #expect(isRight(error), "\(host): \(error)")
      }
    }
  }
}
