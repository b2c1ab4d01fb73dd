import CDBDomain
import DurableQueue
import OpenMetrics
import Testing

@testable import CDBPipeline

/// Does with an event what its price asks for: goes on twice, is absorbed, or is dropped.
private struct SortingStage: Stage {
  static let name = StageName.core

  mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    guard case .quote(let quote) = event else { return .dropped(.unexpectedEvent) }
    switch quote.updateID {
    case 0:
      outbox.emit(event)
      outbox.emit(.tick)
      return .acted
    case 1: return .absorbed(.marketState)
    default: return .dropped(.absurdPrice)
    }
  }
}

@Suite("the runner of a stage")
struct StageRunnerTests {
  /// A runner of two partitions, over a journal that nothing is written to.
  private static func withRunner(
    instrumentation: Instrumentation = .all, registry: MetricRegistry? = nil,
    _ body: (inout StageRunner<SortingStage>, StageMonitor) throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let monitor = StageMonitor(stage: .core, thresholds: HealthThresholds())
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      defer { journal.queue.close() }
      var runner = StageRunner(
        snapshot: StageSnapshot(stages: [SortingStage(), SortingStage()], outputs: 2), output: .signals,
        monitor: monitor,
        observer: try StageObserver(
          stage: .core, registry: registry, logger: nil, journal: journal,
          board: PipelineBoard(thresholds: HealthThresholds(), startedAt: at(1)),
          instruments: try Fixture.catalogue()),
        instrumentation: instrumentation)
      runner.begin(backlog: 0)
      try body(&runner, monitor)
    }
  }

  private static func batch(_ kinds: [Int64], first: UInt64 = 1, partition: UInt16 = 0) -> Batch {
    var batch = ticks(kinds, first: first, partition: partition, stream: .marketData)
    batch.envelopes = kinds.enumerated().map { index, kind in
      var quote = Make.quote(InstrumentID(partition))
      quote.updateID = kind
      return Envelope(time: at(Int64(index)), origin: UInt64(100 + index), event: .quote(quote))
    }
    return batch
  }

  @Test("each event is booked once, under what became of it and why; what was accepted before apart from it")
  func accounting() async throws {
    try await Self.withRunner { runner, monitor in
      runner.run(Self.batch([0, 0, 1, 2, 2, 2, 0]), skipping: 1)
      runner.finish(inFlight: 0)
      let ledger = monitor.ledger
      #expect(ledger.received == 6)
      #expect(ledger.redeliveries == 1)
      #expect(ledger.acted == 2)
      #expect(ledger.absorbed[.marketState] == 1)
      #expect(ledger.dropped[.absurdPrice] == 3)
      #expect(ledger.accountedFor == ledger.received)
      #expect(ledger.receivedByKind[.quote] == 6)
      #expect(ledger.emittedByKind[.quote] == 2)
      #expect(ledger.emittedByKind[.tick] == 2)
    }
  }

  @Test("what is emitted is numbered without gaps, partition by partition, with the cause of its input")
  func numbering() async throws {
    try await Self.withRunner { runner, _ in
      var next: [UInt64] = [1, 1]
      for round in 0..<5 {
        for partition in 0..<2 {
          runner.run(Self.batch([0, 1, Int64(round % 2)], partition: UInt16(partition)), skipping: 0)
          runner.finish(inFlight: 0)
          let taken = runner.takeBatch(lane: partition, watermark: at(9), marker: nil, evenIfEmpty: true)
          let batch = try #require(taken)
          #expect(batch.firstSequence == next[partition])
          #expect(batch.envelopes.count == (round % 2 == 0 ? 4 : 2))
          #expect(batch.envelopes.first?.origin == 100)
          next[partition] = batch.lastSequence + 1
        }
      }
      let marked = runner.takeBatch(lane: 0, watermark: at(9), marker: .end, evenIfEmpty: false)
      let empty = try #require(marked)
      #expect(empty.envelopes.isEmpty)
      #expect(empty.firstSequence == next[0])
      let nothing = runner.takeBatch(lane: 0, watermark: at(9), marker: nil, evenIfEmpty: false)
      #expect(nothing == nil)
    }
  }

  @Test("a cut says what was accepted and emitted up to it, and carries the books")
  func cut() async throws {
    try await Self.withRunner { runner, monitor in
      runner.run(Self.batch([0, 1, 2]), skipping: 0)
      runner.finish(inFlight: 0)
      let part = try runner.cut(barrier: 7, watermark: at(3), accepted: [.marketData: [3, 0]])
      #expect(part.cut.barrier == 7)
      #expect(part.cut.accepted == [.marketData: [3, 0]])
      #expect(part.cut.emitted == [.signals: [2, 0]])
      #expect(part.cut.ledger == monitor.ledger)
      #expect(monitor.status.lastBarrierWall != nil)
    }
  }

  @Test("without the ledger nothing is booked, and everything is emitted all the same")
  func withoutLedger() async throws {
    try await Self.withRunner(instrumentation: []) { runner, monitor in
      runner.run(Self.batch([0, 0]), skipping: 0)
      runner.finish(inFlight: 0)
      #expect(monitor.ledger == NodeLedger())
      let batch = runner.takeBatch(lane: 0, watermark: at(9), marker: nil, evenIfEmpty: false)
      #expect(batch?.lastSequence == 4)
    }
  }

  @Test("an age is never negative, however long the feed says that an event was under way")
  func age() async throws {
    let registry = MetricRegistry()
    try await Self.withRunner(registry: registry) { runner, _ in
      var batch = Self.batch([0])
      batch.feedDelay = .max
      runner.run(batch, skipping: 0)
      runner.finish(inFlight: 0)
    }
    let name = PipelineMetrics.age.name
    let values = registry.snapshot(names: [name]).flatMap(\.metrics).flatMap(\.points).map(\.value)
    guard case .histogram(let histogram)? = values.first else {
      Issue.record("no histogram \(name)")
      return
    }
    #expect(histogram.sum.map { $0.doubleValue > 9e9 } == true)
  }
}
