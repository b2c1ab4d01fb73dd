/// JSON strings and numbers (RFC 8259), written straight into the line.
extension LineBuffer {
  /// A quoted, escaped string. Returns false, with nothing promised about what was written, if it does not
  /// fit; under `share` it is cut at a character's boundary instead, unless not even a useful part fits.
  mutating func json(string text: String) -> Bool {
    var text = text
    return text.withUTF8 { utf8 in
      let room: Int
      switch overflow {
      case .refuse:
        room = available
        guard utf8.count + 2 <= room else { return false }
      case .share:
        room = max(min(available, 16), available / 2)
        guard room >= 8 else { return false }
      }
      append(UInt8(ascii: "\""))
      let whole = appendEscaped(utf8, atMost: room - 2)
      append(UInt8(ascii: "\""))
      if whole { return true }
      guard overflow == .share else { return false }
      truncated = true
      return true
    }
  }

  /// The object key, quoted, with its colon. A key is never cut: two cut keys could become the same.
  mutating func json(key: String, prefix: StaticString = "") -> Bool {
    var key = key
    return key.withUTF8 { utf8 in
      guard utf8.count + prefix.utf8CodeUnitCount + 3 <= available else { return false }
      append(UInt8(ascii: "\""))
      append(prefix)
      guard appendEscaped(utf8, atMost: available - 2) else { return false }
      append(UInt8(ascii: "\""))
      append(UInt8(ascii: ":"))
      return true
    }
  }

  /// Escapes and appends; returns false if it stopped at the last whole character within `room` bytes.
  mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>, atMost room: Int) -> Bool {
    guard var next = utf8.baseAddress else { return true }
    var left = utf8.count
    var room = room
    while left > 0 {
      let run = Self.lengthWithoutEscapes(next, left)
      if run > 0 {
        guard run <= room else {
          append(next, Self.characterBoundary(next, atMost: room))
          return false
        }
        append(next, run)
        next += run
        left -= run
        room -= run
        if left == 0 { break }
      }
      let width = Self.escapeWidth(next.pointee)
      guard width <= room else { return false }
      appendEscape(next.pointee, width: width)
      next += 1
      left -= 1
      room -= width
    }
    return true
  }

  /// JSON knows no NaN and no infinity; they are written as strings.
  mutating func json(number value: Double) -> Bool {
    guard available >= 32 else { return false }
    if value.isFinite {
      append(verbatim: value.description)
    } else {
      append(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }
    return true
  }

  // MARK: Escapes

  private static func escapeWidth(_ byte: UInt8) -> Int {
    switch byte {
    case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: 2
    default: 6
    }
  }

  private mutating func appendEscape(_ byte: UInt8, width: Int) {
    append(0x5C)
    switch byte {
    case 0x22, 0x5C: append(byte)
    case 0x08: append(UInt8(ascii: "b"))
    case 0x09: append(UInt8(ascii: "t"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0D: append(UInt8(ascii: "r"))
    default:
      append("u00")
      append(Self.hexDigit(byte >> 4))
      append(Self.hexDigit(byte & 0xF))
    }
  }

  static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

  /// The length of the prefix that needs no escape: no control character, no quote, no backslash. Eight bytes
  /// at a time: `(w - n×01…) & ~w & 80…` marks the bytes below n, and its lowest mark is always exact.
  private static func lengthWithoutEscapes(_ start: UnsafePointer<UInt8>, _ length: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var index = 0
    while index + 8 <= length {
      let raw = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
      let word = UInt64(littleEndian: raw)
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let marks =
        ((word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & highs
      if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < length {
      let byte = start[index]
      if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
      index += 1
    }
    return length
  }

  /// The largest length up to `length` that does not split a UTF-8 sequence. `start[length]` is readable.
  private static func characterBoundary(_ start: UnsafePointer<UInt8>, atMost length: Int) -> Int {
    var length = max(0, length)
    while length > 0, start[length] & 0xC0 == 0x80 { length -= 1 }
    return length
  }
}
