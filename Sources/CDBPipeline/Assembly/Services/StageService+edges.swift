import CDBDomain
import Logging
import RedisTransport

// Opening the edges, and running a stage between them.
extension StageService {
  /// Between two looks at what the stages behind have covered.
  static var lookInterval: Duration { .milliseconds(250) }

  /// Takes the edges out of the stage, at a snapshot that they fit to: the newest, or an older one where the server has
  /// lost what is behind it. Waits for a partition that somebody else owns.
  ///
  /// - Parameters:
  ///   - beginning: the stage without a snapshot.
  ///   - find: the newest snapshot before a barrier; nil for that of the stage's own folder.
  ///   - outputs: by edge out of the stage, where a start goes on with it.
  func open<S: Stage>(
    _ beginning: StageSnapshot<S>, find: ((UInt64) -> StageStart<S>?)? = nil,
    outputs: [(StreamName, @Sendable (StageStart<S>) -> [EdgeStart])]
  ) async throws -> (start: StageStart<S>, writers: [RedisEdgeWriter]) {
    func newest(before limit: UInt64) -> StageStart<S> {
      let found =
        if let find {
          find(limit)
        } else {
          snapshots.newest(
            before: limit, as: S.self, stages: beginning.stages.count, outputs: beginning.emitted.count,
            notice: { board.notice($0) })
        }
      return found ?? StageStart(snapshot: beginning)
    }
    var limit = UInt64.max
    while true {
      let start = newest(before: limit)
      let writers = outputs.map { stream, starts in
        RedisEdgeWriter(
          client: bus.client("cdb-\(stage.rawValue)-out"), stream: stream, starts: starts(start),
          options: bus.edge, clock: ContinuousClock(), times: options.clock, nonce: instance,
          news: edges.bell.ring)
      }
      edges.use(writers)
      do {
        for writer in writers { try await writer.open(waits: true) }
      } catch let loss as EdgeLoss {
        await leave(writers)
        guard start.barrier > 0 else { throw loss }
        options.logger.notice(
          "going back to an older snapshot",
          metadata: ["event.reason": "bus_lost", "error.message": "\(loss)"])
        board.notice("\(loss); going back to a snapshot before barrier \(start.barrier)")
        limit = start.barrier
        continue
      }
      // Whoever had the partitions meanwhile may have gone on.
      if newest(before: limit).barrier == start.barrier { return (start, writers) }
      await leave(writers)
    }
  }

  /// Gives the partitions back, with the connections to them.
  func leave(_ writers: [RedisEdgeWriter]) async {
    for writer in writers {
      await writer.close()
      await writer.client.close()
    }
  }

  /// Makes sure that the bus carries this journal's events, and learns which journal that is.
  ///
  /// - Parameter known: the journal that a snapshot or the store follows from; zero where there is none.
  func meet(journal known: UInt64) async throws {
    let client = bus.client("cdb-\(stage.rawValue)")
    let key = bus.edge.prefix + ":journal"
    while true {
      try Task.checkCancellation()
      do {
        // Who knows it says it: ws may wait for the others, and the others for that.
        if known != 0 { _ = try await client.call(RedisCommand("SET", key, String(known, radix: 16), "NX")) }
        let found = try await client.call(RedisCommand("GET", key)).text.flatMap { UInt64($0, radix: 16) }
        if let found, found != known, known != 0 || stage == .ws {
          throw ServiceError.otherJournal(
            prefix: bus.edge.prefix, streams: found, own: known, keeper: keeper)
        }
        let identity = found ?? known
        if identity != 0 || stage == .ws {
          (origin as? DistantJournal)?.know(identity)
          edges.waits(for: nil)
          await client.close()
          return
        }
        edges.waits(
          for: "waiting for ws, which has not yet begun on \(bus.address) (prefix \(bus.edge.prefix))")
      } catch let error as RedisError where error.isTransient {
        edges.waits(for: "\(error)", isBus: true)
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  func reader(_ stream: StreamName, _ starts: [EdgeStart]) -> RedisEdgeReader {
    RedisEdgeReader(
      client: bus.client("cdb-\(stage.rawValue)-in"), covering: bus.client("cdb-\(stage.rawValue)-covers"),
      stream: stream, starts: starts, options: bus.edge,
      clock: ContinuousClock(), times: options.clock)
  }

  /// Runs a stage's loop between its edges, until the loop ends.
  ///
  /// - Parameters:
  ///   - covered: is done when the input was let go of at a barrier.
  ///   - mayBeSaved: see ``SnapshotLoop/mayBeSaved``.
  ///   - saved: see ``SnapshotLoop/saved``.
  ///   - prepare: is done before anything goes out.
  ///   - loop: the stage; ends with its input.
  func between(
    _ readers: [RedisEdgeReader], _ writers: [RedisEdgeWriter], snapshots: StageSnapshots?,
    trim: @escaping @Sendable (CheckpointManifest) throws -> Void = { _ in },
    force: @escaping @Sendable (CheckpointManifest) throws -> Void = { _ in },
    covered: @escaping @Sendable () async -> Void = {},
    mayBeSaved: @escaping @Sendable (UInt64) async throws -> Bool = { _ in true },
    saved: @escaping @Sendable (UInt64?) async -> Void = { _ in },
    prepare: (@Sendable () async throws -> Void)? = nil, loop: @escaping @Sendable () async throws -> Void
  ) async throws {
    edges.use(readers)
    edges.opened()
    hold(true)
    defer { hold(false) }
    let saving = SnapshotLoop(
      mailbox: edges.checkpoints, snapshots: snapshots, writers: writers, readers: readers, cuts: cuts,
      board: board, journal: origin, logger: options.logger, wall: options.clock.wall, trim: trim,
      force: force, step: step, mayBeSaved: mayBeSaved, saved: saved, afterCover: covered)
    do {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for writer in writers {
          group.addTask {
            try await writer.maintain()
            return false
          }
        }
        for reader in readers {
          group.addTask {
            do {
              try await reader.run(
                into: self.edges.input, isFeedback: reader.stream == .feedback, step: self.step)
            } catch is MailboxClosed {}
            return false
          }
        }
        group.addTask {
          while !Task.isCancelled {
            try? await Task.sleep(for: Self.lookInterval)
            guard self.edges.checkpoints.backlog == 0 else { continue }
            do { try await self.edges.checkpoints.send(.look, weight: 1) } catch { break }
          }
          return false
        }
        if !readers.isEmpty {
          group.addTask {
            await self.controls.stopped()
            self.edges.input.close()
            return false
          }
        }
        group.addTask {
          try await self.chain(writers, saving, prepare, loop)
          return true
        }
        defer { group.cancelAll() }
        do {
          while let isDone = try await group.next() { if isDone { break } }
        } catch {
          edges.close()
          throw error
        }
      }
    } catch {
      await leave(writers)
      throw error
    }
    await leave(writers)
  }

  /// The stage, then what it has sent, then its last snapshot.
  private func chain(
    _ writers: [RedisEdgeWriter], _ saving: SnapshotLoop, _ prepare: (@Sendable () async throws -> Void)?,
    _ loop: @escaping @Sendable () async throws -> Void
  ) async throws {
    async let saved: Void = saving.run()
    do {
      let sending = writers.map { writer in
        { @Sendable [edges, step] in
          try await writer.run(
            from: writer.stream == .feedback ? edges.feedback : edges.output, prepare: prepare, step: step)
        }
      }
      try await together(
        sending + [
          { [edges] in
            try await loop()
            edges.output.close()
            edges.feedback.close()
          }
        ], closing: edges.close)
    } catch {
      // The last snapshot may wait for what nobody sends any more: leaving ends it.
      edges.close()
      throw error
    }
    edges.checkpoints.close()
    await saved
  }
}
