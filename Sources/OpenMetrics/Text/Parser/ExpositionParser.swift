/// Reads an exposition in any of the formats.
///
/// A strict parser accepts what the format's specification allows, grammar and semantics, and nothing else: "Partial or
/// invalid expositions MUST be considered erroneous in their entirety", so the first error is the result. A lenient one
/// takes what Prometheus takes from real targets, and lists what it overlooked in doing so.
///
/// Whatever the input, parsing ends with an error or with families that obey the data model, in time that grows with
/// the input's length. Families have their OpenMetrics 1.0 names, as ``MetricFamily/name`` says.
/// What the formats allow and the model has no room for is refused: gauge histograms with negative counts, a label `le`
/// on a histogram whose buckets are all native, counts that
/// are not a number, and numbers beside composite values in one family of type unknown. An exemplar of a summary is
/// read and left out.
/// Of protobuf, infos and state sets are gauges and stay gauges, and the place of an error is the number of the message
/// and a byte of the stream.
/// Sources: github.com/prometheus/client_model, OpenMetrics 1.0 (docs/specs/om/open_metrics_spec.md), OpenMetrics 2.0.0-rc0
/// (docs/specs/om/open_metrics_spec_2_0.md) and Prometheus, "Exposition formats".
public struct ExpositionParser: Sendable, Hashable {
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    case strict, lenient
  }

  public struct Options: Sendable, Hashable {
    /// Whether OpenMetrics 1.0 and Prometheus text 0.0.4 may have names in quotes, as a reader negotiates them with
    /// `escaping=allow-utf-8`. OpenMetrics 2.0 and Prometheus text 1.0.0 have them in any case.
    public var allowsQuotedNames: Bool

    public init(allowsQuotedNames: Bool = false) { self.allowsQuotedNames = allowsQuotedNames }
  }

  public let format: ExpositionFormat
  public let mode: Mode
  public let limits: ParseLimits
  public let options: Options

  public init(
    format: ExpositionFormat, mode: Mode = .strict, limits: ParseLimits = .default,
    options: Options = Options()
  ) {
    self.format = format
    self.mode = mode
    self.limits = limits
    self.options = options
  }

  /// - Throws: ``ParseError`` with line, column and reason.
  public func parse(_ bytes: [UInt8]) throws(ParseError) -> ParsedExposition {
    if format == .protobuf {
      var reader = FamilyStreamReader(bytes, limits, mode)
      return try reader.read()
    }
    let dialect = TextDialect(format, mode: mode, options: options)
    return try bytes.withUnsafeBufferPointer { buffer throws(ParseError) in
      var reader = try ExpositionReader(buffer, dialect, limits)
      return try reader.read()
    }
  }

  /// - Throws: as the other form.
  public func parse(_ bytes: some Collection<UInt8>) throws(ParseError) -> ParsedExposition {
    try parse(Array(bytes))
  }
}
