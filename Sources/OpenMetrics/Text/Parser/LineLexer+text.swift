/// A piece of text as it stands in the exposition, without its quotes.
struct RawText {
  let range: Range<Int>
  let isEscaped: Bool
}

extension LineLexer {
  /// A text in quotes; the opening one is next.
  mutating func quoted() throws(ParseError) -> RawText {
    guard skip("\"") else { throw error(.invalidLabels, "expected a double quote") }
    let first = index
    var isEscaped = false
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index &+= 1
        return RawText(range: first..<index &- 1, isEscaped: isEscaped)
      }
      index &+= 1
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try checkEscape(takesQuote: true)
      }
    }
    throw error(.invalidLabels, "unterminated label value")
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
