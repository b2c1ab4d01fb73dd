/// The type of a metric family.
///
/// Source: OpenMetrics 1.0, "Metric Types".
public enum MetricType: String, Sendable, Hashable, CaseIterable {
  case counter, gauge, histogram, info, stateset, summary, gaugehistogram, unknown

  /// The suffixes that sample names of this type may carry in OpenMetrics text; the empty suffix is the
  /// family's own name.
  ///
  /// Source: OpenMetrics 1.0, "MetricFamily / Suffixes".
  public var sampleSuffixes: [String] {
    switch self {
    case .counter: ["_total", "_created"]
    case .gauge, .stateset, .unknown: [""]
    case .histogram: ["_bucket", "_count", "_sum", "_created"]
    case .gaugehistogram: ["_bucket", "_gcount", "_gsum"]
    case .info: ["_info"]
    case .summary: ["", "_count", "_sum", "_created"]
    }
  }

  /// The label that the text formats use for this type's own purposes, so that no one else may.
  func structuralLabel(family: String) -> String? {
    switch self {
    case .histogram, .gaugehistogram: "le"
    case .summary: "quantile"
    case .stateset: family
    case .counter, .gauge, .info, .unknown: nil
    }
  }
}
