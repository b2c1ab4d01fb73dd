import Foundation

/// The buckets of a native histogram: exponential, sparse, of a resolution that the schema names.
///
/// The bucket with index *i* of schema *s* holds values in (base^(i-1), base^i], where base is 2^(2^-s); negative
/// values are kept by their magnitude.
/// Source: Prometheus, "Native Histograms", and the message `io.prometheus.client.Histogram`.
public struct NativeHistogram: Sendable, Hashable {
  /// Schemas that stand for exponential buckets: 2^(2^4) to 2^(2^-8) from one bound to the next.
  public static let schemas: ClosedRange<Int32> = -4...8

  public let schema: Int32
  /// Values of at most this magnitude are in the zero bucket; not negative and finite.
  public let zeroThreshold: Double
  public let zeroCount: MetricValue
  public let negative: NativeBuckets
  public let positive: NativeBuckets

  public init(
    schema: Int32, zeroThreshold: Double, zeroCount: MetricValue, negative: NativeBuckets = .empty,
    positive: NativeBuckets = .empty
  ) {
    self.schema = schema
    self.zeroThreshold = zeroThreshold
    self.zeroCount = zeroCount
    self.negative = negative
    self.positive = positive
  }

  /// The inclusive upper bound of a positive bucket; infinite where a double cannot hold it.
  public static func upperBound(index: Int32, schema: Int32) -> Double {
    if schema <= 0 {
      let (exponent, overflow) = Int(index).multipliedReportingOverflow(by: 1 << Int(-max(schema, -62)))
      return overflow ? (index < 0 ? 0 : .infinity) : scalbn(1.0, min(max(exponent, -1100), 1100))
    }
    let perOctave = 1 << Int(min(schema, 30))
    // The whole octaves apart from the rest, so that every power of two is exact.
    let octave = Int(index) >> Int(min(schema, 30))
    let rest = Int(index) & (perOctave - 1)
    return scalbn(exp2(Double(rest) / Double(perOctave)), min(max(octave, -1100), 1100))
  }
}

/// Counts of neighbouring buckets, in runs.
public struct NativeBuckets: Sendable, Hashable {
  /// A run of buckets one after the other.
  public struct Span: Sendable, Hashable {
    /// Of the first span: the index of its first bucket. Of the others: the gap to the span before, not negative.
    public let offset: Int32
    public let length: UInt32

    public init(offset: Int32, length: UInt32) {
      self.offset = offset
      self.length = length
    }
  }

  public static let empty = NativeBuckets(spans: [], counts: [])

  public let spans: [Span]
  /// One count a bucket, not cumulative; as many as the spans are long.
  public let counts: [MetricValue]

  public init(spans: [Span], counts: [MetricValue]) {
    self.spans = spans
    self.counts = counts
  }

  /// Runs of the buckets given by ascending index, or else ``MetricFamily/violation()`` names them; a gap of up to two buckets is filled with zeros, because a further
  /// span takes more room than they do.
  public init(ascending buckets: [(index: Int32, count: MetricValue)]) {
    var spans: [Span] = []
    var counts: [MetricValue] = []
    var next: Int64 = 0
    for bucket in buckets {
      let index = Int64(bucket.index)
      let gap = index - next
      if let last = spans.last, (0...2).contains(gap) {
        counts += Array(repeating: .integer(0), count: Int(gap))
        spans[spans.count - 1] = Span(offset: last.offset, length: last.length + UInt32(gap) + 1)
      } else {
        spans.append(Span(offset: Int32(truncatingIfNeeded: gap), length: 1))
      }
      counts.append(bucket.count)
      next = index + 1
    }
    self.init(spans: spans, counts: counts)
  }

  /// Index and count of every bucket, those of zero included. Only for spans that are consistent with the counts.
  public var indexed: [(index: Int32, count: MetricValue)] {
    var result: [(index: Int32, count: MetricValue)] = []
    result.reserveCapacity(counts.count)
    var index: Int64 = 0
    var position = 0
    for span in spans {
      index += Int64(span.offset)
      for _ in 0..<span.length where position < counts.count {
        result.append((Int32(truncatingIfNeeded: index), counts[position]))
        position += 1
        index += 1
      }
    }
    return result
  }

  func brokenRule() -> ModelRule? {
    var length: UInt64 = 0
    var index: Int64 = 0
    for (position, span) in spans.enumerated() {
      if position > 0, span.offset < 0 { return .nativeSpansInvalid }
      length += UInt64(span.length)
      index += Int64(span.offset) + Int64(span.length)
      guard Int32(exactly: index) != nil else { return .nativeSpansInvalid }
    }
    guard length == UInt64(counts.count) else { return .nativeSpansInvalid }
    return counts.allSatisfy(\.isCount) ? nil : .countNegative
  }
}

extension NativeHistogram {
  /// The first rule that these buckets break; count and sum are the histogram's own.
  func brokenRule(count: MetricValue, sum: MetricValue?) -> ModelRule? {
    guard Self.schemas.contains(schema) else { return .nativeSchemaUnknown }
    guard zeroThreshold >= 0, zeroThreshold.isFinite else { return .nativeZeroThresholdInvalid }
    guard zeroCount.isCount, count.isCount else { return .countNegative }
    if let broken = negative.brokenRule() ?? positive.brokenRule() { return broken }
    let parts = [zeroCount] + negative.counts + positive.counts
    // NaN is counted, but belongs to no bucket, and makes the sum NaN (OpenMetrics 2.0, "Native Buckets").
    let hasNaN = sum?.doubleValue.isNaN == true
    let isExact = ([count] + parts).allSatisfy { if case .integer = $0 { true } else { false } }
    // Beyond that, a floating-point number need not be the sum of others that are whole.
    let exactDoubles: UInt64 = 1 << 53
    if let whole = Self.sum(parts), let count = count.count, isExact || max(whole, count) <= exactDoubles {
      return whole == count || (hasNaN && whole < count) ? nil : .countMismatch
    }
    // A sum of doubles may be off in the last digits.
    let total = parts.reduce(0) { $0 + $1.doubleValue }
    return total <= count.doubleValue * (1 + 1e-9) ? nil : .countMismatch
  }

  /// `nil` where a part is not a whole number, or all together do not fit in 64 bits.
  private static func sum(_ parts: [MetricValue]) -> UInt64? {
    var whole: UInt64 = 0
    for part in parts {
      guard let count = part.count else { return nil }
      let (next, overflow) = whole.addingReportingOverflow(count)
      if overflow { return nil }
      whole = next
    }
    return whole
  }
}
