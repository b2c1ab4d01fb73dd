/// What a sample is within its metric point.
enum SampleRole {
  case value, total, created, bucket, count, sum, quantile, state, info
}

extension MetricType {
  /// The role of the sample `name` in the family `family`, or `nil` when it is not one of its samples.
  func role(of name: String, in family: String, _ dialect: TextDialect) -> SampleRole? {
    guard name.utf8.starts(with: family.utf8) else { return nil }
    let suffix = Substring(name.utf8.dropFirst(family.utf8.count))
    switch (self, suffix) {
    case (.gauge, ""), (.unknown, ""): return .value
    case (.stateset, ""): return .state
    case (.summary, ""): return .quantile
    case (.info, "_info"): return .info
    case (.counter, ""): return dialect == .text004 ? .total : nil
    case (.counter, "_total"): return dialect == .openMetrics ? .total : nil
    case (.histogram, "_bucket"), (.gaugehistogram, "_bucket"): return .bucket
    case (.histogram, "_count"), (.summary, "_count"), (.gaugehistogram, "_gcount"): return .count
    case (.histogram, "_sum"), (.summary, "_sum"), (.gaugehistogram, "_gsum"): return .sum
    case (.counter, "_created"), (.histogram, "_created"), (.summary, "_created"):
      return dialect == .openMetrics ? .created : nil
    default: return nil
    }
  }

  /// The sample names that a family of this type takes for itself.
  func claimedNames(_ family: String, _ dialect: TextDialect) -> [String] {
    switch dialect {
    case .openMetrics: sampleSuffixes.map { family + $0 }
    case .text004:
      self == .counter ? [family] : sampleSuffixes.filter { $0 != "_created" }.map { family + $0 }
    }
  }
}
