/// Reads OpenMetrics text 1.0 strictly: the grammar and the semantics of the data model.
///
/// "Partial or invalid expositions MUST be considered erroneous in their entirety", so the first error is the result.
public struct OpenMetricsParser: Sendable {
  /// - Throws: ``ParseError`` with line and reason.
  public static func parse(
    _ bytes: [UInt8], limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    var reader = try LineReader(bytes, .openMetrics, limits)
    var assembler = MetricSetAssembler(.openMetrics, limits)
    while let (line, isTerminated) = try reader.next() {
      var lexer = line
      guard let first = lexer.next else { throw lexer.error(.blankLine) }
      if first == UInt8(ascii: "#") {
        var lookahead = lexer
        if lookahead.skip(word: "# EOF"), lookahead.isAtEnd {
          guard reader.isAtEnd else { throw ParseError(.contentAfterEOF, line: lexer.line + 1) }
          return try assembler.finish()
        }
        if let metadata = try MetadataLine.parse(&lexer) { try assembler.setMetadata(metadata, lexer) }
      } else {
        try assembler.add(try SampleLine(&lexer))
      }
      guard isTerminated else { throw ParseError(.missingEOF, line: lexer.line) }
    }
    throw ParseError(.missingEOF, line: reader.line + 1)
  }

  /// - Throws: as the other form.
  public static func parse(
    _ bytes: some Collection<UInt8>, limits: ParseLimits = .default
  ) throws(ParseError) -> [MetricFamily] {
    try parse(Array(bytes), limits: limits)
  }
}
