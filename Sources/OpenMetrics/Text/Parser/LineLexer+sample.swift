extension LineLexer {
  /// The labels, if there are any, and what separates them or the name from the value.
  mutating func labelsIfPresent() throws(ParseError) -> LabelSet {
    var lookahead = self
    lookahead.skipFreeWhitespace()
    guard lookahead.next == UInt8(ascii: "{") else {
      try separator()
      return .empty
    }
    self = lookahead
    let labels = try labels()
    // In 0.0.4 the value may follow the brace at once.
    if dialect.allowsFreeWhitespace { skipFreeWhitespace() } else { try separator() }
    return labels
  }

  mutating func timestampIfPresent() throws(ParseError) -> MetricTimestamp? {
    switch dialect {
    case .text004:
      skipFreeWhitespace()
      if isAtEnd { return nil }
      let timestamp = try timestamp()
      skipFreeWhitespace()
      return timestamp
    case .openMetrics:
      var lookahead = self
      if isAtEnd || lookahead.skip(word: " #") { return nil }
      try separator()
      return try timestamp()
    }
  }

  mutating func exemplarIfPresent() throws(ParseError) -> Exemplar? {
    guard dialect.allowsExemplars, !isAtEnd else { return nil }
    guard skip(word: " # ") else { throw error(.invalidExemplar) }
    guard next == UInt8(ascii: "{") else { throw error(.invalidExemplar, "expected labels") }
    let labels = try labels()
    try separator()
    let value = try number().value.doubleValue
    var timestamp: MetricTimestamp?
    if !isAtEnd {
      try separator()
      timestamp = try self.timestamp()
    }
    do {
      return try Exemplar(labels: labels, value: value, timestamp: timestamp)
    } catch .exemplarTooLong(let codePoints) {
      throw self.error(.exemplarTooLong, "\(codePoints)")
    } catch {
      throw self.error(.invalidExemplar, "\(error)")
    }
  }

  /// The labels in braces; the opening brace is next.
  mutating func labels() throws(ParseError) -> LabelSet {
    var labels: [Label] = []
    guard skip("{") else { throw error(.invalidLabels) }
    skipFreeWhitespace()
    while !skip("}") {
      if !labels.isEmpty {
        guard skip(",") else { throw error(.invalidLabels, "expected a comma or a closing brace") }
        skipFreeWhitespace()
        if dialect.allowsTrailingComma, skip("}") { break }
      }
      guard labels.count < limits.labelsPerSample else { throw error(.tooManyLabels) }
      labels.append(try label())
      skipFreeWhitespace()
    }
    let set = LabelSet(labels)
    if let name = set.firstDuplicateName { throw error(.rule(.duplicateLabel), name) }
    return set
  }

  private mutating func label() throws(ParseError) -> Label {
    let name = try labelName()
    skipFreeWhitespace()
    guard skip("=") else { throw error(.invalidLabels, "expected an equals sign") }
    skipFreeWhitespace()
    return Label(name, try quoted())
  }

  private mutating func labelName() throws(ParseError) -> String {
    let column = index
    while let next, NameGrammar.isLabelContinuation(next) { advance() }
    let name = bytes[column..<index]
    guard let first = name.first, NameGrammar.isLabelStart(first) else {
      throw error(.rule(.invalidLabelName))
    }
    let text = String(decoding: name, as: UTF8.self)
    if text == "__name__" || (dialect.reservesLeadingUnderscore && first == UInt8(ascii: "_")) {
      throw error(.rule(.reservedName), text)
    }
    return text
  }
}
