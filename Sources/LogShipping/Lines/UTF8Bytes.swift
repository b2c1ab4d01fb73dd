/// UTF-8 (RFC 3629) in bytes that may be anything.
enum UTF8Bytes {
  /// How long the character is that begins at `index` with a byte of 0x80 or more; nil where none does.
  @inline(__always)
  static func length(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
    let first = bytes[index]
    let (length, least, most): (Int, UInt8, UInt8)
    switch first {
    case 0xC2...0xDF: (length, least, most) = (2, 0x80, 0xBF)
    case 0xE0: (length, least, most) = (3, 0xA0, 0xBF)
    case 0xED: (length, least, most) = (3, 0x80, 0x9F)
    case 0xE1...0xEF: (length, least, most) = (3, 0x80, 0xBF)
    case 0xF0: (length, least, most) = (4, 0x90, 0xBF)
    case 0xF1...0xF3: (length, least, most) = (4, 0x80, 0xBF)
    case 0xF4: (length, least, most) = (4, 0x80, 0x8F)
    default: return nil
    }
    guard index + length <= bytes.count, bytes[index + 1] >= least, bytes[index + 1] <= most else {
      return nil
    }
    for further in 2..<max(length, 2) where bytes[index + further] & 0xC0 != 0x80 { return nil }
    return length
  }

  /// Where a line that is cut at `end` ends without tearing a character.
  static func boundary(in bytes: UnsafeRawBufferPointer, before end: Int) -> Int {
    var start = end
    while start > 0, end - start < 3, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
    guard start > 0, bytes[start - 1] >= 0xC0 else { return end }
    return length(in: UnsafeRawBufferPointer(rebasing: bytes[..<end]), at: start - 1) == nil ? start - 1 : end
  }
}

/// Bytes that a JSON string may hold as they are, and that are no part of a longer character.
enum PlainBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The first index from `start` on of a byte that needs a look: a quote, a backslash, a control character, or 0x80 and more; the
  /// end where there is none.
  @inline(__always)
  static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    // Eight at a time: a byte's highest bit is set where it is one of them. A borrow can only mark bytes above one that is
    // marked rightly, so the lowest mark is right.
    while index + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let marks =
        ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | (word &- ones &* 0x20) | word
      let found = marks & highs
      if found != 0 { return index + found.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { return index }
      index += 1
    }
    return index
  }
}
