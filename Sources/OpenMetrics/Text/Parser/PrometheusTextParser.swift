/// Reads the Prometheus text format 0.0.4 strictly: ``ExpositionParser`` without options.
public struct PrometheusTextParser: Sendable {
  /// - Throws: ``ParseError`` with line and reason.
  public static func parse(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    try ExpositionParser(format: .text004, limits: limits).parse(bytes).families
  }
}
