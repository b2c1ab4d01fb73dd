import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("Markers come in all partitions at once")
struct MarkerAlignmentTests {
  private func words(_ group: [Batch]?) -> [String]? {
    group?.map { "\($0.partition):\($0.firstSequence)" + ($0.marker == nil ? "" : "!") }
  }

  @Test("what stands behind a marker waits until the others have come to it")
  func waits() {
    var alignment = MarkerAlignment(partitions: [0, 1], maximumHeld: 3)
    alignment.insert(ticks([1], first: 1, partition: 0))
    alignment.insert(ticks([2], first: 2, partition: 0, marker: .barrier(1)))
    alignment.insert(ticks([3], first: 3, partition: 0))
    #expect(words(alignment.take()) == ["0:1"])
    #expect(alignment.take() == nil)
    #expect(alignment.wantsMore(of: 0) && !alignment.wantsMore(of: 9))
    alignment.insert(ticks([4], first: 4, partition: 0))
    #expect(!alignment.wantsMore(of: 0))
    alignment.insert(ticks([], first: 1, partition: 1, marker: .barrier(1)))
    #expect(words(alignment.take()) == ["0:2!", "1:1!"])
    #expect(words(alignment.take()) == ["0:3", "0:4"])
    #expect(alignment.take() == nil)
  }

  @Test("a barrier that a partition never brought is no marker in the others")
  func unaligned() {
    var alignment = MarkerAlignment(partitions: [0, 1], maximumHeld: 10)
    alignment.insert(ticks([1], first: 1, partition: 0, marker: .barrier(1)))
    alignment.insert(ticks([2], first: 2, partition: 0, marker: .end))
    alignment.insert(ticks([1], first: 1, partition: 1, marker: .barrier(2)))
    alignment.insert(ticks([2], first: 2, partition: 1, marker: .end))
    #expect(words(alignment.take()) == ["0:1"])
    #expect(words(alignment.take()) == ["1:1"])
    #expect(words(alignment.take()) == ["0:2!", "1:2!"])
    #expect(alignment.unaligned == 2)
  }
}
