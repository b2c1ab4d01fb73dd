extension PromQLParser {
  private static let aggregations: Set = [
    "sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values",
    "quantile",
    "limitk", "limit_ratio",
  ]
  private static let withParameter: Set = [
    "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio",
  ]

  mutating func primary() throws(PromQLError) -> PromQLExpression {
    let start = token
    switch start.kind {
    case .number:
      advance()
      return .scalar
    case .string(let text):
      advance()
      return .text(text)
    case .mark("("):
      advance()
      let inner = try expression()
      try expectMark(")", "behind an expression in brackets")
      return inner
    case .mark("{"):
      return .selector(try selector(name: nil, offset: start.offset))
    case .variable(let name):
      advance()
      guard isMark("{") else { return .scalar }
      let word = PromQLWord(text: name, offset: start.offset, isVariable: true)
      return .selector(try selector(name: word, offset: start.offset))
    case .identifier(let name):
      advance()
      return try named(name, at: start.offset)
    case .mark, .end: throw unexpected("where an expression belongs")
    }
  }

  private mutating func named(_ name: String, at offset: Int) throws(PromQLError) -> PromQLExpression {
    let word = PromQLWord(text: name, offset: offset)
    let folded = name.lowercased()
    if Self.aggregations.contains(folded), isMark("(") || isWord("by") || isWord("without") {
      return .aggregation(try aggregation(PromQLWord(text: folded, offset: offset)))
    }
    if isMark("(") {
      return .call(PromQLCall(function: word, arguments: try arguments()))
    }
    if folded == "inf" || folded == "nan" { return .scalar }
    return .selector(try selector(name: word, offset: offset))
  }

  private mutating func arguments() throws(PromQLError) -> [PromQLExpression] {
    try expectMark("(", "before arguments")
    var arguments: [PromQLExpression] = []
    while !isMark(")") {
      arguments.append(try expression())
      guard takeMark(",") else { break }
    }
    try expectMark(")", "behind arguments")
    return arguments
  }

  private mutating func aggregation(_ operation: PromQLWord) throws(PromQLError) -> PromQLAggregation {
    var clause = try grouping()
    var arguments = try arguments()
    if clause == nil { clause = try grouping() }
    let count = Self.withParameter.contains(operation.text) ? 2 : 1
    guard arguments.count == count, let operand = arguments.popLast() else {
      throw PromQLError(
        reason: "\(operation.text) takes \(count) \(count == 1 ? "argument" : "arguments")",
        offset: operation.offset)
    }
    return PromQLAggregation(
      operation: operation, grouping: clause?.0, labels: clause?.1 ?? [], parameter: arguments.first,
      operand: operand)
  }

  private mutating func grouping() throws(PromQLError) -> (PromQLAggregation.Grouping, [PromQLWord])? {
    for grouping in [PromQLAggregation.Grouping.by, .without] where takeWord(grouping.rawValue) {
      return (grouping, try labelList())
    }
    return nil
  }

  /// `(a, b)`: names of labels.
  mutating func labelList() throws(PromQLError) -> [PromQLWord] {
    try expectMark("(", "before labels")
    var labels: [PromQLWord] = []
    while !isMark(")") {
      labels.append(try labelName())
      guard takeMark(",") else { break }
    }
    try expectMark(")", "behind labels")
    return labels
  }

  private mutating func labelName() throws(PromQLError) -> PromQLWord {
    let start = token
    let word: PromQLWord
    switch start.kind {
    case .identifier(let name), .string(let name): word = PromQLWord(text: name, offset: start.offset)
    case .variable(let name): word = PromQLWord(text: name, offset: start.offset, isVariable: true)
    default: throw unexpected("where a label belongs")
    }
    advance()
    return word
  }

  /// The matchers behind a name, where there are any.
  private mutating func selector(name: PromQLWord?, offset: Int) throws(PromQLError) -> PromQLSelector {
    var selector = PromQLSelector(name: name, matchers: [], offset: offset)
    guard takeMark("{") else { return selector }
    while !isMark("}") {
      try readMatcher(into: &selector)
      guard takeMark(",") else { break }
    }
    try expectMark("}", "behind matchers")
    guard selector.name != nil || !selector.matchers.isEmpty else {
      throw PromQLError(reason: "a selector that selects everything", offset: offset)
    }
    return selector
  }

  private mutating func readMatcher(into selector: inout PromQLSelector) throws(PromQLError) {
    let isQuoted = if case .string = token.kind { true } else { false }
    let label = try labelName()
    if isQuoted, selector.name == nil, isMark(",") || isMark("}") {
      // `{"the.name"}`: a name that is no identifier.
      selector.name = label
      return
    }
    guard case .mark(let mark) = token.kind, let operation = PromQLMatcher.Operation(rawValue: mark) else {
      throw unexpected("where =, !=, =~ or !~ belongs")
    }
    advance()
    guard case .string(let text) = token.kind else { throw unexpected("where a value in quotes belongs") }
    let value = PromQLWord(text: text, offset: token.offset)
    advance()
    if label.text == "__name__", operation == .equal, selector.name == nil {
      selector.name = value
    } else {
      selector.matchers.append(PromQLMatcher(label: label, operation: operation, value: value))
    }
  }
}
