/// Reads a PromQL expression.
///
/// It takes what Prometheus 2 and 3 take. Of types it checks nothing: that a range is where a range belongs is what
/// `promtool` says.
struct PromQLParser {
  private var tokens: [PromQLToken]
  private var position = 0
  private var depth = 0
  private var links = 0

  static func parse(_ text: String, dialect: PromQLDialect = .prometheus) throws(PromQLError)
    -> PromQLExpression
  {
    var parser = PromQLParser(tokens: try PromQLLexer.tokens(of: text, dialect: dialect))
    let expression = try parser.expression()
    guard parser.token.kind == .end else { throw parser.unexpected("behind the expression") }
    return expression
  }

  private init(tokens: [PromQLToken]) { self.tokens = tokens }

  /// The last token is the end, and nothing goes past it.
  var token: PromQLToken { tokens[position] }

  mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  func unexpected(_ place: String) -> PromQLError {
    let what =
      switch token.kind {
      case .end: "the text ends"
      case .identifier(let name): "unexpected \(name)"
      case .number(let number): "unexpected \(number)"
      case .string: "unexpected string"
      case .variable(let name): "unexpected variable \(name)"
      case .mark(let mark): "unexpected \(mark)"
      }
    return PromQLError(reason: "\(what) \(place)", offset: token.offset)
  }

  func isMark(_ mark: String) -> Bool { token.kind == .mark(mark) }

  func isWord(_ word: String) -> Bool {
    if case .identifier(let name) = token.kind { name.lowercased() == word } else { false }
  }

  mutating func takeMark(_ mark: String) -> Bool {
    guard isMark(mark) else { return false }
    advance()
    return true
  }

  mutating func takeWord(_ word: String) -> Bool {
    guard isWord(word) else { return false }
    advance()
    return true
  }

  mutating func expectMark(_ mark: String, _ place: String) throws(PromQLError) {
    guard takeMark(mark) else { throw unexpected("where \(mark) belongs \(place)") }
  }

  /// Counts how deep the expression is while `body` reads a part of it.
  mutating func nested<T>(_ body: (inout PromQLParser) throws(PromQLError) -> T) throws(PromQLError) -> T {
    guard depth < PromQLLimits.depth else {
      throw PromQLError(
        reason: "the expression is nested deeper than \(PromQLLimits.depth)", offset: token.offset)
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  /// Counts a link of a chain: each is one level of the tree, though reading it does not nest.
  private mutating func link() throws(PromQLError) {
    guard links < PromQLLimits.links else {
      throw PromQLError(
        reason: "the expression has more than \(PromQLLimits.links) operators", offset: token.offset)
    }
    links += 1
  }

  mutating func expression(above minimum: Int = 0) throws(PromQLError) -> PromQLExpression {
    try nested { parser throws(PromQLError) in try parser.operators(above: minimum) }
  }

  /// Operators by how tightly they bind, the loosest first.
  private static let binding: [String: Int] = [
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3, "+": 4, "-": 4,
    "*": 5,
    "/": 5, "%": 5, "atan2": 5, "^": 7,
  ]
  private static let unary = 6

  private var binaryOperator: String? {
    switch token.kind {
    case .mark(let mark): Self.binding[mark] == nil ? nil : mark
    case .identifier(let name): Self.binding[name.lowercased()] == nil ? nil : name.lowercased()
    default: nil
    }
  }

  private mutating func operators(above minimum: Int) throws(PromQLError) -> PromQLExpression {
    var left = try signed()
    while let operation = binaryOperator, let binding = Self.binding[operation], binding > minimum {
      try link()
      advance()
      var binary = PromQLBinary(
        operation: operation, left: left, right: .scalar, matching: nil, labels: [], many: nil, borrowed: [])
      try readModifiers(of: &binary)
      // The power is right-associative.
      binary.right = try expression(above: operation == "^" ? binding - 1 : binding)
      left = .binary(binary)
    }
    return left
  }

  private mutating func readModifiers(of binary: inout PromQLBinary) throws(PromQLError) {
    _ = takeWord("bool")
    for matching in [PromQLBinary.Matching.on, .ignoring] where isWord(matching.rawValue) {
      advance()
      binary.matching = matching
      binary.labels = try labelList()
    }
    guard binary.matching != nil else { return }
    for (word, side) in [("group_left", PromQLBinary.Side.left), ("group_right", .right)] where isWord(word) {
      advance()
      binary.many = side
      if isMark("(") { binary.borrowed = try labelList() }
    }
  }

  private mutating func signed() throws(PromQLError) -> PromQLExpression {
    guard takeMark("-") || takeMark("+") else { return try postfixed() }
    return try expression(above: Self.unary)
  }

  /// What may follow any expression: ranges, subqueries, `offset` and `@`.
  private mutating func postfixed() throws(PromQLError) -> PromQLExpression {
    var result = try primary()
    while true {
      if isMark("[") {
        result = try ranged(result)
      } else if takeWord("offset") {
        _ = takeMark("-") || takeMark("+")
        try duration()
        if case .selector(var selector) = result {
          selector.hasOffset = true
          result = .selector(selector)
        }
      } else if takeMark("@") {
        try instant()
      } else {
        return result
      }
    }
  }

  private mutating func ranged(_ expression: PromQLExpression) throws(PromQLError) -> PromQLExpression {
    advance()
    try link()
    try duration()
    if takeMark(":") {
      if !isMark("]") { try duration() }
      try expectMark("]", "behind a subquery's step")
      return .subquery(expression)
    }
    try expectMark("]", "behind a range")
    guard case .selector(var selector) = expression, !selector.hasRange else {
      throw PromQLError(reason: "a range of something that is no selector", offset: token.offset)
    }
    selector.hasRange = true
    return .selector(selector)
  }

  private mutating func duration() throws(PromQLError) {
    switch token.kind {
    case .number, .variable: advance()
    default: throw unexpected("where a duration belongs")
    }
  }

  /// What stands behind `@`.
  private mutating func instant() throws(PromQLError) {
    if isWord("start") || isWord("end") {
      advance()
      try expectMark("(", "behind @ start or @ end")
      try expectMark(")", "behind @ start or @ end")
    } else {
      _ = takeMark("-") || takeMark("+")
      try duration()
    }
  }
}
