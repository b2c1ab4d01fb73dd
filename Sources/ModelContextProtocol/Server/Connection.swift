import Synchronization

/// One client of a server: the tasks around a ``ConnectionState``. What decides is there.
public final class Connection: Sendable {
  private struct Guarded {
    var state: ConnectionState
    /// Ends the work of a call that runs.
    var switches: [UInt64: AsyncStream<Void>.Continuation] = [:]
    /// Finished as soon as nothing runs; set once the client has no more to say.
    var idle: AsyncStream<Void>.Continuation?
  }

  /// A call that is to begin, and what tells that its answer is not wanted any more.
  private struct Started: Sendable {
    var call: Call
    var cancelled: AsyncStream<Void>
  }

  private enum Part { case hasRead, hasWritten, timeUp }

  private let server: MCPServer
  private let guarded: Mutex<Guarded>
  private let outbox: Outbox
  private var limits: ServerLimits { server.configuration.limits }

  public init(to server: MCPServer) {
    self.server = server
    guarded = Mutex(Guarded(state: ConnectionState(server.configuration)))
    outbox = Outbox(limit: server.configuration.limits.outgoingBytes)
  }

  /// Serves the client until it has no more to say. What is under way then has ``ServerLimits/grace`` to end,
  /// and the client as long to read. Work that does not end when it is cancelled is waited for.
  ///
  /// A connection runs once.
  ///
  /// - Throws: what the transport throws.
  public func run(
    over transport: some MessageTransport, clock: any Clock<Duration> = ContinuousClock()
  ) async throws {
    server.connected(self)
    defer {
      server.disconnected(self)
      outbox.close()
    }
    try await withThrowingTaskGroup(of: Part.self) { parts in
      parts.addTask {
        while let entry = await self.outbox.take() {
          try await transport.write(entry.bytes, about: entry.place)
        }
        return .hasWritten
      }
      parts.addTask {
        try await self.read(from: transport, clock)
        return .hasRead
      }
      while let part = try await parts.next() {
        switch part {
        case .hasRead:
          outbox.close()
          parts.addTask {
            try? await clock.sleep(for: self.limits.grace)
            return .timeUp
          }
        case .hasWritten, .timeUp:
          parts.cancelAll()
          return
        }
      }
    }
  }

  private func read(from transport: some MessageTransport, _ clock: any Clock<Duration>) async throws {
    try await withThrowingDiscardingTaskGroup { work in
      while let frame = try await transport.next() {
        await outbox.room()
        for started in perform({ $0.receive(frame, catalog: self.server.catalog) }) {
          work.addTask { await self.work(started) }
        }
      }
      await drain(clock)
    }
    _ = perform { $0.closeStreams() }
  }

  /// Waits until nothing runs, or the time for it is over; then it is cancelled.
  private func drain(_ clock: any Clock<Duration>) async {
    let (idle, continuation) = AsyncStream.makeStream(of: Void.self)
    guarded.withLock { guarded in
      guarded.idle = continuation
      if guarded.state.running.isEmpty { continuation.finish() }
    }
    let grace = limits.grace
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in idle {} }
      group.addTask { try? await clock.sleep(for: grace) }
      await group.next()
      group.cancelAll()
    }
    _ = perform { $0.cancelAll() }
  }

  /// Does the work of one call, and then of those that waited for it to end.
  private func work(_ started: Started) async {
    var queue = [started]
    while let started = queue.popLast() {
      let call = started.call
      let context = RequestContext(id: call.id, client: call.client, meta: call.meta) { event in
        await self.outbox.room()
        _ = self.perform { $0.tell(event, of: call.number) }
      }
      let outcome = await withTaskGroup(of: Result<JSONObject, ProtocolError>?.self) { group in
        group.addTask { await self.server.answer(call, context) }
        group.addTask {
          for await _ in started.cancelled {}
          return nil
        }
        let first = await group.next()
        group.cancelAll()
        return first ?? nil
      }
      queue += perform { $0.finish(call.number, with: outcome) }
    }
  }

  /// Tells the client of a change, if it wants to know.
  func tell(_ change: Change) {
    guarded.withLock { guarded in
      for case .send(let message) in guarded.state.tell(change) { outbox.append(message, isBroadcast: true) }
    }
  }

  /// Decides, and does what was decided but for the calls that are to begin. Messages are put in order under
  /// the same lock under which they were decided.
  private func perform(_ decide: (inout ConnectionState) -> [Action]) -> [Started] {
    guarded.withLock { guarded in
      var started: [Started] = []
      for action in decide(&guarded.state) {
        switch action {
        case .send(let message): outbox.append(message)
        case .start(let call):
          let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
          guarded.switches[call.number] = continuation
          started.append(Started(call: call, cancelled: cancelled))
        case .cancel(let number): guarded.switches[number]?.finish()
        }
      }
      for number in guarded.switches.keys where !guarded.state.running.contains(number) {
        guarded.switches[number] = nil
      }
      if guarded.state.running.isEmpty { guarded.idle?.finish() }
      return started
    }
  }
}
