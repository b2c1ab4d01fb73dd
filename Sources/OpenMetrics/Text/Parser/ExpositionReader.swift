/// Goes through an exposition line by line, within limits.
struct ExpositionReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let dialect: TextDialect
  private let limits: ParseLimits
  private var lexer: LineLexer
  private var assembler: MetricSetAssembler
  private var index = 0
  private var line = 0

  init(
    _ bytes: UnsafeBufferPointer<UInt8>, _ dialect: TextDialect, _ limits: ParseLimits
  ) throws(ParseError) {
    guard bytes.count <= limits.bytes else { throw ParseError(.tooLarge, line: 1, "\(bytes.count) bytes") }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw ParseError(.byteOrderMark, line: 1, column: 1)
    }
    self.bytes = bytes
    self.dialect = dialect
    self.limits = limits
    lexer = LineLexer(bytes, dialect, limits)
    assembler = MetricSetAssembler(dialect, limits)
    lexer.invalidUTF8 = UTF8Check.firstInvalid(in: bytes, from: 0)
  }

  mutating func read() throws(ParseError) -> ParsedExposition {
    if dialect.isOpenMetrics { try readOpenMetrics() } else { try readText() }
    let families = try assembler.finish(&lexer)
    return ParsedExposition(
      families: families, overlooked: lexer.log.notes, overlookedCount: lexer.log.count)
  }

  private mutating func readOpenMetrics() throws(ParseError) {
    while let isTerminated = try nextLine() {
      guard let first = lexer.next else { throw lexer.error(.blankLine) }
      if first == UInt8(ascii: "#") {
        if lexer.isNext("# EOF"), lexer.end - lexer.index == 5 {
          guard index >= bytes.count else {
            throw ParseError(.contentAfterEOF, line: line + 1, column: 1)
          }
          return
        }
        if let metadata = try MetadataLine.parse(&lexer) { try assembler.setMetadata(metadata, &lexer) }
      } else {
        try assembler.add(try SampleLine(&lexer), &lexer)
      }
      guard isTerminated, lexer.end < bytes.count else { throw ParseError(.missingEOF, line: line) }
    }
    throw ParseError(.missingEOF, line: line + 1)
  }

  private mutating func readText() throws(ParseError) {
    while let isTerminated = try nextLine() {
      if !isTerminated { try overlookMissingNewline() }
      lexer.skipFreeWhitespace()
      guard let first = lexer.next else { continue }
      if first == UInt8(ascii: "#") {
        if let metadata = try MetadataLine.parse(&lexer) { try assembler.setMetadata(metadata, &lexer) }
      } else {
        try assembler.add(try SampleLine(&lexer), &lexer)
      }
      // It went on to the end.
      if isTerminated, lexer.end == bytes.count { try overlookMissingNewline() }
    }
  }

  private mutating func overlookMissingNewline() throws(ParseError) {
    try lexer.overlook(.missingFinalNewline, ParseError(.missingFinalNewline, line: line))
  }

  /// Puts the lexer on the next line.
  ///
  /// - Returns: whether a line feed ended it; `nil` after the last one.
  private mutating func nextLine() throws(ParseError) -> Bool? {
    // What the last line took of those after it.
    if lexer.innerLineFeeds > 0 {
      index = lexer.end + 1
      line += lexer.innerLineFeeds
    }
    while index < bytes.count {
      let start = index
      let end = lexer.lineFeed(from: start) ?? bytes.count
      line += 1
      index = end + 1
      guard end - start <= limits.lineBytes else {
        throw ParseError(.lineTooLong, line: line, "\(end - start) bytes")
      }
      lexer.begin(start..<end, line: line)
      guard let invalid = lexer.invalidUTF8, invalid < end else { return end < bytes.count }
      let error = lexer.error(.invalidUTF8, at: invalid)
      guard isComment() else { throw error }
      try lexer.overlook(.invalidUTF8InComment, error)
      lexer.invalidUTF8 = UTF8Check.firstInvalid(in: bytes, from: end)
    }
    return nil
  }

  private func isComment() -> Bool {
    guard !dialect.isOpenMetrics else { return false }
    var lookahead = lexer
    lookahead.skipFreeWhitespace()
    guard lookahead.next == UInt8(ascii: "#") else { return false }
    do {
      return try MetadataLine.parse(&lookahead) == nil
    } catch {
      return false
    }
  }
}
