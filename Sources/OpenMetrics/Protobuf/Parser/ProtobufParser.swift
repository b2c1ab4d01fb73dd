/// Reads a stream of delimited messages `io.prometheus.client.MetricFamily`.
///
/// Families get their names of the model: `_total` is taken off a counter's name, and one that has no such suffix is
/// marked by ``MetricFamily/hasBareTotal``. Infos and state sets are gauges in this format, and stay gauges. In errors,
/// the line is the number of the message and the column a byte of the stream. Fields that the format does not know
/// are passed over, as protobuf asks for.
/// Source: github.com/prometheus/client_model, io/prometheus/client/metrics.proto
public struct ProtobufParser: Sendable {
  /// Refuses whatever breaks a rule of the format or of the data model.
  ///
  /// - Throws: ``ParseError`` for the first rule that is broken, or for a limit that is exceeded.
  public static func parse(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    var reader = FamilyStreamReader(bytes, limits, Objections(isStrict: true))
    return try reader.read()
  }

  /// Takes what Prometheus takes. A number that is absent is zero, as it is for writers that do not write zeros.
  ///
  /// - Returns: the families, which may break rules of the data model, and what was overlooked, the first
  ///   ``maximumOverlooked`` of it.
  /// - Throws: ``ParseError`` where there is no message, no text or no histogram to be had of the bytes, or for a limit
  ///   that is exceeded.
  public static func parseLeniently(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> (families: [MetricFamily], overlooked: [ParseError]) {
    var reader = FamilyStreamReader(bytes, limits, Objections(isStrict: false))
    let families = try reader.read()
    return (families, reader.objections.overlooked)
  }

  public static let maximumOverlooked = 100
}

/// Throws what is wrong, or keeps it for later.
struct Objections {
  let isStrict: Bool
  private(set) var overlooked: [ParseError] = []

  init(isStrict: Bool) { self.isStrict = isStrict }

  mutating func raise(_ error: ParseError) throws(ParseError) {
    if isStrict { throw error }
    if overlooked.count < ProtobufParser.maximumOverlooked { overlooked.append(error) }
  }
}
