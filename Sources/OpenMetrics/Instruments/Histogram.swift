import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A distribution over fixed buckets. An observation is lock-free and allocates nothing, unless it brings an exemplar.
///
/// A snapshot is consistent: its sum belongs to exactly the observations its buckets count. Two sets of cells take
/// turns: observers write to the hot one, and a snapshot makes the other one hot, waits for the observations that
/// had already begun, reads the cold set and adds it to the hot one (the scheme of Prometheus' client_golang).
public final class Histogram: Sendable {
  /// The largest number of equal observations one call may record: what a double still counts exactly.
  public static let maximumCount: UInt64 = 1 << 53

  private let bounds: [Double]
  /// Highest bit: which set is hot. The others: how many observations have begun, ever.
  private let begun = Atomic<UInt64>(0)
  private let even: HistogramCells
  private let odd: HistogramCells
  private let exemplars: Mutex<[Exemplar?]>
  private let snapshotting = Mutex<Void>(())
  private let created = MetricTimestamp.now()
  private let statistics: RegistryStatistics

  private static let hotBit: UInt64 = 1 << 63

  /// - Parameter bounds: finite and ascending, as ``MetricDescriptor/validate()`` has made sure.
  init(bounds: [Double], statistics: RegistryStatistics) {
    self.bounds = bounds
    self.statistics = statistics
    even = HistogramCells(buckets: bounds.count + 1)
    odd = HistogramCells(buckets: bounds.count + 1)
    exemplars = Mutex(Array(repeating: nil, count: bounds.count + 1))
  }

  /// Records `count` observations of `value`.
  ///
  /// NaN belongs to no bucket, so it is ignored and counted in ``RegistryStatistics/rejectedUpdates``, as is a count
  /// above ``maximumCount``. Infinities are counted and make the sum infinite. The exemplar goes to the bucket of its
  /// own value.
  public func observe(_ value: Double, count: UInt64 = 1, exemplar: Exemplar? = nil) {
    guard !value.isNaN, count <= Self.maximumCount else { return statistics.rejectUpdate() }
    guard count > 0 else { return }
    let ticket = begun.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
    let cells = ticket & Self.hotBit == 0 ? even : odd
    cells.counts.add(count, at: bucket(of: value))
    cells.sum.add(count == 1 ? value : value * Double(count))
    cells.finished.wrappingAdd(1, ordering: .releasing)
    if let exemplar, !exemplar.value.isNaN {
      let index = bucket(of: exemplar.value)
      exemplars.withLock { $0[index] = exemplar }
    }
  }

  func point() -> MetricPointValue {
    let (counts, sum) = snapshotting.withLock { _ in collect() }
    let exemplars = exemplars.withLock { $0 }
    var total: UInt64 = 0
    var buckets: [HistogramBucket] = []
    buckets.reserveCapacity(counts.count)
    for (index, count) in counts.enumerated() {
      let (next, overflow) = total.addingReportingOverflow(count)
      total = overflow ? .max : next
      let bound = index < bounds.count ? bounds[index] : .infinity
      buckets.append(
        HistogramBucket(
          upperBound: bound, cumulativeCount: .integer(total), exemplar: exemplars[index]))
    }
    return .histogram(HistogramPoint(buckets: buckets, sum: .double(sum), created: created))
  }

  /// The first bucket whose bound is not below `value`.
  private func bucket(of value: Double) -> Int {
    // Few bounds, and small values being the common ones, make a scan faster than a search.
    if bounds.count <= 24 {
      var index = 0
      while index < bounds.count, bounds[index] < value { index += 1 }
      return index
    }
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func collect() -> (counts: [UInt64], sum: Double) {
    let ticket = begun.wrappingAdd(Self.hotBit, ordering: .acquiringAndReleasing).newValue
    let started = ticket & ~Self.hotBit
    let (hot, cold) = ticket & Self.hotBit == 0 ? (even, odd) : (odd, even)
    while cold.finished.load(ordering: .acquiring) != started { sched_yield() }
    var counts: [UInt64] = []
    counts.reserveCapacity(cold.counts.count)
    for index in 0..<cold.counts.count {
      let count = cold.counts.exchange(0, at: index)
      hot.counts.add(count, at: index)
      counts.append(count)
    }
    let sum = cold.sum.exchange(0)
    hot.sum.add(sum)
    hot.finished.wrappingAdd(cold.finished.exchange(0, ordering: .relaxed), ordering: .releasing)
    return (counts, sum)
  }
}

/// One of a histogram's two sets of cells.
private final class HistogramCells: Sendable {
  let counts: AtomicCounts
  let sum = AtomicDouble()
  /// Observations whose bucket and sum are both written.
  let finished = Atomic<UInt64>(0)

  init(buckets: Int) { counts = AtomicCounts(count: buckets) }
}
