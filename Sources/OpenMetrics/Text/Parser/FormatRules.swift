/// Rules that a format has beyond those of the model.
extension MetricPointValue {
  func brokenRule(of format: ExpositionFormat) -> ParseError.Reason? {
    switch format {
    case .openMetrics1: brokenOpenMetricsRule().map(ParseError.Reason.rule)
    case .openMetrics2: brokenOpenMetrics2Rule()
    case .text004, .text100, .protobuf: nil
    }
  }

  private func brokenOpenMetrics2Rule() -> ParseError.Reason? {
    switch self {
    case .histogram(let point), .gaugeHistogram(let point):
      return point.native.flatMap { Self.brokenRule($0, point) }.map(ParseError.Reason.rule)
    case .summary(let point):
      guard point.count?.count != nil else { return .rule(.countNotInteger) }
      guard let sum = point.sum?.doubleValue, !sum.isNaN else { return .rule(.sumNaN) }
      if sum < 0 { return .rule(.sumNegative) }
      if point.quantiles.contains(where: { $0.value.doubleValue < 0 }) {
        return .rule(.quantileValueNegative)
      }
      let isAscending = zip(point.quantiles, point.quantiles.dropFirst()).allSatisfy {
        $0.quantile < $1.quantile
      }
      return isAscending ? nil : .quantilesNotAscending
    default: return nil
    }
  }

  /// What is in no bucket is not a number, and then the sum is none either; no bucket is beyond that of infinity
  /// (OpenMetrics 2.0, "Native Buckets").
  static func brokenRule(_ native: NativeHistogram, _ point: HistogramPoint) -> ModelRule? {
    for buckets in [native.negative, native.positive] {
      guard let last = buckets.lastIndex else { continue }
      if last > Int64(NativeHistogram.infinityIndex(schema: native.schema)) { return .nativeSpansInvalid }
    }
    if let sum = point.sum?.doubleValue, sum.isNaN { return nil }
    let total = ([native.zeroCount] + native.negative.counts + native.positive.counts)
      .reduce(0) { $0 + $1.doubleValue }
    // A sum of doubles may be off in the last digits.
    return abs(total - point.count.doubleValue) <= point.count.doubleValue * 1e-9 ? nil : .countMismatch
  }
}

extension NativeHistogram {
  /// The index of the bucket that holds infinity: one more than that of the greatest finite number.
  static func infinityIndex(schema: Int32) -> Int32 {
    (schema >= 0 ? 1024 << min(schema, 20) : 1024 >> min(-schema, 20)) + 1
  }
}

extension NativeBuckets {
  /// The index of the last bucket.
  var lastIndex: Int64? {
    guard !spans.isEmpty else { return nil }
    return spans.reduce(0) { $0 + Int64($1.offset) + Int64($1.length) } - 1
  }
}
