extension JSONScanner {
  /// The byte at the position; zero, which no JSON scalar contains, at the end.
  @inline(__always)
  private var byteOrZero: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// A number or one of `true`, `false`, `null`.
  @inline(__always)
  mutating func scalar() throws(SyntaxError) -> JSONValue {
    switch byteOrZero {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try literal("true", .true)
    case UInt8(ascii: "f"): try literal("false", .false)
    case UInt8(ascii: "n"): try literal("null", .null)
    default: throw .unexpectedByte(at: position)
    }
  }

  private mutating func literal(
    _ text: StaticString, _ kind: JSONValue.Kind
  ) throws(SyntaxError) -> JSONValue {
    let start = position
    guard bytes.count - start >= text.utf8CodeUnitCount else { throw .unexpectedEnd }
    for offset in 0..<text.utf8CodeUnitCount where bytes[start + offset] != text.utf8Start[offset] {
      throw .unexpectedByte(at: start + offset)
    }
    position += text.utf8CodeUnitCount
    return JSONValue(kind, from: start, to: position)
  }

  @inline(__always)
  private mutating func number() throws(SyntaxError) -> JSONValue {
    let start = position
    if byteOrZero == UInt8(ascii: "-") { position += 1 }
    if byteOrZero == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if byteOrZero == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if byteOrZero | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byteOrZero == UInt8(ascii: "+") || byteOrZero == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return JSONValue(.number, from: start, to: position)
  }

  /// One digit or more.
  @inline(__always)
  private mutating func digits() throws(SyntaxError) {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
    guard position > start else {
      throw position < bytes.count ? .unexpectedByte(at: position) : .unexpectedEnd
    }
  }

  /// A string, whose opening quote is at the position. The value is what stands between the quotes.
  @inline(__always)
  mutating func string() throws(SyntaxError) -> JSONValue {
    position += 1
    let start = position
    // Almost every string of a frame is plain and ends within the next eight bytes or the eight after.
    while position &+ 8 <= bytes.count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let special = Self.specialBytes(in: word)
      guard special != 0 else {
        position &+= 8
        continue
      }
      position &+= special.trailingZeroBitCount >> 3
      if bytes[position] == UInt8(ascii: "\"") {
        position &+= 1
        return JSONValue(.string, from: start, to: position &- 1)
      }
      break
    }
    return try stringByBytes(from: start)
  }

  /// The high bit of every byte that ends or complicates a string: a quote, a backslash, a control
  /// character, or a byte beyond ASCII. Only the lowest bit set is exact: a borrow may set those above it.
  @inline(__always)
  private static func specialBytes(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found =
      ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
      | ((word &- (ones &* 0x20)) & ~word) | word
    return found & highs
  }

  private mutating func stringByBytes(from start: Int) throws(SyntaxError) -> JSONValue {
    var kind = JSONValue.Kind.string
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return JSONValue(kind, from: start, to: position - 1)
      case UInt8(ascii: "\\"):
        kind = .escapedString
        try escape()
      case 0..<0x20: throw .unexpectedByte(at: position)
      case 0x20..<0x80: position += 1
      default: try multibyteCharacter()
      }
    }
    throw .unexpectedEnd
  }

  private mutating func escape() throws(SyntaxError) {
    guard position + 1 < bytes.count else { throw .unexpectedEnd }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard position + 6 <= bytes.count else { throw .unexpectedEnd }
      for index in position + 2..<position + 6 where JSONValue.hexadecimal(bytes[index]) == nil {
        throw .unexpectedByte(at: index)
      }
      position += 6
    default: throw .unexpectedByte(at: position + 1)
    }
  }

  /// One character beyond ASCII, as RFC 3629 allows it: no overlong form, no surrogate, at most U+10FFFF.
  private mutating func multibyteCharacter() throws(SyntaxError) {
    let (length, second): (Int, ClosedRange<UInt8>)
    switch bytes[position] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw .unexpectedByte(at: position)
    }
    guard position + length <= bytes.count else { throw .unexpectedEnd }
    guard second.contains(bytes[position + 1]) else { throw .unexpectedByte(at: position + 1) }
    for index in position + 2..<max(position + 2, position + length) where bytes[index] & 0xC0 != 0x80 {
      throw .unexpectedByte(at: index)
    }
    position += length
  }
}
