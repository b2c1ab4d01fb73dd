/// Counts by bucket index, only of buckets that hold something.
struct SparseBuckets: Sendable, Equatable {
  private var indexes: [Int32] = []
  private var counts: [UInt64] = []

  var count: Int { indexes.count }

  /// The bucket nearest to zero.
  var smallest: Int32? { indexes.first }

  var all: [(index: Int32, count: MetricValue)] {
    zip(indexes, counts).map { ($0, .integer($1)) }
  }

  /// A count that does not fit saturates.
  mutating func add(_ count: UInt64, at index: Int32) {
    var low = 0
    var high = indexes.count
    while low < high {
      let middle = (low + high) / 2
      if indexes[middle] < index { low = middle + 1 } else { high = middle }
    }
    if low < indexes.count, indexes[low] == index {
      let (sum, overflow) = counts[low].addingReportingOverflow(count)
      counts[low] = overflow ? .max : sum
    } else {
      indexes.insert(index, at: low)
      counts.insert(count, at: low)
    }
  }

  /// Takes a bucket out; its count, or zero.
  mutating func take(_ index: Int32) -> UInt64 {
    guard let position = indexes.firstIndex(of: index) else { return 0 }
    indexes.remove(at: position)
    return counts.remove(at: position)
  }

  /// Two neighbours become one: the buckets of the schema below.
  mutating func halve() {
    var halved = SparseBuckets()
    // Ascending, so that each count is put at the end.
    for (index, count) in zip(indexes, counts) { halved.add(count, at: Int32((Int64(index) + 1) >> 1)) }
    self = halved
  }
}
