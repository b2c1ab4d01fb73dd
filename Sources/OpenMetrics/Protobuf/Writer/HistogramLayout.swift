import CMetricsProtobuf
import CProtobufC

/// Lays a histogram out: its classic buckets, its native ones, or both.
///
/// Counts are whole numbers, or all of them are floating-point numbers in fields of their own.
struct HistogramLayout {
  private let layout: MetricLayout
  private let point: HistogramPoint
  private let isFloat: Bool
  /// For buckets that have none of their own, by position.
  private let furtherExemplars: [Int: Exemplar]

  private var arena: MessageArena { layout.arena }

  init(_ layout: MetricLayout, _ point: HistogramPoint) {
    self.layout = layout
    self.point = point
    isFloat = Self.needsFloat(point)
    furtherExemplars = point.native == nil ? Self.exemplarsByBucket(point) : [:]
  }

  func message() -> UnsafeMutablePointer<Cmetrics__Histogram> {
    let message = arena.allocate(Cmetrics__Histogram.self)
    cmetrics__histogram__init(message)
    set(
      point.count, &message.pointee.has_sample_count, &message.pointee.sample_count,
      &message.pointee.has_sample_count_float, &message.pointee.sample_count_float)
    if let sum = point.sum {
      message.pointee.has_sample_sum = 1
      message.pointee.sample_sum = sum.doubleValue
    }
    (message.pointee.bucket, message.pointee.n_bucket) = layout.list(point.buckets.indices) { bucket(at: $0) }
    message.pointee.start_timestamp = layout.timestamp(point.created)
    if let native = point.native { add(native, to: message) }
    return message
  }

  private func bucket(at position: Int) -> UnsafeMutablePointer<Cmetrics__Bucket> {
    let bucket = point.buckets[position]
    let message = arena.allocate(Cmetrics__Bucket.self)
    cmetrics__bucket__init(message)
    set(
      bucket.cumulativeCount, &message.pointee.has_cumulative_count, &message.pointee.cumulative_count,
      &message.pointee.has_cumulative_count_float, &message.pointee.cumulative_count_float)
    message.pointee.has_upper_bound = 1
    message.pointee.upper_bound = bucket.upperBound
    let exemplar = bucket.exemplar ?? furtherExemplars[position]
    message.pointee.exemplar = exemplar.flatMap { layout.exemplar($0) }
    return message
  }

  private func add(_ native: NativeHistogram, to message: UnsafeMutablePointer<Cmetrics__Histogram>) {
    message.pointee.has_schema = 1
    message.pointee.schema = native.schema
    message.pointee.has_zero_threshold = 1
    message.pointee.zero_threshold = native.zeroThreshold
    set(
      native.zeroCount, &message.pointee.has_zero_count, &message.pointee.zero_count,
      &message.pointee.has_zero_count_float, &message.pointee.zero_count_float)
    (message.pointee.negative_span, message.pointee.n_negative_span) = spans(native.negative.spans)
    (message.pointee.positive_span, message.pointee.n_positive_span) = spans(
      native.hasNothingToShow ? [NativeBuckets.Span.noOperation] : native.positive.spans)
    if isFloat {
      (message.pointee.negative_count, message.pointee.n_negative_count) = counts(native.negative.counts)
      (message.pointee.positive_count, message.pointee.n_positive_count) = counts(native.positive.counts)
    } else {
      (message.pointee.negative_delta, message.pointee.n_negative_delta) = deltas(native.negative.counts)
      (message.pointee.positive_delta, message.pointee.n_positive_delta) = deltas(native.positive.counts)
    }
    let exemplars = point.exemplars.filter { layout.timestamp($0.timestamp) != nil }
      .compactMap { layout.exemplar($0) }
    (message.pointee.exemplars, message.pointee.n_exemplars) = layout.list(exemplars) { $0 }
  }

  private func spans(
    _ spans: [NativeBuckets.Span]
  ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Cmetrics__BucketSpan>?>?, Int) {
    layout.list(spans) { span in
      let message = arena.allocate(Cmetrics__BucketSpan.self)
      cmetrics__bucket_span__init(message)
      message.pointee.has_offset = 1
      message.pointee.offset = span.offset
      message.pointee.has_length = 1
      message.pointee.length = span.length
      return message
    }
  }

  private func counts(_ counts: [MetricValue]) -> (UnsafeMutablePointer<Double>?, Int) {
    if counts.isEmpty { return (nil, 0) }
    let list = arena.allocate(Double.self, count: counts.count)
    for (position, count) in counts.enumerated() { (list + position).initialize(to: count.doubleValue) }
    return (list, counts.count)
  }

  /// Each count as its difference to the one before.
  private func deltas(_ counts: [MetricValue]) -> (UnsafeMutablePointer<Int64>?, Int) {
    if counts.isEmpty { return (nil, 0) }
    let list = arena.allocate(Int64.self, count: counts.count)
    var previous: UInt64 = 0
    for (position, count) in counts.enumerated() {
      let next = count.count ?? 0
      (list + position).initialize(to: Int64(bitPattern: next &- previous))
      previous = next
    }
    return (list, counts.count)
  }

  private func set(
    _ count: MetricValue, _ hasWhole: inout protobuf_c_boolean, _ whole: inout UInt64,
    _ hasFloat: inout protobuf_c_boolean, _ float: inout Double
  ) {
    if isFloat {
      hasFloat = 1
      float = count.doubleValue
    } else {
      hasWhole = 1
      whole = count.count ?? 0
    }
  }

  /// Exemplars of the whole distribution, where the format has room for them only in classic buckets: each in the bucket
  /// that its value is in, and of several the last one.
  private static func exemplarsByBucket(_ point: HistogramPoint) -> [Int: Exemplar] {
    var found: [Int: Exemplar] = [:]
    for exemplar in point.exemplars {
      var (low, high) = (0, point.buckets.count)
      while low < high {
        let middle = (low + high) / 2
        if point.buckets[middle].upperBound < exemplar.value { low = middle + 1 } else { high = middle }
      }
      if low < point.buckets.count, exemplar.value <= point.buckets[low].upperBound { found[low] = exemplar }
    }
    return found
  }

  /// Of native histograms, readers tell the two kinds apart and keep each in its own series of chunks: a count that was
  /// given as floating-point number stays one. Of classic ones only what is no whole number must be one.
  private static func needsFloat(_ point: HistogramPoint) -> Bool {
    if point.count.count == nil || point.buckets.contains(where: { $0.cumulativeCount.count == nil }) {
      return true
    }
    guard let native = point.native else { return false }
    // Prometheus tells a histogram of floating-point numbers by a count or a zero count above zero.
    if point.count.doubleValue == 0, native.zeroCount.doubleValue == 0 { return false }
    let buckets = native.negative.counts + native.positive.counts
    return ([point.count, native.zeroCount] + buckets).contains {
      if case .double = $0 { true } else { false }
    }
      // A difference of two must fit in 64 bits with a sign.
      || buckets.contains { ($0.count ?? 0) > UInt64(Int64.max) }
  }
}

extension NativeBuckets.Span {
  /// No buckets. Where nothing else tells that a histogram is native, one such span does.
  static let noOperation = NativeBuckets.Span(offset: 0, length: 0)
}

extension NativeHistogram {
  /// Whether readers could not tell this from a histogram without native buckets.
  fileprivate var hasNothingToShow: Bool {
    zeroThreshold == 0 && negative.spans.isEmpty && positive.spans.isEmpty
  }
}
