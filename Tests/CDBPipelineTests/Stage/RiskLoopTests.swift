import CDBDomain
import DurableQueue
import Testing

@testable import CDBPipeline

@Suite("the loop of risk", .timeLimit(.minutes(10)))
struct RiskLoopTests {
  private static let millisecond: Int64 = 1_000_000

  /// Risk with one order at the exchange that arrived long ago, at a barrier at 1 s.
  private static func snapshot() throws -> (snapshot: StageSnapshot<RiskStage>, order: Order) {
    var stage = RiskStage(configuration: try Fixture.configuration())
    var outbox = Outbox(producer: .risk, sequences: [0], feedback: 0)
    for (time, event) in [(1, .quote(Make.quote())), (2, .signal(Make.signal()))] as [(Int64, Event)] {
      outbox.time = at(time)
      _ = stage.handle(event, &outbox)
    }
    let order = outbox.lanes[0].envelopes.compactMap { envelope -> Order? in
      if case .order(let order) = envelope.event { order } else { nil }
    }.first
    var snapshot = StageSnapshot(stages: [stage], outputs: 1)
    snapshot.accepted = [.signals: [2], .feedback: [0]]
    snapshot.emitted = [outbox.lanes[0].sequence]
    snapshot.watermark = at(1_000 * millisecond)
    return (snapshot, try #require(order))
  }

  private static func batch(
    _ stream: StreamName, _ events: [(Int64, Event)], first: UInt64, watermark: Int64, marker: Marker? = nil
  ) -> Batch {
    Batch(
      stream: stream, partition: 0, firstSequence: first,
      envelopes: events.map { Envelope(time: at($0.0), origin: 1, event: $0.1) }, watermark: at(watermark),
      marker: marker, ingestedAt: 0, feedDelay: 0)
  }

  @Test("after a restart it decides nothing that could depend on an answer it has not been given again")
  func restart() async throws {
    let (snapshot, order) = try Self.snapshot()
    let ms = Self.millisecond
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      defer { journal.queue.close() }
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: at(0))
      let (input, output) = (Mailbox<[Batch]>(capacity: 64), Mailbox<[Batch]>(capacity: 64))
      let runner = StageRunner(
        snapshot: snapshot, output: .orders, monitor: board.monitor(.risk),
        observer: try StageObserver(
          stage: .risk, registry: nil, logger: nil, journal: journal, board: board,
          instruments: try Fixture.catalogue()),
        instrumentation: .all)
      let loop = RiskLoop(input: input, output: output, checkpoints: Mailbox(capacity: 64))
      let worker = RiskWorker(runner, snapshot: snapshot, partitions: 1, board: board)
      // A signal comes 5 ms after the barrier, and execution's first word later still.
      try await input.send(
        [
          Self.batch(
            .signals, [(1_005 * ms, .signal(Make.signal(2)))], first: 3, watermark: 1_005 * ms,
            marker: .end)
        ], weight: 1)
      async let running: Void = loop.run(worker)
      let deadline = ContinuousClock.now + .seconds(300)
      while input.backlog > 0, ContinuousClock.now < deadline { await Task.yield() }
      #expect(input.backlog == 0)
      input.sendPriority([
        Self.batch(
          .feedback, [(1_002 * ms, .result(Make.result(1, of: order.id, .filled, at: 1_002 * ms)))], first: 1,
          watermark: 1_000 * ms)
      ])
      // It may wait for execution's word on the time since.
      input.sendPriority([Self.batch(.feedback, [], first: 2, watermark: 1_005 * ms)])
      try await running
      var decisions: [RiskDecision] = []
      while let batches = output.poll() {
        for envelope in batches.flatMap(\.envelopes) {
          if case .decision(let decision) = envelope.event { decisions.append(decision) }
        }
      }
      // The order was filled 3 ms before: the next signal finds none open.
      #expect(decisions.map(\.reason) == [.none])
    }
  }

  /// Core was away for a while: what then comes at once has more barriers than snapshots may wait.
  @Test(
    "a round with more barriers than snapshots may wait gives its events away before it waits for a snapshot")
  func manyBarriers() async throws {
    let count = 200
    let ms = Self.millisecond
    let configuration = try Fixture.configuration()
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      defer { journal.queue.close() }
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: at(0))
      let (input, output) = (Mailbox<[Batch]>(capacity: .max), Mailbox<[Batch]>(capacity: 64))
      let checkpoints = Mailbox<CheckpointMessage>(capacity: 64)
      let snapshot = StageSnapshot(stages: [RiskStage(configuration: configuration)], outputs: 1)
      let runner = StageRunner(
        snapshot: snapshot, output: .orders, monitor: board.monitor(.risk),
        observer: try StageObserver(
          stage: .risk, registry: nil, logger: nil, journal: journal, board: board,
          instruments: try Fixture.catalogue()),
        instrumentation: .all)
      for number in 1...count {
        let time = Int64(number) * ms
        try await input.send(
          [Self.batch(.signals, [(time, .quote(Make.quote()))], first: UInt64(number), watermark: time)],
          weight: 1)
        try await input.send(
          [
            Self.batch(
              .signals, [], first: UInt64(number) + 1, watermark: time, marker: .barrier(UInt64(number)))
          ], weight: 1)
      }
      try await input.send(
        [Self.batch(.signals, [], first: UInt64(count) + 1, watermark: .max, marker: .end)], weight: 1)
      let loop = RiskLoop(input: input, output: output, checkpoints: checkpoints)
      let worker = RiskWorker(runner, snapshot: snapshot, partitions: 1, board: board)
      let passed = try await withThrowingTaskGroup(of: [UInt64]?.self) { group in
        group.addTask {
          try await loop.run(worker)
          output.close()
          checkpoints.close()
          return nil
        }
        group.addTask {
          // Nothing holds up a snapshot but events that the bus has not.
          var emitted: UInt64 = 0
          var passed: [UInt64] = []
          while case .stage(let part)? = await checkpoints.receive() {
            let wanted = part.cut.emitted[.orders]?.first ?? 0
            while emitted < wanted, let batches = await output.receive() {
              emitted = max(emitted, batches.map(\.lastSequence).max() ?? 0)
            }
            if emitted >= wanted { passed.append(part.cut.barrier) }
          }
          return passed
        }
        group.addTask {
          // Who waits for one another would do so for ever.
          try await Task.sleep(for: .seconds(60))
          for mailbox in [input, output] { mailbox.close() }
          checkpoints.close()
          return nil
        }
        while let result = try await group.next() {
          guard let result else { continue }
          group.cancelAll()
          return result
        }
        return []
      }
      #expect(passed == (1...UInt64(count)).map { $0 })
    }
  }
}
