/// A position within one line, and the tokens that both text formats are made of.
struct LineLexer {
  let bytes: [UInt8]
  let start: Int
  let end: Int
  let line: Int
  let dialect: TextDialect
  let limits: ParseLimits
  private(set) var index: Int

  init(_ bytes: [UInt8], _ range: Range<Int>, line: Int, dialect: TextDialect, limits: ParseLimits) {
    self.bytes = bytes
    start = range.lowerBound
    end = range.upperBound
    self.line = line
    self.dialect = dialect
    self.limits = limits
    index = start
  }

  var isAtEnd: Bool { index >= end }
  var next: UInt8? { index < end ? bytes[index] : nil }

  func error(_ reason: ParseError.Reason, _ detail: String = "") -> ParseError {
    ParseError(reason, line: line, column: index - start + 1, detail)
  }

  mutating func skip(_ byte: Unicode.Scalar) -> Bool {
    guard let next, next == UInt8(ascii: byte) else { return false }
    index += 1
    return true
  }

  mutating func advance() { index += 1 }

  mutating func skip(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - index >= count else { return false }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
    index += count
    return true
  }

  /// Blanks and tabs, where the dialect lets them stand anywhere.
  mutating func skipFreeWhitespace() {
    guard dialect.allowsFreeWhitespace else { return }
    while let next, Self.isBlank(next) { index += 1 }
  }

  /// What stands between two tokens.
  mutating func separator() throws(ParseError) {
    if dialect.allowsFreeWhitespace {
      guard let next, Self.isBlank(next) else { throw error(.unexpectedCharacter, "expected a blank") }
      skipFreeWhitespace()
    } else if !skip(" ") {
      throw error(.unexpectedCharacter, "expected a blank")
    }
  }

  mutating func metricName() throws(ParseError) -> String {
    let first = index
    while let next, NameGrammar.isMetricContinuation(next) { index += 1 }
    guard first < index, !NameGrammar.isDigit(bytes[first]) else { throw error(.invalidMetricName) }
    return String(decoding: bytes[first..<index], as: UTF8.self)
  }

  mutating func token() -> ArraySlice<UInt8> {
    let first = index
    while let next, !Self.isBlank(next) { index += 1 }
    return bytes[first..<index]
  }

  mutating func number() throws(ParseError) -> (value: MetricValue, token: ArraySlice<UInt8>) {
    let column = index
    let token = token()
    do {
      return (try NumberGrammar.value(token), token)
    } catch {
      let reason: ParseError.Reason = error == .outOfRange ? .numberOutOfRange : .invalidNumber
      let text = String(decoding: token, as: UTF8.self)
      throw ParseError(reason, line: line, column: column - start + 1, "\"\(text)\"")
    }
  }

  mutating func timestamp() throws(ParseError) -> MetricTimestamp {
    let column = index
    let token = token()
    let text = String(decoding: token, as: UTF8.self)
    switch dialect {
    case .openMetrics:
      if let time = try? NumberGrammar.timestamp(token) { return time }
    case .text004:
      if let milliseconds = Int64(text) { return MetricTimestamp(millisecondsSinceEpoch: milliseconds) }
    }
    throw ParseError(.invalidTimestamp, line: line, column: column - start + 1, "\"\(text)\"")
  }

  /// Everything up to the end of the line, unescaped.
  mutating func helpText() throws(ParseError) -> String {
    defer { index = end }
    return try unescape(index..<end, quotes: dialect == .openMetrics)
  }

  /// A quoted label value; the opening quote is next.
  mutating func quoted() throws(ParseError) -> String {
    guard skip("\"") else { throw error(.invalidLabels, "expected a double quote") }
    let first = index
    while let next, next != UInt8(ascii: "\"") {
      index += next == UInt8(ascii: "\\") && index + 1 < end ? 2 : 1
    }
    let last = index
    guard skip("\"") else { throw error(.invalidLabels, "unterminated label value") }
    return try unescape(first..<last, quotes: true)
  }

  private func unescape(_ range: Range<Int>, quotes: Bool) throws(ParseError) -> String {
    let raw = bytes[range]
    let needsWork = raw.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }
    guard needsWork else { return try text(raw) }
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\""), quotes {
        throw ParseError(.invalidEscape, line: line, column: position - start, "unescaped double quote")
      }
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard position < range.upperBound else {
        throw ParseError(.invalidEscape, line: line, column: position - start, "lone backslash")
      }
      switch bytes[position] {
      case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "\"") where quotes: result.append(UInt8(ascii: "\""))
      case let other where dialect.keepsUndefinedEscapes: result += [byte, other]
      default: throw ParseError(.invalidEscape, line: line, column: position - start)
      }
      position += 1
    }
    return try text(result[...])
  }

  private func text(_ raw: ArraySlice<UInt8>) throws(ParseError) -> String {
    guard let text = String(validating: raw, as: UTF8.self) else { throw error(.invalidUTF8) }
    return text
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
