import CDBDomain
@testable import CDBPipeline
import Foundation
import Testing

@Suite("Damage of the journal that nothing needs", .timeLimit(.minutes(2)))
struct JournalDamageTests {
  @Test("it is told while it is there, at later starts too, and no longer once the file is whole again")
  func lasting() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 4_000)
      let first = try await run(MemorySource(Array(frames.prefix(2_000))), in: directory)
      #expect(first.status.journalDamage.isEmpty)
      let record = directory + "/" + DamageRecord.fileName
      #expect(!FileManager.default.fileExists(atPath: record))
      let segment = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory + "/journal").first {
          $0.hasSuffix(".seg")
        })
      let file = URL(filePath: "\(directory)/journal/\(segment)")
      let whole = try Data(contentsOf: file)
      var bytes = whole
      bytes[bytes.count / 4] ^= 0x10
      try bytes.write(to: file)

      let damaged = try await run(MemorySource(Array(frames.prefix(3_000))), in: directory).status
      let part = try #require(damaged.journalDamage.first)
      #expect(part.file == segment && part.offset > 0 && part.offset <= bytes.count / 4)
      #expect(part.firstLost ?? 0 > 0 && !part.reason.isEmpty)

      // By now the queue goes on in another file, and reads this one no more.
      let later = try await run(MemorySource(Array(frames.prefix(3_500))), in: directory).status
      #expect(later.journalDamage == damaged.journalDamage)

      try whole.write(to: file)
      let mended = try await run(MemorySource(frames), in: directory).status
      #expect(mended.journalDamage.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: record))
    }
  }

  @Test("a record of it that is none keeps nothing from starting, and tells nothing")
  func strangeRecord() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 200)
      try Data("[{\"file\": 7}]".utf8).write(to: URL(filePath: directory + "/" + DamageRecord.fileName))
      let outcome = try await run(MemorySource(frames), in: directory)
      #expect(outcome.status.journalDamage.isEmpty)
    }
  }

  @Test("what is trimmed away with the journal's beginning is no damage any more")
  func trimmed() {
    let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: EventTime(nanoseconds: 1))
    func part(_ lost: ClosedRange<UInt64>?) -> JournalDamage {
      JournalDamage(
        file: "a.seg", offset: 64, bytes: 9, reason: "damaged", firstLost: lost?.lowerBound,
        lastLost: lost?.upperBound)
    }
    board.damaged([part(5...7), part(20...20), part(nil)])
    board.journalBegins(at: 7)
    #expect(board.status().journalDamage.count == 3)
    board.journalBegins(at: 8)
    #expect(board.status().journalDamage == [part(20...20), part(nil)])
  }
}
