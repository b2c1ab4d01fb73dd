import CDBDomain
import RedisTransport
import Testing

@testable import CDBPipeline

@Suite("What a consumer takes from a stream")
struct EdgeIntakeTests {
  private func intake(_ sequence: UInt64 = 0, barrier: UInt64 = 0) -> EdgeIntake {
    EdgeIntake(
      stream: .orders, start: EdgeStart(partition: 0, sequence: sequence, barrier: barrier), key: "k")
  }

  private func entry(_ id: String, _ batch: Batch) throws -> RedisValue {
    .array([
      .bytes(Array(id.utf8)), .array([.bytes(Array("b".utf8)), .bytes(try BatchCoding.encode(batch))]),
    ])
  }

  private func orders(_ times: [Int64], first: UInt64, marker: Marker? = nil) -> Batch {
    ticks(times, first: first, watermark: 9, marker: marker, stream: .orders)
  }

  @Test("the next entry is taken, one across the position too, and one beyond it names what is missing")
  func next() throws {
    var intake = intake(4)
    #expect(intake.position == EntryID(sequence: 4))
    #expect(try intake.take(entry("6-0", orders([1, 2], first: 5)), times: .process).missing == nil)
    #expect(try intake.take(entry("8-0", orders([1, 2, 3], first: 6)), times: .process).missing == nil)
    #expect(intake.read == 8)
    #expect(try intake.take(entry("12-0", orders([1], first: 12)), times: .process).missing == 9...11)
    #expect(intake.read == 8 && intake.position == EntryID(sequence: 8), "it is not passed over")
  }

  @Test("a barrier that was passed is a batch like any other")
  func barrier() throws {
    var intake = intake(4, barrier: 7)
    let old = try intake.take(entry("4-3", orders([], first: 5, marker: .barrier(7))), times: .process)
    #expect(old.batch.marker == nil)
    let new = try intake.take(entry("4-4", orders([], first: 5, marker: .barrier(8))), times: .process)
    #expect(new.batch.marker == .barrier(8))
    let again = try intake.take(entry("5-0", orders([1], first: 5, marker: .barrier(8))), times: .process)
    #expect(again.batch.marker == nil)
  }

  @Test("an entry whose id is not that of its events is none of the pipeline's")
  func ids() throws {
    let batch = orders([1, 2], first: 5)
    for id in ["7-0", "5-0", "6-1", "4-0", "x", "6"] {
      var intake = intake(4)
      #expect(throws: ForeignEntry.self) { try intake.take(entry(id, batch), times: .process) }
    }
    var intake = intake(4)
    #expect(throws: ForeignEntry.self) {
      try intake.take(entry("4-0", orders([], first: 5)), times: .process)
    }
    var other = batch
    other.stream = .signals
    #expect(throws: ForeignEntry.self) { try intake.take(entry("6-0", other), times: .process) }
    #expect(throws: ForeignEntry.self) { try intake.take(.null, times: .process) }
    #expect(throws: ForeignEntry.self) {
      try intake.take(.array([.integer(1), .array([])]), times: .process)
    }
  }

  @Test(
    "of batches without events those before a snapshot's barrier are not needed; without barriers all but the newest"
  )
  func firstNeeded() throws {
    var intake = intake(4)
    for (id, marker) in [("4-3", nil), ("4-4", Marker.barrier(8)), ("4-5", nil), ("4-9", .barrier(9))] {
      _ = try intake.take(entry(id, orders([], first: 5, marker: marker)), times: .process)
    }
    #expect(intake.firstNeeded(after: 4, barrier: 8) == EntryID(sequence: 4, part: 4))
    #expect(
      intake.firstNeeded(after: 4, barrier: 7) == EntryID(sequence: 4, part: 1), "one that it has not seen")
    #expect(intake.firstNeeded(after: 4, barrier: nil) == EntryID(sequence: 4, part: 9))
    _ = try intake.take(entry("6-0", orders([1, 2], first: 5)), times: .process)
    #expect(intake.firstNeeded(after: 4, barrier: nil) == EntryID(sequence: 4, part: 1))
    #expect(intake.firstNeeded(after: 6, barrier: nil) == EntryID(sequence: 6, part: 1))
  }
}
