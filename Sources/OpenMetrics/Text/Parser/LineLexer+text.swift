/// A piece of text as it stands in the exposition, without its quotes.
struct RawText {
  let range: Range<Int>
  /// Whether it would be written otherwise than as what it means.
  let isEscaped: Bool
}

extension LineLexer {
  /// A text in quotes; the opening one is next.
  ///
  /// - Parameter isName: of a metric or of a sample's label. Prometheus takes a line feed in it in any format, and in
  ///   others in its own formats only.
  mutating func quoted(isName: Bool) throws(ParseError) -> RawText {
    guard skip("\"") else { throw error(.invalidLabels, "expected a double quote") }
    let first = index
    var isEscaped = false
    let lineFeeds = innerLineFeeds
    while true {
      if index >= end { guard try goesOn(isName: isName) else { break } }
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index &+= 1
        return RawText(range: first..<index &- 1, isEscaped: isEscaped || innerLineFeeds > lineFeeds)
      }
      index &+= 1
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        guard index < end else { break }
        try checkEscape(takesQuote: true)
      }
    }
    throw error(.invalidLabels, "unterminated label value")
  }

  /// Whether a text in quotes goes on behind the end of the line, which then is a longer one.
  private mutating func goesOn(isName: Bool) throws(ParseError) -> Bool {
    guard dialect.takesLineFeeds(inName: isName), end < bytes.count else { return false }
    try takeNextLine()
    return true
  }

  /// Everything up to the end of the line.
  mutating func helpText() throws(ParseError) -> String {
    let first = index
    var isEscaped = false
    while index < end {
      let byte = bytes[index]
      index &+= 1
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        if index == end {
          try overlook(.undefinedEscape, error(.invalidEscape, at: index - 1, "lone backslash"))
        } else {
          try checkEscape(takesQuote: dialect.isOpenMetrics)
        }
      } else if byte == UInt8(ascii: "\""), dialect.isOpenMetrics {
        try overlook(.undefinedEscape, error(.invalidEscape, at: index - 1, "unescaped double quote"))
      }
    }
    return text(RawText(range: first..<end, isEscaped: isEscaped), takesQuote: dialect.isOpenMetrics)
  }

  /// Steps over what a backslash is in front of.
  private mutating func checkEscape(takesQuote: Bool) throws(ParseError) {
    guard index < end else { return }
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "n"), UInt8(ascii: "\\"): break
    case UInt8(ascii: "\"") where takesQuote: break
    default:
      if !dialect.keepsUndefinedEscapes {
        try overlook(.undefinedEscape, error(.invalidEscape, at: index - 1))
      }
    }
    index &+= 1
  }

  /// The text, which is known to be UTF-8, with its escapes undone. Undefined ones stand for themselves.
  func text(_ raw: RawText, takesQuote: Bool = true) -> String {
    guard raw.isEscaped else { return String(decoding: slice(raw.range), as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(raw.range.count)
    var position = raw.range.lowerBound
    while position < raw.range.upperBound {
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\\"), position < raw.range.upperBound else {
        result.append(byte)
        continue
      }
      switch bytes[position] {
      case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "\"") where takesQuote: result.append(UInt8(ascii: "\""))
      case let other: result += [byte, other]
      }
      position += 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether the input has the same bytes in two places.
  @inline(__always)
  func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    guard left.lowerBound != right.lowerBound else { return true }
    var offset = 0
    let count = left.count
    let first = left.lowerBound
    let second = right.lowerBound
    while offset &+ 8 <= count {
      guard word(first &+ offset) == word(second &+ offset) else { return false }
      offset &+= 8
    }
    while offset < count {
      guard bytes[first &+ offset] == bytes[second &+ offset] else { return false }
      offset &+= 1
    }
    return true
  }

  /// Whether the text is this one.
  func isText(_ raw: RawText, _ expected: [UInt8]) -> Bool {
    if raw.isEscaped { return text(raw).utf8.elementsEqual(expected) }
    guard raw.range.count == expected.count else { return false }
    for offset in 0..<expected.count where bytes[raw.range.lowerBound + offset] != expected[offset] {
      return false
    }
    return true
  }

  @inline(__always)
  private func word(_ position: Int) -> UInt64 {
    UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: position, as: UInt64.self)
  }
}
