/// Writes families in a format.
public enum Exposition {
  public struct Options: Sendable, Hashable {
    /// Whether OpenMetrics 1.0 shows `_created` samples. Prometheus ingests them as series of their own unless told
    /// otherwise, so they are left out by default. OpenMetrics 2.0 and protobuf have them as part of a sample and always
    /// show them; the Prometheus text formats never do.
    public var includesCreated: Bool

    /// How names that need quotes are shown. The default is what every reader understands.
    public var escaping: EscapingScheme

    public init(includesCreated: Bool = false, escaping: EscapingScheme = .underscores) {
      self.includesCreated = includesCreated
      self.escaping = escaping
    }
  }

  /// The families in the order given. Families for which ``MetricFamily/violation()`` is `nil` make a valid exposition,
  /// if their names, and those of their labels, stay apart and are not reserved when they are escaped.
  public static func write(
    _ families: [MetricFamily], as format: ExpositionFormat, options: Options = Options()
  ) -> [UInt8] {
    switch format {
    case .openMetrics1:
      var writer = OpenMetricsWriter(options: options)
      return writer.write(families)
    case .openMetrics2:
      var writer = OpenMetrics2Writer(options: options)
      return writer.write(families)
    case .text004, .text100:
      var writer = PrometheusTextWriter(options: options)
      return writer.write(families)
    case .protobuf:
      var writer = ProtobufWriter(escaping: options.escaping)
      return writer.write(families)
    }
  }
}
