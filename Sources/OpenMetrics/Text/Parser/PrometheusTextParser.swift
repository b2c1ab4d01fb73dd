/// Reads the Prometheus text format 0.0.4 strictly, where the format has rules.
///
/// A counter's `_total` is taken off its family's name, because the model has OpenMetrics names.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public struct PrometheusTextParser: Sendable {
  /// - Throws: ``ParseError`` with line and reason.
  public static func parse(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    var reader = try LineReader(bytes, .text004, limits)
    var assembler = MetricSetAssembler(.text004, limits)
    while let (line, isTerminated) = try reader.next() {
      var lexer = line
      guard isTerminated else { throw ParseError(.missingFinalNewline, line: lexer.line) }
      lexer.skipFreeWhitespace()
      guard let first = lexer.next else { continue }
      if first == UInt8(ascii: "#") {
        if let metadata = try MetadataLine.parse(&lexer) { try assembler.setMetadata(metadata, lexer) }
      } else {
        try assembler.add(try SampleLine(&lexer))
      }
    }
    return try assembler.finish()
  }

  /// - Throws: as the other form.
  public static func parse(
    _ bytes: some Collection<UInt8>, limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    try parse(Array(bytes), limits: limits)
  }
}
