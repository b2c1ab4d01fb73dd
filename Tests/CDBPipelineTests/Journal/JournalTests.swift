import CDBDomain
import DurableQueue
import Foundation
import Testing

@testable import CDBPipeline

@Suite("journal")
struct JournalTests {
  @Test("records come back with kind, source, time and payload, under ascending numbers")
  func roundTrip() async throws {
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      var scratch = RecordBatch()
      var batch = IngestBatch()
      batch.append(.control, time: at(1), payload: [1, 2, 3])
      batch.append(.frame, source: 65_535, time: at(.max), payload: Array("frame".utf8))
      batch.append(.tick, time: at(-5))
      try journal.append(&batch, using: &scratch)
      #expect(batch.firstSequence == 1)
      #expect(journal.lastSequence == 3)
      let read = try journal.reader(from: 1).read(maximum: 10)
      #expect(read.records == batch.records)
      #expect(read.bytes == batch.bytes)
      #expect(read.firstSequence == 1)
      #expect(try journal.lastTime() == at(-5))
      #expect(try journal.lastSource() == 65_535)
    }
  }

  @Test("a record that is not one is an error with its number")
  func malformed() async throws {
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      var batch = RecordBatch()
      batch.append([9, 9])
      _ = try journal.queue.append(batch)
      let error = #expect(throws: JournalError.self) { try journal.reader(from: 1).read(maximum: 1) }
      #expect(error?.description.contains("journal record 1") == true)
    }
  }

  @Test("the identity follows from the first record, and outlives it")
  func identity() async throws {
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      #expect(journal.identity == 0)
      var scratch = RecordBatch()
      var batch = IngestBatch()
      batch.append(.control, time: at(1), payload: [1, 2, 3])
      try journal.append(&batch, using: &scratch)
      #expect(journal.identity != 0)
      let first = journal.identity
      journal.adopt(identity: 42)
      #expect(journal.identity == 42 && first != 42)
    }
  }

  @Test("who asks for the last time and source passes over records at the end that are gone")
  func goneEnd() async throws {
    try await withTemporaryDirectory { directory in
      var journal: Journal? = try Journal(
        directory: directory, options: DurableQueueOptions(segmentBytes: 4_096))
      var scratch = RecordBatch()
      func append(_ number: Int64) throws {
        var batch = IngestBatch()
        batch.append(.frame, source: 7, time: at(number), payload: [UInt8](repeating: 1, count: 200))
        try journal?.append(&batch, using: &scratch)
      }
      for number in 1...100 { try append(Int64(number)) }
      let newest = try FileManager.default.contentsOfDirectory(atPath: directory).filter {
        $0.hasSuffix(".seg")
      }
      .max()
      try FileManager.default.removeItem(atPath: directory + "/" + (try #require(newest)))
      #expect(throws: (any Error).self) { try append(101) }
      journal?.queue.close()
      journal = nil
      let again = try Journal(directory: directory, options: DurableQueueOptions(segmentBytes: 4_096))
      #expect(again.lastSequence == 100)
      let last = try #require(try again.lastTime())
      #expect(last > at(50) && last < at(100))
      #expect(try again.lastSource() == 7)
    }
  }
}
