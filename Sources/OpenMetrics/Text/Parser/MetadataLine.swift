/// A `# TYPE`, `# HELP` or `# UNIT` line.
struct MetadataLine {
  enum Content { case type(MetricType), help(String), unit(String) }

  let name: String
  let content: Content

  /// Reads a line that begins with `#`.
  ///
  /// - Returns: `nil` for a comment, which only the Prometheus formats know.
  static func parse(_ lexer: inout LineLexer) throws(ParseError) -> MetadataLine? {
    let isOpenMetrics = lexer.dialect.isOpenMetrics
    if isOpenMetrics {
      guard lexer.skip(word: "# ") else { throw lexer.error(.invalidMetadata) }
    } else {
      _ = lexer.skip("#")
      // To Prometheus it is a comment if no blank follows, or nothing the keyword.
      if lexer.dialect.isLenient, let next = lexer.next, !LineLexer.isBlank(next) { return nil }
      lexer.skipFreeWhitespace()
    }
    let keyword = lexer.raw(lexer.token())
    switch keyword {
    case "TYPE", "HELP": break
    case "UNIT" where isOpenMetrics: break
    default:
      guard isOpenMetrics else { return nil }
      throw lexer.error(.invalidMetadata, keyword)
    }
    if lexer.dialect.isLenient, !isOpenMetrics {
      lexer.skipFreeWhitespace()
      if lexer.isAtEnd { return nil }
    } else {
      try lexer.separator()
    }
    let name = try lexer.metadataName()
    // In the Prometheus formats a help text may be missing altogether.
    if !isOpenMetrics, keyword == "HELP", lexer.isAtEnd {
      return MetadataLine(name: name, content: .help(""))
    }
    try lexer.separator()
    switch keyword {
    case "HELP": return MetadataLine(name: name, content: .help(try lexer.helpText()))
    case "UNIT": return MetadataLine(name: name, content: .unit(try unit(&lexer)))
    default: return MetadataLine(name: name, content: .type(try type(&lexer)))
    }
  }

  private static func unit(_ lexer: inout LineLexer) throws(ParseError) -> String {
    let token = lexer.token()
    guard lexer.isAtEnd, lexer.slice(token).allSatisfy(NameGrammar.isMetricContinuation) else {
      throw lexer.error(.invalidMetadata, "UNIT")
    }
    return lexer.text(RawText(range: token, isEscaped: false))
  }

  private static func type(_ lexer: inout LineLexer) throws(ParseError) -> MetricType {
    let token = lexer.token()
    let text = lexer.raw(token)
    lexer.skipFreeWhitespace()
    guard lexer.isAtEnd else { throw lexer.error(.invalidMetadata, "TYPE") }
    guard let type = type(named: text, lexer.dialect) else {
      throw lexer.error(.unknownType, at: token.lowerBound, text)
    }
    return type
  }

  private static func type(named text: String, _ dialect: TextDialect) -> MetricType? {
    if dialect.isOpenMetrics { return MetricType(rawValue: text) }
    switch text {
    case "counter": return .counter
    case "gauge": return .gauge
    case "histogram": return .histogram
    case "summary": return .summary
    case "untyped": return .unknown
    default: return nil
    }
  }
}
