/// A sample line by its grammar alone. Its labels are in the lexer.
struct SampleLine {
  let line: Int
  let name: RawName
  /// Zero beside a composite value.
  let value: MetricValue
  /// The value as written, because a creation time needs more precision than a double has.
  let valueToken: Range<Int>
  let composite: CompositeValue?
  let timestamp: MetricTimestamp?
  let startTimestamp: MetricTimestamp?
  let exemplars: [Exemplar]

  @inline(__always)
  init(_ lexer: inout LineLexer) throws(ParseError) {
    line = lexer.line
    lexer.skipFreeWhitespace()
    name = try lexer.nameAndLabels()
    if lexer.next == UInt8(ascii: "{"), lexer.dialect.allowsComposites {
      let first = lexer.index
      composite = try lexer.compositeValue()
      value = 0
      valueToken = first..<lexer.index
    } else {
      composite = nil
      (value, valueToken) = try lexer.number()
    }
    guard !lexer.isAtEnd else {
      timestamp = nil
      startTimestamp = nil
      exemplars = []
      return
    }
    timestamp = try lexer.timestampIfPresent()
    startTimestamp = try lexer.startTimestampIfPresent()
    exemplars = try lexer.exemplars()
    guard lexer.isAtEnd else { throw lexer.error(.unexpectedCharacter) }
  }
}
