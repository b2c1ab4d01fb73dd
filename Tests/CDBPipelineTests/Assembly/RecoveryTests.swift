import CDBDomain
@testable import CDBPipeline
import DurableQueue
import Foundation
import Testing

@Suite("recovery", .timeLimit(.minutes(10)))
struct RecoveryTests {
  private static let frames = 8_000

  /// One run for all tests that are held against it.
  private static let whole = Task {
    try await withTemporaryDirectory {
      try await run(MemorySource(try MemorySource.market(frames: frames)), in: $0).digest
    }
  }

  private func uninterrupted() async throws -> String { try await Self.whole.value }

  @Test(
    "stopped in the middle and opened again, it ends as if it had not been",
    arguments: [1, 900, 4_001, 7_999])
  func stopped(after: Int) async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(after))), in: directory, batch: 64)
      let outcome = try await run(MemorySource(frames), in: directory, batch: 100)
      #expect(outcome.digest == expected)
      #expect(outcome.status.framesInTotal == UInt64(Self.frames))
      #expect(outcome.status.flow?.isBalanced == true)
    }
  }

  @Test(
    "cancelled at any moment and opened again, as often as you like, it ends the same",
    arguments: 1...(Soak.isOn ? 8 : 3))
  func cancelled(seed: Int) async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      var random = SeededGenerator(seed: UInt64(seed))
      let frames = try MemorySource.market(frames: Self.frames)
      for _ in 0..<6 {
        let victim = Int.random(in: 0..<Self.frames, using: &random)
        let task = Task {
          var source = MemorySource(frames)
          source.onProgress = { position in
            if position >= victim { withUnsafeCurrentTask { $0?.cancel() } }
          }
          return try await run(source, in: directory, batch: 50, barrierRecords: 700)
        }
        _ = try await task.value
      }
      let outcome = try await run(MemorySource(frames), in: directory, batch: 333)
      #expect(outcome.digest == expected)
      #expect(outcome.status.flow?.isBalanced == true)
    }
  }

  @Test("after an end in order it goes on from the last record, and calls that end planned")
  func plannedEnd() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 2_000)
      let first = try await run(MemorySource(Array(frames.prefix(1_000))), in: directory)
      #expect(first.status.resumption == nil)
      let second = try #require(try await run(MemorySource(frames), in: directory).status.resumption)
      #expect(second.previousEnd == .planned)
      #expect(second.recordsAgain == 0 && second.sequence > 1_000 && second.barrier != nil)
      // By a stop, too, and where nothing came since the last barrier.
      let stopped = try await run(MemorySource(frames), in: directory, whileRunning: { $0.controls.stop() })
      #expect(stopped.status.resumption?.previousEnd == .planned)
      let again = try #require(try await run(MemorySource(frames), in: directory).status.resumption)
      #expect(again.previousEnd == .planned)
      let made = try #require(again.checkpointedAt)
      let text = again.text(at: made.advanced(by: 5_000_000_000), in: .en)
      #expect(
        text.hasPrefix(
          "from checkpoint \(again.barrier ?? 0) of 5 s ago, at record \(again.sequence); nothing"))
      #expect(text.hasSuffix("; the run before was stopped in order (planned)"))
    }
  }

  @Test("after a death it says how much of the journal it reads again, and calls that end unplanned")
  func unplannedEnd() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      let task = Task {
        var source = MemorySource(frames)
        source.onProgress = { if $0 >= 6_000 { withUnsafeCurrentTask { $0?.cancel() } } }
        return try await run(source, in: directory, batch: 50, barrierRecords: 700)
      }
      _ = try await task.value
      let resumption = try #require(try await run(MemorySource(frames), in: directory).status.resumption)
      #expect(resumption.previousEnd == .unplanned)
      #expect(resumption.recordsAgain > 0)
      #expect(
        resumption.text(at: ProcessClock.wall(), in: .de).contains(
          "; \(resumption.recordsAgain) Sätze des Journals werden erneut gelesen; "))
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      let bare = try #require(try await run(MemorySource(frames), in: directory).status.resumption)
      #expect(bare.previousEnd == .unplanned && bare.barrier == nil && bare.sequence == 0)
      #expect(bare.recordsAgain > UInt64(Self.frames))
    }
  }

  @Test("a checkpoint that cannot be read is named, and an older one or the journal does")
  func corruptCheckpoint() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(6_000))), in: directory, barrierRecords: 1_000)
      let folder = directory + "/checkpoints"
      let newest = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder).max {
          (Int($0.dropFirst(8)) ?? 0) < (Int($1.dropFirst(8)) ?? 0)
        })
      try Data("torn".utf8).write(to: URL(filePath: "\(folder)/\(newest)/core.json"))
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.digest == expected)
      #expect(outcome.status.notices.contains { $0.contains("\(newest)/core.json") })
    }
  }

  @Test("without any checkpoint the journal alone rebuilds everything, and nothing is written twice")
  func journalOnly() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(6_000))), in: directory)
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.digest == expected)
      #expect(outcome.status.stage(.dbWriter).map { $0.total.redeliveries > 0 } == true)
    }
  }

  @Test("a store that is behind its checkpoints is rebuilt from the journal, and that is said")
  func storeGone() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(6_000))), in: directory)
      for file in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
        try? FileManager.default.removeItem(atPath: "\(directory)/\(file)")
      }
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.digest == expected)
      #expect(outcome.status.notices.contains { $0.contains("going back") })
    }
  }

  @Test(
    "built again from the journal, it keeps checkpoints from then on, and no more of the journal goes than these cover"
  )
  func checkpointsAfterTheStoreWasGone() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      func loseStore() {
        for file in ["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
          try? FileManager.default.removeItem(atPath: "\(directory)/\(file)")
        }
      }
      func shortens(_ options: inout PipelineOptions) {
        options.journal.segmentBytes = 65_536
        options.journalRetention = 131_072
      }
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(6_000))), in: directory, barrierRecords: 300) {
        $0.journal.segmentBytes = 65_536
      }
      let checkpoints = try CheckpointStore(directory: directory + "/checkpoints")
      let before = try #require(checkpoints.barriers().last)
      loseStore()
      // Fewer barriers than before: theirs would be the lower numbers.
      _ = try await run(
        MemorySource(Array(frames.prefix(7_000))), in: directory, barrierRecords: 2_000, shortens)
      let kept = checkpoints.barriers()
      #expect(
        kept.count == CheckpointStore.kept && kept.allSatisfy { $0 > before }, "\(kept), above \(before)")
      let needed = try kept.map { try checkpoints.manifest(of: $0).journalSequence }
      do {
        let journal = try Journal(directory: directory + "/journal", options: DurableQueueOptions())
        defer { journal.queue.close() }
        let first = journal.queue.statistics.firstSequence
        #expect(first > 1, "it was shortened")
        #expect(
          needed.allSatisfy { $0 + 1 >= first }, "from \(first) on, and the checkpoints are at \(needed)")
      }
      let outcome = try await run(MemorySource(frames), in: directory, barrierRecords: 2_000, shortens)
      #expect(outcome.digest == expected)
      #expect(outcome.status.resumption?.previousEnd == .planned)
      #expect(outcome.status.resumption?.barrier == kept.last)
      // Now what came before is nowhere but in the store.
      loseStore()
      let error = await #expect(throws: PipelineError.self) {
        _ = try await run(MemorySource(frames), in: directory, shortens)
      }
      #expect(
        error.map { "\($0)" }?.contains("begins at record") == true, "\(error.map { "\($0)" } ?? "nothing")")
    }
  }

  @Test("a flipped byte in the journal is found and named; the pipeline does not go on without the record")
  func flippedByte() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 4_000)
      _ = try await run(MemorySource(frames), in: directory, barrierRecords: .max)
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory + "/journal").first {
          $0.hasSuffix(".seg")
        })
      let path = "\(directory)/journal/\(segment)"
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[bytes.count / 2] ^= 0x10
      try bytes.write(to: URL(filePath: path))

      let error = await #expect(throws: (any Error).self) {
        try await run(MemorySource(frames), in: directory)
      }
      #expect("\(try #require(error))".contains(segment))
    }
  }

  @Test("a damaged record that a checkpoint covers does not keep the pipeline from going on")
  func coveredDamage() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(2_000))), in: directory)
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory + "/journal").first {
          $0.hasSuffix(".seg")
        })
      let path = "\(directory)/journal/\(segment)"
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[bytes.count / 4] ^= 0x10
      try bytes.write(to: URL(filePath: path))
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.digest == expected)
      #expect(outcome.status.notices.contains { $0.contains(segment) })
      let journal = try Journal(directory: directory + "/journal", options: DurableQueueOptions())
      #expect(try journal.lastSource() != nil)
      journal.queue.close()
    }
  }

  @Test("a torn tail is named, and what is whole goes on to the same end")
  func tornTail() async throws {
    let expected = try await uninterrupted()
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: Self.frames)
      _ = try await run(MemorySource(Array(frames.prefix(3_000))), in: directory)
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory + "/journal").first {
          $0.hasSuffix(".seg")
        })
      // The head of a record whose rest never came.
      let handle = try FileHandle(forWritingTo: URL(filePath: "\(directory)/journal/\(segment)"))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([0x40, 1, 0, 0, 9, 9, 9]))
      try handle.close()
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.digest == expected)
      #expect(outcome.status.notices.contains { $0.contains(segment) })
    }
  }

  @Test("case 5: a journal that ends before what the store acted on is refused, with both numbers")
  func journalBehind() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 6_000)
      _ = try await run(MemorySource(frames), in: directory + "/long")
      _ = try await run(MemorySource(Array(frames.prefix(100))), in: directory + "/short")
      try FileManager.default.removeItem(atPath: directory + "/short/store.sqlite")
      try FileManager.default.copyItem(
        atPath: directory + "/long/store.sqlite", toPath: directory + "/short/store.sqlite")
      let error = await #expect(throws: PipelineError.self) {
        try await run(MemorySource(frames), in: directory + "/short")
      }
      #expect(error?.description.contains("records were lost") == true)
    }
  }

  @Test("a damaged end from which a checkpoint follows is refused, and nothing of it is cut off")
  func damagedEnd() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 400)
      _ = try await run(MemorySource(frames), in: directory)
      let journal = directory + "/journal"
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".seg") }.max())
      let file = URL(filePath: journal + "/" + segment)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 3] ^= 0x10
      try bytes.write(to: file)
      let error = await #expect(throws: PipelineError.self) {
        try await run(MemorySource(frames), in: directory)
      }
      #expect(error?.description.contains("Nothing was changed") == true, "\(String(describing: error))")
      #expect(try Data(contentsOf: file) == bytes)
    }
  }

  @Test("a directory with a history of other instruments is refused by name")
  func otherInstruments() async throws {
    try await withTemporaryDirectory { directory in
      _ = try await run(MemorySource(try MemorySource.market(frames: 100)), in: directory)
      let error = await #expect(throws: PipelineError.self) {
        try await run(MemorySource([]), in: directory, configuration: try Fixture.configuration(["BTCUSDT"]))
      }
      #expect(error?.description.contains("BTCUSDT, ETHUSDT") == true)
    }
  }

  @Test("a second opener of the same directory is refused")
  func locked() async throws {
    try await withTemporaryDirectory { directory in
      let options = PipelineOptions(
        dataDirectory: directory, configuration: try Fixture.configuration(), logger: Fixture.quiet)
      let first = try await Pipeline(options: options, matching: BookMatching())
      await #expect(throws: DurableQueueError.self) {
        _ = try await Pipeline(options: options, matching: BookMatching())
      }
      first.journal.queue.close()
    }
  }
}
