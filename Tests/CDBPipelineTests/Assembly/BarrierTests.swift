import CDBDomain
import CDBPipeline
import Foundation
import Synchronization
import Testing

@Suite("barriers of a whole pipeline", .timeLimit(.minutes(10)))
struct BarrierTests {
  @Test("a barrier that passes while the journal is worked off again balances, though the store is ahead")
  func storeAhead() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 6_000)
      let before = try await run(MemorySource(frames), in: directory)
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      let log = LogRecorder()
      let again = try await run(MemorySource(frames), in: directory, barrierRecords: 400) {
        $0.logger = log.logger
      }
      #expect(again.digest == before.digest)
      #expect(again.status.stage(.dbWriter).map { $0.total.redeliveries > 0 } == true)
      #expect(!log.reasons.contains("flow_imbalance"))
      #expect((again.status.checkpoint?.barrier ?? 0) > 10)
    }
  }

  @Test("a configuration counts as in force once it is journaled, not because it was asked for")
  func fingerprintInForce() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 4_000)
      _ = try await run(MemorySource(Array(frames.prefix(3_000))), in: directory)
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      var stricter = try Fixture.configuration()
      stricter.risk.maximumPosition = Ratio(basisPoints: 500)

      // Opened with the new configuration, it works the journal off again, makes checkpoints of that, and
      // ends before it has journaled anything.
      let board = Mutex<PipelineBoard?>(nil)
      var source = MemorySource(frames)
      source.onProgress = { _ in
        let deadline = ContinuousClock.now + .seconds(300)
        while board.withLock({ $0?.status().checkpoint }) == nil, ContinuousClock.now < deadline {
          await Task.yield()
        }
        withUnsafeCurrentTask { $0?.cancel() }
      }
      let interrupted = try await run(
        source, in: directory, configuration: stricter, barrierRecords: 500
      ) { _ in
      } whileRunning: { pipeline in
        board.withLock { $0 = pipeline.board }
      }
      board.withLock { $0 = nil }
      #expect(interrupted.status.checkpoint != nil)
      #expect(interrupted.totals.rows["controls"] == 1)

      let outcome = try await run(MemorySource(frames), in: directory, configuration: stricter)
      #expect(outcome.totals.rows["controls"] == 2)
    }
  }

  @Test("a stop at any moment leaves a checkpoint of all that was accepted", arguments: 1...6)
  func stopAnywhere(seed: Int) async throws {
    try await withTemporaryDirectory { directory in
      var random = SeededGenerator(seed: UInt64(seed))
      let frames = try MemorySource.market(frames: 10_000)
      let sequence = UInt64.random(in: 1...8_000, using: &random)
      let end = Mutex<UInt64>(0)
      let outcome = try await run(MemorySource(frames), in: directory, batch: 1_500) { _ in
      } whileRunning: { pipeline in
        let deadline = ContinuousClock.now + .seconds(300)
        while pipeline.board.monitors[.ws]?.status.sinceStart.received ?? 0 < sequence,
          ContinuousClock.now < deadline
        { await Task.yield() }
        pipeline.controls.stop()
        while pipeline.board.status().stage(.dbWriter)?.lastBarrierWall == nil,
          ContinuousClock.now < deadline
        { await Task.yield() }
        end.withLock { $0 = pipeline.journal.lastSequence }
      }
      let checkpoint = try #require(outcome.status.checkpoint)
      #expect(checkpoint.journalSequence == end.withLock { $0 })
    }
  }
}
