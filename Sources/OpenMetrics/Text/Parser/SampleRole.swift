/// What a sample is within its metric point.
enum SampleRole {
  case value, total, created, bucket, count, sum, quantile, state, info, composite
}

extension MetricType {
  /// The role of a sample whose name is the family's with this suffix, or `nil` when it is not one of its samples.
  func role(suffix: Substring, _ dialect: TextDialect) -> SampleRole? {
    if dialect.format == .openMetrics2 { return suffix.isEmpty ? soleRole : nil }
    let isOpenMetrics = dialect.format == .openMetrics1
    switch (self, suffix) {
    case (.gauge, ""), (.unknown, ""): return .value
    case (.stateset, ""): return .state
    case (.summary, ""): return .quantile
    case (.info, "_info"): return .info
    case (.info, ""): return dialect.isLenient ? .info : nil
    case (.counter, ""): return !isOpenMetrics || dialect.isLenient ? .total : nil
    case (.counter, "_total"): return isOpenMetrics || dialect.isLenient ? .total : nil
    case (.histogram, "_bucket"), (.gaugehistogram, "_bucket"): return .bucket
    case (.histogram, "_count"), (.summary, "_count"), (.gaugehistogram, "_gcount"): return .count
    case (.histogram, "_sum"), (.summary, "_sum"), (.gaugehistogram, "_gsum"): return .sum
    case (.gaugehistogram, "_count"): return dialect.isLenient ? .count : nil
    case (.gaugehistogram, "_sum"): return dialect.isLenient ? .sum : nil
    case (.counter, "_created"), (.histogram, "_created"), (.summary, "_created"):
      return isOpenMetrics ? .created : nil
    default: return nil
    }
  }

  /// The role of the samples of OpenMetrics 2.0, which all have their family's name.
  private var soleRole: SampleRole {
    switch self {
    case .counter: .total
    case .gauge, .unknown: .value
    case .info: .info
    case .stateset: .state
    case .histogram, .gaugehistogram, .summary: .composite
    }
  }

  /// Whether a metric point has more than one sample.
  var hasSeveralSamples: Bool {
    switch self {
    case .histogram, .gaugehistogram, .summary, .stateset: true
    case .counter, .gauge, .info, .unknown: false
    }
  }

  /// The sample names that a family of this type takes for itself.
  func claimedNames(_ family: String, _ dialect: TextDialect) -> [String] {
    switch dialect.format {
    case .openMetrics1: sampleSuffixes.map { family + $0 }
    case .openMetrics2: [family]
    case .text004, .text100, .protobuf:
      self == .counter ? [family] : sampleSuffixes.filter { $0 != "_created" }.map { family + $0 }
    }
  }
}

extension SampleRole {
  /// What is overlooked when a sample has a name that only lenient parsing knows.
  func bareName(_ type: MetricType, suffix: Substring, _ dialect: TextDialect) -> Overlooked.Kind? {
    guard dialect.isLenient, dialect.format == .openMetrics1 else { return nil }
    switch (self, type, suffix) {
    case (.total, _, ""): return .bareTotal
    case (.info, _, ""): return .bareInfo
    case (.count, .gaugehistogram, "_count"), (.sum, .gaugehistogram, "_sum"): return .plainGaugeCount
    default: return nil
    }
  }
}
