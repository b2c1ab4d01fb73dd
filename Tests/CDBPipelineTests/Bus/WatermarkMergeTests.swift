import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("watermark merge")
struct WatermarkMergeTests {
  private func drain(_ merge: inout WatermarkMerge) -> [(Int64, UInt16)] {
    var out: [(Int64, UInt16)] = []
    while case .event(let time, let partition) = merge.head() {
      #expect(merge.take(partition).time == time)
      out.append((time.nanoseconds, partition))
    }
    return out
  }

  @Test("nothing is released while another partition may still deliver something earlier")
  func holdsBack() {
    var merge = WatermarkMerge(positions: [0, 0])
    _ = merge.insert(ticks([10, 20], partition: 0), skipping: 0)
    #expect(drain(&merge).isEmpty)
    _ = merge.insert(ticks([], partition: 1, watermark: 15), skipping: 0)
    #expect(drain(&merge).map(\.0) == [10])
    #expect(merge.head() == .none(watermark: at(15)))
    #expect(merge.waiting == 1)
  }

  @Test("equal times go by partition")
  func ties() {
    var merge = WatermarkMerge(positions: [0, 0])
    _ = merge.insert(ticks([5, 6], partition: 1), skipping: 0)
    _ = merge.insert(ticks([5, 6], partition: 0), skipping: 0)
    #expect(drain(&merge).map(\.1) == [0, 1, 0, 1])
  }

  @Test(
    "the order depends on the events alone, not on how they were cut and when they came", arguments: 1...40)
  func property(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let partitions = Int.random(in: 1...4, using: &random)
    let logs = (0..<partitions).map { _ in
      var time: Int64 = 0
      return (0..<Int.random(in: 0...60, using: &random)).map { _ in
        time += Int64.random(in: 1...5, using: &random)
        return time
      }
    }
    let expected = logs.enumerated().flatMap { partition, times in times.map { ($0, UInt16(partition)) } }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }

    var merge = WatermarkMerge(positions: Array(repeating: 0, count: partitions))
    var next = Array(repeating: 0, count: partitions)
    var out: [(Int64, UInt16)] = []
    while (0..<partitions).contains(where: { next[$0] < logs[$0].count }) {
      let open = (0..<partitions).filter { next[$0] < logs[$0].count }
      let partition = open.randomElement(using: &random) ?? 0
      let end = min(logs[partition].count, next[partition] + Int.random(in: 1...7, using: &random))
      let isLast = end == logs[partition].count
      _ = merge.insert(
        ticks(
          Array(logs[partition][next[partition]..<end]), first: UInt64(next[partition] + 1),
          partition: UInt16(partition), watermark: isLast ? .max - 1 : nil), skipping: 0)
      next[partition] = end
      out += drain(&merge)
    }
    for partition in 0..<partitions where logs[partition].isEmpty {
      _ = merge.insert(ticks([], partition: UInt16(partition), watermark: .max - 1), skipping: 0)
    }
    out += drain(&merge)
    #expect(out.map(\.0) == expected.map(\.0))
    #expect(out.map(\.1) == expected.map(\.1))
    #expect(merge.processed == logs.map { UInt64($0.count) })
    #expect(merge.waiting == 0)
  }

  @Test("a barrier is released when it stands at the head of every partition, after all before it")
  func barrier() {
    var merge = WatermarkMerge(positions: [0, 0])
    _ = merge.insert(ticks([1], partition: 0, watermark: 4, marker: .barrier(7)), skipping: 0)
    _ = merge.insert(ticks([9], first: 2, partition: 0), skipping: 0)
    _ = merge.insert(ticks([2], partition: 1), skipping: 0)
    #expect(drain(&merge).map(\.0) == [1, 2])
    #expect(merge.head() == .none(watermark: at(2)))
    _ = merge.insert(ticks([3], first: 2, partition: 1, watermark: 4, marker: .barrier(7)), skipping: 0)
    #expect(drain(&merge).map(\.0) == [3])
    #expect(merge.head() == .barrier(7, watermark: at(4)))
    #expect(merge.processed == [1, 2])
    merge.takeMarker()
    _ = merge.insert(ticks([], first: 3, partition: 1, watermark: 20, marker: .end), skipping: 0)
    #expect(drain(&merge).map(\.0) == [9])
    _ = merge.insert(ticks([], first: 3, partition: 0, watermark: 20, marker: .end), skipping: 0)
    #expect(merge.head() == .end(watermark: at(20)))
  }

  @Test("what was processed before is passed over, and a partition that is not there is refused")
  func skipping() {
    var merge = WatermarkMerge(positions: [2])
    let isTaken = merge.insert(ticks([1, 2, 3], first: 1), skipping: 2)
    #expect(isTaken)
    #expect(drain(&merge).map(\.0) == [3])
    #expect(merge.processed == [3])
    let isUnknownTaken = merge.insert(ticks([4], partition: 9), skipping: 0)
    #expect(!isUnknownTaken)
  }
}
