/// A `# TYPE`, `# HELP` or `# UNIT` line.
struct MetadataLine {
  enum Content { case type(MetricType), help(String), unit(String) }

  let name: String
  let content: Content

  /// Reads a line that begins with `#`.
  ///
  /// - Returns: `nil` for a comment, which only 0.0.4 knows.
  static func parse(_ lexer: inout LineLexer) throws(ParseError) -> MetadataLine? {
    switch lexer.dialect {
    case .openMetrics:
      guard lexer.skip(word: "# ") else { throw lexer.error(.invalidMetadata) }
    case .text004:
      _ = lexer.skip("#")
      lexer.skipFreeWhitespace()
    }
    let keyword = String(decoding: lexer.token(), as: UTF8.self)
    switch keyword {
    case "TYPE", "HELP": break
    case "UNIT" where lexer.dialect == .openMetrics: break
    default:
      if lexer.dialect == .text004 { return nil }
      throw lexer.error(.invalidMetadata, keyword)
    }
    try lexer.separator()
    let name = try lexer.metricName()
    // In 0.0.4 a help text may be missing altogether.
    if lexer.dialect == .text004, keyword == "HELP", lexer.isAtEnd {
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
    guard lexer.isAtEnd, token.allSatisfy(NameGrammar.isMetricContinuation) else {
      throw lexer.error(.invalidMetadata, "UNIT")
    }
    return String(decoding: token, as: UTF8.self)
  }

  private static func type(_ lexer: inout LineLexer) throws(ParseError) -> MetricType {
    let text = String(decoding: lexer.token(), as: UTF8.self)
    lexer.skipFreeWhitespace()
    guard lexer.isAtEnd else { throw lexer.error(.invalidMetadata, "TYPE") }
    let type: MetricType? =
      switch (lexer.dialect, text) {
      case (.openMetrics, _): MetricType(rawValue: text)
      case (.text004, "counter"), (.text004, "gauge"), (.text004, "histogram"), (.text004, "summary"):
        MetricType(rawValue: text)
      case (.text004, "untyped"): .unknown
      case (.text004, _): nil
      }
    guard let type else { throw lexer.error(.unknownType, text) }
    return type
  }
}
