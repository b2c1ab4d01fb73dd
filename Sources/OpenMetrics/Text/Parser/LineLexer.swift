#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A position within one line, and the tokens that all text formats are made of.
///
/// It holds a pointer into the exposition instead of an array, so that reading a byte costs no check for exclusive
/// access. Every read is behind a comparison with `end`, which is at most the buffer's length; the lexer does not
/// outlive the call of ``ExpositionParser/parse(_:)`` that lends the buffer.
struct LineLexer {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  let bytes: Bytes
  let dialect: TextDialect
  let limits: ParseLimits
  /// Counted from 1.
  private(set) var line = 0
  private(set) var start = 0
  private(set) var end = 0
  /// Line feeds that are part of the line, because they stand in quotes.
  private(set) var innerLineFeeds = 0
  /// The first byte at or after the line's start that is not UTF-8.
  var invalidUTF8: Int?
  var index = 0
  /// The labels of the line's sample.
  var labels: [RawLabel] = []
  /// The name of the last sample, which the next one often has as well.
  var lastName: RawName?
  private(set) var log: OverlookedLog

  init(_ bytes: Bytes, _ dialect: TextDialect, _ limits: ParseLimits) {
    self.bytes = bytes
    self.dialect = dialect
    self.limits = limits
    log = OverlookedLog(limit: limits.overlooked)
  }

  mutating func begin(_ range: Range<Int>, line: Int) {
    start = range.lowerBound
    end = range.upperBound
    index = start
    innerLineFeeds = 0
    self.line = line
  }

  /// The next line becomes part of this one, whose text in quotes goes on there.
  mutating func takeNextLine() throws(ParseError) {
    let next = end + 1
    try overlook(.lineFeedInQuotes, error(.invalidLabels, at: end, "a line feed in quotes"))
    let extended = lineFeed(from: next) ?? bytes.count
    guard extended - start <= limits.lineBytes else {
      throw ParseError(.lineTooLong, line: line, "\(extended - start) bytes")
    }
    end = extended
    innerLineFeeds += 1
    if let invalidUTF8, invalidUTF8 < end { throw error(.invalidUTF8, at: invalidUTF8) }
  }

  func lineFeed(from position: Int) -> Int? {
    guard let base = bytes.baseAddress, position < bytes.count,
      let found = memchr(base + position, CInt(UInt8(ascii: "\n")), bytes.count - position)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  var isAtEnd: Bool { index >= end }
  var next: UInt8? { index < end ? bytes[index] : nil }

  func error(_ reason: ParseError.Reason, at position: Int? = nil, _ detail: String = "") -> ParseError {
    ParseError(reason, line: line, column: (position ?? index) - start + 1, detail)
  }

  /// Decides what a fault means.
  ///
  /// - Throws: the error, if the parser is strict.
  mutating func overlook(_ kind: Overlooked.Kind, _ error: ParseError) throws(ParseError) {
    guard dialect.isLenient else { throw error }
    log.note(Overlooked(kind: kind, error: error))
  }

  /// The bytes of a range within the buffer.
  @inline(__always)
  func slice(_ range: Range<Int>) -> Bytes { Bytes(rebasing: bytes[range]) }

  @inline(__always)
  mutating func skip(_ byte: Unicode.Scalar) -> Bool {
    guard index < end, bytes[index] == UInt8(ascii: byte) else { return false }
    index &+= 1
    return true
  }

  mutating func skip(word: StaticString) -> Bool {
    guard isNext(word) else { return false }
    index += word.utf8CodeUnitCount
    return true
  }

  func isNext(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - index >= count else { return false }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
    return true
  }

  /// Blanks and tabs, where the dialect lets them stand anywhere.
  @inline(__always)
  mutating func skipFreeWhitespace() {
    guard dialect.allowsFreeWhitespace else { return }
    while index < end, Self.isBlank(bytes[index]) { index &+= 1 }
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

  /// Everything up to the next blank.
  @inline(__always)
  mutating func token() -> Range<Int> {
    let first = index
    while index < end, !Self.isBlank(bytes[index]) { index &+= 1 }
    return first..<index
  }

  @inline(__always)
  mutating func number() throws(ParseError) -> (value: MetricValue, token: Range<Int>) {
    let token = token()
    return (try number(token), token)
  }

  @inline(__always)
  func number(_ token: Range<Int>) throws(ParseError) -> MetricValue {
    do {
      return try NumberGrammar.value(slice(token))
    } catch {
      throw numberError(error, token)
    }
  }

  func numberError(_ failure: NumberGrammar.Failure, _ token: Range<Int>) -> ParseError {
    let reason: ParseError.Reason = failure == .outOfRange ? .numberOutOfRange : .invalidNumber
    return error(reason, at: token.lowerBound, "\"\(raw(token))\"")
  }

  mutating func timestamp() throws(ParseError) -> MetricTimestamp {
    let token = token()
    if dialect.isOpenMetrics {
      if let time = try? NumberGrammar.timestamp(slice(token)) { return time }
    } else if let time = NumberGrammar.milliseconds(slice(token)) {
      return time
    }
    throw error(.invalidTimestamp, at: token.lowerBound, "\"\(raw(token))\"")
  }

  /// The input itself, for an error.
  func raw(_ range: Range<Int>) -> String {
    String(decoding: slice(range.clamped(to: range.lowerBound..<range.lowerBound + 200)), as: UTF8.self)
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
