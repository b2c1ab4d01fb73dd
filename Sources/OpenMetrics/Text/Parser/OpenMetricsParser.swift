/// Reads OpenMetrics text 1.0 strictly: ``ExpositionParser`` without options.
public struct OpenMetricsParser: Sendable {
  /// - Throws: ``ParseError`` with line and reason.
  public static func parse(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    try ExpositionParser(format: .openMetrics1, limits: limits).parse(bytes).families
  }
}
