import Testing
import WebSocketTransport

@Suite("The WebSocket client", .timeLimit(.minutes(10)))
struct WebSocketClientTests {
  private func endpoint(_ port: Int) -> WebSocketEndpoint {
    WebSocketEndpoint(isSecure: false, host: "127.0.0.1", port: port, target: "/stream?x=1")
  }

  /// What comes in, up to `count` events or the end.
  private func events(
    _ port: Int, _ count: Int = .max, _ options: WebSocketOptions = WebSocketOptions()
  ) async throws -> [WebSocketEvent] {
    try await WebSocketClient().withConnection(to: endpoint(port), options: options) { connection in
      var events: [WebSocketEvent] = []
      for try await event in connection.events {
        events.append(event)
        if events.count == count { break }
      }
      return events
    }
  }

  @Test("messages arrive whole and in order, also those that came with the answer to the opening request")
  func messages() async throws {
    try await ScriptedServer.during { peer in
      try await peer.accept(sending: frame(1, "first"))
      try await peer.send(frame(2, [0, 255]) + frame(1, String(repeating: "x", count: 70_000)))
      try await peer.send(frame(1, "a", fin: false))
      try await peer.send(frame(9, "between") + frame(0, "b", fin: false) + frame(0, "c"))
      try await peer.send(frame(10, "pong") + frame(8, [3, 232] + Array("bye".utf8)))
      _ = try await peer.frame()
      _ = try await peer.frame()
    } _: { port in
      let events = try await events(port)
      #expect(
        events == [
          .text(Array("first".utf8)), .binary([0, 255]), .text(Array(repeating: 120, count: 70_000)),
          .ping(Array("between".utf8)), .text(Array("abc".utf8)), .pong(Array("pong".utf8)),
          .closed(code: 1000, reason: "bye"),
        ])
    }
  }

  @Test("the opening request names path and host, and what the client sends is masked")
  func sends() async throws {
    try await ScriptedServer.during { peer in
      let request = try await peer.request()
      let lines = request.split(separator: "\r\n")
      let answers =
        lines.first == "GET /stream?x=1 HTTP/1.1" && lines.contains { $0.hasPrefix("Host: 127.0.0.1:") }
        && lines.contains("Sec-WebSocket-Version: 13")
      let key = lines.first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
      try await peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\nSec-WebSocket-Accept: \(ScriptedServer.Peer.answer(to: String(key)))\r\n\r\n"
      )
      var seen: [String] = [answers ? "request" : "other request"]
      while let sent = try await peer.frame() {
        seen.append("\(sent.opcode) \(sent.isMasked) \(String(decoding: sent.payload, as: UTF8.self))")
        if sent.opcode == 8 { break }
        if sent.opcode == 9 { try await peer.send(frame(1, seen.joined(separator: "|"))) }
      }
      try await peer.send(frame(8, [3, 232]))
    } _: { port in
      try await WebSocketClient().withConnection(to: endpoint(port)) { connection in
        try await connection.send(text: "hello")
        try await connection.send(binary: [65, 66])
        try await connection.ping([67])
        var events = connection.events.makeAsyncIterator()
        let seen = try await events.next()
        #expect(seen == .text(Array("request|1 true hello|2 true AB|9 true C".utf8)))
        try await connection.close(code: 1001, reason: "done")
        let (closed, end) = (try await events.next(), try await events.next())
        #expect(closed == .closed(code: 1000, reason: ""))
        #expect(end == nil)
      }
    }
  }

  @Test("a ping is answered with its payload, also while nobody reads the events")
  func pings() async throws {
    try await ScriptedServer.during { peer in
      try await peer.accept(sending: frame(9, "payload"))
      let answer = try await peer.frame()
      let isGood = answer?.opcode == 10 && answer?.payload == Array("payload".utf8)
      try await peer.send(frame(1, isGood ? "good" : "bad"))
      _ = try await peer.frame()
    } _: { port in
      try await WebSocketClient().withConnection(to: endpoint(port)) { connection in
        var events = connection.events.makeAsyncIterator()
        let (ping, verdict) = (try await events.next(), try await events.next())
        #expect(ping == .ping(Array("payload".utf8)))
        #expect(verdict == .text(Array("good".utf8)))
      }
    }
  }

  @Test("cancelling the task ends the connection, and the server sees it")
  func cancellation() async throws {
    let (ended, end) = AsyncStream<Void>.makeStream()
    try await ScriptedServer.during { peer in
      try await peer.accept(sending: frame(1, "x"))
      while try await peer.frame() != nil {}
      end.yield()
    } _: { port in
      let (started, start) = AsyncStream<Void>.makeStream()
      let task = Task {
        try await WebSocketClient().withConnection(to: endpoint(port)) { connection in
          for try await _ in connection.events { start.yield() }
        }
      }
      for await _ in started { break }
      task.cancel()
      _ = await task.result
      for await _ in ended { break }
    }
  }

  @Test("a consumer that does not read holds up the server: nothing is lost, and little is kept")
  func backPressure() async throws {
    let count = 2_000
    let payload = String(repeating: "y", count: 20_000)
    let (sent, note) = AsyncStream<Int>.makeStream()
    try await ScriptedServer.during { peer in
      try await peer.accept()
      for number in 1...count {
        try await peer.send(frame(1, payload))
        note.yield(number)
      }
      note.finish()
      try await peer.send(frame(8, [3, 232]))
      _ = try await peer.frame()
    } _: { port in
      try await WebSocketClient().withConnection(to: endpoint(port)) { connection in
        // The server stops sending well before its 40 MB are through: the buffers of two sockets are smaller.
        var latest = 0
        let watch = Task {
          var last = 0
          for await number in sent { last = number }
          return last
        }
        let clock = ContinuousClock()
        let limit = clock.now + .milliseconds(300)
        while clock.now < limit { await Task.yield() }
        watch.cancel()
        latest = await watch.value
        #expect(latest < count, "the server was never held up")
        var received = 0
        for try await case .text(let bytes) in connection.events {
          #expect(bytes.count == 20_000)
          received += 1
        }
        #expect(received == count)
      }
    }
  }
}
