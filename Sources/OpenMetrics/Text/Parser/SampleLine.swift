/// A sample line by its grammar alone.
struct SampleLine {
  let line: Int
  let name: String
  let labels: LabelSet
  let value: MetricValue
  /// The value as written, because a creation time needs more precision than a double has.
  let valueToken: ArraySlice<UInt8>
  let timestamp: MetricTimestamp?
  let exemplar: Exemplar?

  init(_ lexer: inout LineLexer) throws(ParseError) {
    line = lexer.line
    lexer.skipFreeWhitespace()
    name = try lexer.metricName()
    labels = try lexer.labelsIfPresent()
    (value, valueToken) = try lexer.number()
    timestamp = try lexer.timestampIfPresent()
    exemplar = try lexer.exemplarIfPresent()
    guard lexer.isAtEnd else { throw lexer.error(.unexpectedCharacter) }
  }
}
