import CMetricArena

/// The upper bounds of classic buckets, finite and ascending, and the search in them. All children of a family share the
/// storage.
@usableFromInline
struct BucketBounds: Sendable {
  @usableFromInline let all: [Double]

  /// - Parameter bounds: as ``MetricDescriptor/validate()`` has made sure.
  init(_ bounds: [Double]) { all = bounds }

  var count: Int { all.count }

  /// How many slots a run for these bounds needs, the bucket of +Inf included.
  var runLength: UInt32 { UInt32(clamping: all.count + 1 + Int(METRIC_RUN_HEADER)) }

  /// The first bucket whose bound is not below `value`; the last, +Inf's, is ``count``. Any one of them for NaN.
  @inlinable
  func bucket(of value: Double) -> Int {
    // Few bounds, and small values being the common ones, make a scan faster than a search.
    guard all.count <= 24 else { return search(value) }
    var index = 0
    while index < all.count, all[index] < value { index += 1 }
    return index
  }

  @usableFromInline
  func search(_ value: Double) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low &+ high) / 2
      if all[middle] < value { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// Buckets as the model has them, of one count for each bucket. A total that does not fit saturates.
  func cumulative(_ counts: [UInt64], exemplars: [Exemplar?]? = nil) -> [HistogramBucket] {
    var total: UInt64 = 0
    var buckets: [HistogramBucket] = []
    buckets.reserveCapacity(counts.count)
    for (index, count) in counts.enumerated() {
      let (next, overflow) = total.addingReportingOverflow(count)
      total = overflow ? .max : next
      buckets.append(
        HistogramBucket(
          upperBound: index < all.count ? all[index] : .infinity, cumulativeCount: .integer(total),
          exemplar: exemplars?[index]))
    }
    return buckets
  }
}
