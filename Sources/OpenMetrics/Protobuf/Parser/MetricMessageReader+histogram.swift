import CMetricsProtobuf
import CProtobufC

extension MetricMessageReader {
  mutating func histogram(_ message: Cmetrics__Histogram) throws(ParseError) -> HistogramPoint {
    try self.count(message.n_bucket)
    let count = Self.count(
      message.has_sample_count, message.sample_count, message.has_sample_count_float,
      message.sample_count_float)
    let native = try native(message, count)
    let buckets = try buckets(message, count, isNative: native != nil)
    let last = buckets.last?.cumulativeCount ?? count
    let isSame = MetricValue.isSame(last, count)
    if last.isCount, count.isCount, !isSame {
      try objections.raise(.countMismatch, error(.rule(.countMismatch)))
    }
    return HistogramPoint(
      buckets: buckets, native: native, count: isSame ? count : last,
      sum: isGiven(message.has_sample_sum) ? .double(message.sample_sum) : nil,
      created: try timestamp(message.start_timestamp),
      exemplars: try exemplars(message, isNative: native != nil))
  }

  /// The last bucket may be left out; it is that of the count.
  private mutating func buckets(
    _ message: Cmetrics__Histogram, _ count: MetricValue, isNative: Bool
  ) throws(ParseError) -> [HistogramBucket] {
    var buckets: [HistogramBucket] = []
    buckets.reserveCapacity(message.n_bucket + 1)
    for bucket in MessageList(message.bucket, message.n_bucket) {
      let cumulativeCount = Self.count(
        bucket.has_cumulative_count, bucket.cumulative_count, bucket.has_cumulative_count_float,
        bucket.cumulative_count_float)
      buckets.append(
        HistogramBucket(
          upperBound: bucket.upper_bound, cumulativeCount: cumulativeCount,
          exemplar: try exemplar(bucket.exemplar, below: bucket.upper_bound)))
    }
    let isComplete = buckets.isEmpty ? isNative : buckets.last?.upperBound == .infinity
    if !isComplete { buckets.append(HistogramBucket(upperBound: .infinity, cumulativeCount: count)) }
    return buckets
  }

  private mutating func exemplar(
    _ message: UnsafeMutablePointer<Cmetrics__Exemplar>?, below bound: Double
  ) throws(ParseError) -> Exemplar? {
    guard let exemplar = try exemplar(message) else { return nil }
    if bound.isNaN || exemplar.value <= bound { return exemplar }
    try objections.raise(.exemplarLeftOut, error(.rule(.exemplarOutsideBucket)))
    return nil
  }

  /// Those of the whole distribution, which only native histograms have, and only with a time.
  private mutating func exemplars(
    _ message: Cmetrics__Histogram, isNative: Bool
  ) throws(ParseError) -> [Exemplar] {
    if message.n_exemplars == 0 { return [] }
    var exemplars: [Exemplar] = []
    for index in 0..<message.n_exemplars {
      guard let exemplar = try exemplar(message.exemplars?[index]) else { continue }
      if !isNative {
        try objections.raise(.exemplarLeftOut, error(.exemplarNotAllowed))
      } else if exemplar.timestamp == nil {
        try objections.raise(
          .exemplarLeftOut, error(.invalidExemplar, "an exemplar of a native histogram has no timestamp"))
      } else {
        exemplars.append(exemplar)
      }
    }
    return exemplars
  }

  /// The native buckets; `nil` where nothing shows that there are any. Those that are inconsistent are refused by every
  /// reader, as Prometheus does it.
  private mutating func native(
    _ message: Cmetrics__Histogram, _ count: MetricValue
  ) throws(ParseError) -> NativeHistogram? {
    guard message.isNative else { return nil }
    let zeroCount = Self.count(
      message.has_zero_count, message.zero_count, message.has_zero_count_float, message.zero_count_float)
    let hasDeltas = message.n_negative_delta + message.n_positive_delta > 0
    let hasCounts = message.n_negative_count + message.n_positive_count > 0
    if hasDeltas, hasCounts {
      try objections.raise(.message, error(.valueNotAllowed, "counts of buckets, and differences too"))
    }
    let isFloat = count.isFloat || zeroCount.isFloat || (hasCounts && !hasDeltas)
    let negative = NativeBuckets(
      spans: Self.spans(message.negative_span, message.n_negative_span),
      counts: isFloat
        ? Self.counts(message.negative_count, message.n_negative_count)
        : try sums(message.negative_delta, message.n_negative_delta))
    var positive = NativeBuckets(
      spans: Self.spans(message.positive_span, message.n_positive_span),
      counts: isFloat
        ? Self.counts(message.positive_count, message.n_positive_count)
        : try sums(message.positive_delta, message.n_positive_delta))
    if positive.spans == [.noOperation], positive.counts.isEmpty { positive = .empty }
    let native = NativeHistogram(
      schema: message.schema, zeroThreshold: message.zero_threshold, zeroCount: zeroCount, negative: negative,
      positive: positive)
    if let broken = native.brokenRule(count: .double(.infinity), sum: nil) { throw error(.rule(broken)) }
    return native
  }

  private static func spans(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<Cmetrics__BucketSpan>?>?, _ count: Int
  ) -> [NativeBuckets.Span] {
    MessageList(list, count).map { NativeBuckets.Span(offset: $0.offset, length: $0.length) }
  }

  private static func counts(_ list: UnsafeMutablePointer<Double>?, _ count: Int) -> [MetricValue] {
    UnsafeBufferPointer(start: list, count: count).map { .double($0) }
  }

  private func sums(_ list: UnsafeMutablePointer<Int64>?, _ count: Int) throws(ParseError) -> [MetricValue] {
    var result: [MetricValue] = []
    result.reserveCapacity(count)
    var sum: Int64 = 0
    for delta in UnsafeBufferPointer(start: list, count: count) {
      let (next, overflow) = sum.addingReportingOverflow(delta)
      guard !overflow, next >= 0 else { throw error(.rule(.countNegative)) }
      sum = next
      result.append(.integer(UInt64(sum)))
    }
    return result
  }

  /// The floating-point number where it is there and above zero, or where it is alone.
  private static func count(
    _ hasWhole: protobuf_c_boolean, _ whole: UInt64, _ hasFloat: protobuf_c_boolean, _ float: Double
  ) -> MetricValue {
    hasFloat != 0 && (float > 0 || hasWhole == 0) ? .double(float) : .integer(whole)
  }
}

extension MetricValue {
  fileprivate var isFloat: Bool { if case .double = self { true } else { false } }
}

extension Cmetrics__Histogram {
  /// The rule by which Prometheus tells native histograms from others.
  fileprivate var isNative: Bool {
    n_positive_span > 0 || n_negative_span > 0 || zero_threshold > 0 || zero_count > 0 || zero_count_float > 0
  }
}
