/// Writes families in a text format.
public enum Exposition {
  public struct Options: Sendable, Hashable {
    /// Whether OpenMetrics text shows `_created` samples. Prometheus ingests them as series of their own unless told
    /// otherwise, so they are left out by default. The format 0.0.4 never shows them.
    public var includesCreated: Bool

    public init(includesCreated: Bool = false) { self.includesCreated = includesCreated }
  }

  /// The families in the order given. Families for which ``MetricFamily/violation()`` is `nil` make a valid exposition.
  public static func write(
    _ families: [MetricFamily], as format: ExpositionFormat, options: Options = Options()
  ) -> [UInt8] {
    switch format {
    case .openMetrics1, .openMetrics2:
      var writer = OpenMetricsWriter(options: options)
      return writer.write(families)
    case .text004, .text100:
      var writer = PrometheusTextWriter()
      return writer.write(families)
    }
  }
}
