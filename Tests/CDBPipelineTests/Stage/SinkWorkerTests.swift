import CDBDomain
import DurableQueue
import OpenMetrics
import Testing

@testable import CDBPipeline

@Suite("db_writer between two commits")
struct SinkWorkerTests {
  private static func batch(_ first: UInt64, rows: Int, ingestedAt: UInt64) -> Batch {
    var batch = ticks([], first: first, stream: .orderResults)
    batch.envelopes = (0..<rows).map { _ in
      Envelope(time: at(1), origin: 1, event: .quote(Make.quote(InstrumentID(0))))
    }
    batch.envelopes.append(Envelope(time: at(1), origin: 1, event: .tick))
    batch.ingestedAt = ingestedAt
    return batch
  }

  @Test("a row's age is counted when it is committed, each row once, and none that came a second time")
  func age() async throws {
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      defer { journal.queue.close() }
      let registry = MetricRegistry()
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: at(1))
      let runner = StageRunner(
        snapshot: StageSnapshot(stages: [DBWriterStage()], outputs: 0), output: nil,
        monitor: board.monitor(.dbWriter),
        observer: try StageObserver(
          stage: .dbWriter, registry: registry, logger: nil, journal: journal, board: board,
          instruments: try Fixture.catalogue()),
        instrumentation: .all)
      let age = try registry.histogram(PipelineMetrics.rowAge).labels()
      var worker = SinkWorker(
        runner, position: SinkPosition(), age: age)
      func shown() -> (count: Double, sum: Double) {
        let values = registry.snapshot(names: [PipelineMetrics.rowAge.name]).flatMap(\.metrics).flatMap(
          \.points)
        guard case .histogram(let point)? = values.first?.value else { return (0, 0) }
        return (point.count.doubleValue, point.sum?.doubleValue ?? 0)
      }
      let second: UInt64 = 1_000_000_000
      _ = try worker.take([Self.batch(1, rows: 2, ingestedAt: 10 * second)], backlog: 0)
      _ = try worker.take([Self.batch(4, rows: 1, ingestedAt: 12 * second)], backlog: 0)
      #expect(shown().count == 0, "nothing is committed")
      worker.committed(at: 13 * second)
      #expect(shown() == (3, 2 * 3 + 1))
      // The same again, and one more.
      _ = try worker.take([Self.batch(1, rows: 2, ingestedAt: 20 * second)], backlog: 0)
      _ = try worker.take([Self.batch(6, rows: 1, ingestedAt: 21 * second)], backlog: 0)
      worker.committed(at: 21 * second + second / 2)
      #expect(shown() == (4, 7.5))
      // A clock that is behind, as of another machine, counts nothing.
      _ = try worker.take([Self.batch(8, rows: 1, ingestedAt: 40 * second)], backlog: 0)
      worker.committed(at: 30 * second)
      #expect(shown().count == 4)
    }
  }
}
