import CDBDomain
import CDBPipeline
import Synchronization
import WebSocketTransport

extension LiveFeed {
  /// One connection, from the attempt to the end of its lane.
  func connect(_ id: ConnectionID) async {
    defer {
      inbox.close(id)
      state.withLock { _ = $0.commands.removeValue(forKey: id) }
    }
    let (commands, continuation) = AsyncStream<Command>.makeStream()
    state.withLock { $0.commands[id] = continuation }
    var transport = options.transport
    transport.authoritiesFile = options.authoritiesFile
    do {
      let reason = try await client.withConnection(to: endpoint, options: transport) { connection in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await Self.obey(commands, connection) }
          defer { group.cancelAll() }
          handle(.opened(id))
          return try await read(connection, id)
        }
      }
      // What ends with the feed is the feed's own doing: there is nothing to tell, and no other connection to make.
      guard !Task.isCancelled else { return }
      handle(.closed(id, .closed, reason, retryAfter: nil))
    } catch {
      guard !Task.isCancelled else { return }
      let error = error as? WebSocketError ?? .connectionLost("\(error)")
      await keepWhatFailed(error, id)
      handle(.closed(id, BinanceSession.Ending(error), "\(error)", retryAfter: Self.retryAfter(error)))
    }
  }

  private static func obey(_ commands: AsyncStream<Command>, _ connection: WebSocketConnection) async throws {
    for await command in commands {
      switch command {
      case .send(let text): try await connection.send(text: text)
      case .close: try await connection.close()
      }
    }
  }

  /// Reads to the end; returns what the exchange said of it.
  private func read(_ connection: WebSocketConnection, _ id: ConnectionID) async throws -> String {
    for try await event in connection.events {
      switch event {
      case .text(let bytes), .binary(let bytes): await take(bytes, id)
      case .ping: handle(.pinged(id))
      case .pong: handle(.received(id, .other))
      case .closed(let code, let reason):
        return "the exchange closed the connection\(code.map { " (\($0))" } ?? "")"
          + (reason.isEmpty ? "" : ": \(reason)")
      }
    }
    return "the connection ended"
  }

  private func take(_ bytes: [UInt8], _ id: ConnectionID) async {
    let meaning = bytes.withUnsafeBytes { streams.meaning(of: $0) }
    handle(.received(id, meaning))
    var instrument: UInt16 = 0
    if case .data(let found) = meaning { instrument = found.index }
    let frame = ReceivedFrame(instrument: instrument, time: ProcessClock.wall(), bytes: bytes)
    if await !inbox.put(frame, in: id) {
      state.withLock { $0.status.discarded["abandoned_connection", default: 0] += 1 }
    }
  }

  /// A message that ended its connection is journaled all the same, or counted where its bytes are not known.
  private func keepWhatFailed(_ error: WebSocketError, _ id: ConnectionID) async {
    switch error {
    case .invalidText(let bytes): await take(bytes, id)
    case .messageTooLarge:
      state.withLock { $0.status.discarded[ReasonCode.oversizedFrame.code, default: 0] += 1 }
    case .protocolViolation:
      state.withLock { $0.status.discarded[ReasonCode.malformedFrame.code, default: 0] += 1 }
    default: break
    }
  }

  /// Up to the exchange's longest ban.
  private static func retryAfter(_ error: WebSocketError) -> Duration? {
    guard case .refused(_, let text) = error, let seconds = text.flatMap({ Int($0) }), seconds > 0 else {
      return nil
    }
    return .seconds(min(seconds, 3 * 86_400))
  }
}

extension BinanceSession.Ending {
  init(_ error: WebSocketError) {
    self =
      switch error {
      case .invalidURL, .cannotResolve, .cannotConnect, .timedOut: .unreachable
      case .tls: .tls
      case .refused, .invalidHandshake: .refused
      case .protocolViolation: .protocolViolation
      case .messageTooLarge: .oversizedMessage
      case .invalidText: .invalidText
      case .connectionLost, .cancelled: .lost
      }
  }
}
