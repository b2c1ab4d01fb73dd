import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("Batches that are joined")
struct JoinedBatchesTests {
  @Test("what follows on in its partition is one batch, up to a marker")
  func joined() {
    let group = [
      ticks([1, 2], first: 1), ticks([5], first: 1, partition: 1), ticks([3], first: 3),
      ticks([], first: 4, watermark: 9, marker: .barrier(1)), ticks([10], first: 4),
      ticks([], first: 5, watermark: 20),
    ]
    let joined = group.joined
    #expect(joined.map(\.partition) == [0, 1, 0])
    #expect(joined.map { $0.envelopes.map(\.time.nanoseconds) } == [[1, 2, 3], [5], [10]])
    #expect(joined.map(\.marker) == [.barrier(1), nil, nil])
    #expect(joined.map(\.watermark.nanoseconds) == [9, 5, 20])
    #expect(joined.map(\.firstSequence) == [1, 1, 4])
  }

  @Test("what does not follow on stays as it is, for the judge behind")
  func gap() {
    let group = [ticks([1], first: 1), ticks([2], first: 5)]
    #expect(group.joined.map(\.firstSequence) == [1, 5])
  }
}
