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
}
