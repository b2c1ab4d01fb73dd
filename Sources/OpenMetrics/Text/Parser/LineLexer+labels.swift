extension LineLexer {
  /// What a sample begins with: its name and its labels, which are then in ``labels``.
  mutating func nameAndLabels() throws(ParseError) -> RawName {
    labels.removeAll(keepingCapacity: true)
    guard next != UInt8(ascii: "{") else {
      guard let name = try labelsInBraces(mayHaveName: true) else {
        throw error(.invalidMetricName, at: start, "expected a name")
      }
      try endOfLabels()
      return name
    }
    let name = try metricName()
    let afterName = index
    skipFreeWhitespace()
    guard next == UInt8(ascii: "{") else {
      index = afterName
      try separator()
      return name
    }
    _ = try labelsInBraces(mayHaveName: false)
    try endOfLabels()
    return name
  }

  /// A name without quotes.
  mutating func metricName() throws(ParseError) -> RawName {
    let first = index
    if let lastName, repeats(lastName) { return lastName }
    while index < end, NameGrammar.isMetricContinuation(bytes[index]) { index &+= 1 }
    guard first < index, !NameGrammar.isDigit(bytes[first]) else { throw error(.invalidMetricName) }
    let name = RawName(text: RawText(range: first..<index, isEscaped: false), token: first..<index)
    lastName = name
    return name
  }

  /// A name in a line of metadata, which may be in quotes.
  mutating func metadataName() throws(ParseError) -> String {
    guard next == UInt8(ascii: "\"") else { return text(try metricName().text) }
    try allowQuotes()
    let name = try quoted(isName: true)
    guard !name.range.isEmpty else { throw error(.invalidMetricName, "it is empty") }
    return text(name)
  }

  /// The labels in braces; the opening brace is next.
  ///
  /// - Returns: the name that stands among them, where there may be one.
  mutating func labelsInBraces(mayHaveName: Bool, areExemplars: Bool = false) throws(ParseError) -> RawName? {
    labels.removeAll(keepingCapacity: true)
    var name: RawName?
    guard skip("{") else { throw error(.invalidLabels) }
    skipFreeWhitespace()
    var isFirst = true
    while !skip("}") {
      if !isFirst, try commaEndsLabels() { break }
      if next == UInt8(ascii: "\"") {
        try allowQuotes()
        let position = index
        let text = try quoted(isName: !areExemplars)
        skipFreeWhitespace()
        if next == UInt8(ascii: "=") {
          try label(named: text, isQuoted: true, at: position)
        } else {
          guard mayHaveName, isFirst || dialect.isLenient, name == nil, !text.range.isEmpty else {
            throw error(.invalidLabels, at: position, "a name is not allowed here")
          }
          name = RawName(text: text, token: position..<text.range.upperBound + 1)
        }
      } else {
        let position = index
        try label(named: try labelName(), isQuoted: false, at: position)
      }
      isFirst = false
      skipFreeWhitespace()
    }
    if let duplicate = duplicateLabel() { throw error(.rule(.duplicateLabel), duplicate) }
    return name
  }

  /// - Returns: whether the comma was the last of the labels, and the closing brace after it is read.
  private mutating func commaEndsLabels() throws(ParseError) -> Bool {
    guard skip(",") else {
      guard !dialect.isOpenMetrics, next != nil else {
        throw error(.invalidLabels, "expected a comma or a closing brace")
      }
      try overlook(.missingComma, error(.invalidLabels, "expected a comma or a closing brace"))
      return false
    }
    skipFreeWhitespace()
    let position = index
    guard skip("}") else { return false }
    if !dialect.allowsTrailingComma {
      try overlook(.trailingComma, error(.rule(.invalidLabelName), at: position))
    }
    return true
  }

  private mutating func label(
    named name: RawText, isQuoted: Bool, at position: Int
  ) throws(ParseError) {
    guard labels.count < limits.labelsPerSample else { throw error(.tooManyLabels) }
    skipFreeWhitespace()
    guard skip("=") else { throw error(.invalidLabels, "expected an equals sign") }
    skipFreeWhitespace()
    labels.append(RawLabel(name: name, value: try quoted(isName: false), isQuoted: isQuoted))
    try checkReserved(name, at: position)
  }

  @inline(__always)
  private mutating func labelName() throws(ParseError) -> RawText {
    let first = index
    while index < end, NameGrammar.isLabelContinuation(bytes[index]) { index &+= 1 }
    guard first < index, !NameGrammar.isDigit(bytes[first]) else {
      throw error(.rule(.invalidLabelName), at: first)
    }
    return RawText(range: first..<index, isEscaped: false)
  }

  @inline(__always)
  private mutating func checkReserved(_ name: RawText, at position: Int) throws(ParseError) {
    guard !name.range.isEmpty else { throw error(.rule(.invalidLabelName), at: position, "it is empty") }
    guard bytes[name.range.lowerBound] == UInt8(ascii: "_") else { return }
    let text = text(name)
    if text == "__name__" { throw error(.rule(.reservedName), at: position, text) }
    // OpenMetrics 2.0 has these in place of metadata.
    if dialect.format == .openMetrics2, text == "__type__" || text == "__unit__" { return }
    if dialect.reservesLeadingUnderscore {
      try overlook(.reservedName, error(.rule(.reservedName), at: position, text))
    }
  }

  private mutating func allowQuotes() throws(ParseError) {
    guard dialect.allowsQuotedNames else {
      try overlook(.quotedName, error(.quotedNameNotAllowed))
      return
    }
  }

  /// In the Prometheus formats the value may follow the brace at once.
  private mutating func endOfLabels() throws(ParseError) {
    if dialect.allowsFreeWhitespace { skipFreeWhitespace() } else { try separator() }
  }

  /// Whether the last name comes again; it is stepped over then.
  @inline(__always)
  private mutating func repeats(_ name: RawName) -> Bool {
    let last = index &+ name.token.count
    guard last < end, !NameGrammar.isMetricContinuation(bytes[last]), isSame(name.token, index..<last)
    else { return false }
    index = last
    return true
  }
}
