/// Finds the first byte that is not part of well-formed UTF-8.
///
/// Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
enum UTF8Check {
  /// - Returns: the first invalid position at or after `start`, or `nil`.
  static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes)
    let end = bytes.count
    var index = start
    while index < end {
      // Eight bytes at once, as long as they are ASCII.
      while index &+ 8 <= end,
        raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      { index &+= 8 }
      guard index < end else { return nil }
      if bytes[index] < 0x80 {
        index &+= 1
        continue
      }
      let length = sequenceLength(bytes, index, end)
      guard length > 0 else { return index }
      index &+= length
    }
    return nil
  }

  /// The length of the sequence of several bytes that begins here, or 0 if it is ill-formed.
  private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ end: Int) -> Int {
    let first = bytes[index]
    let length =
      switch first {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 0
      }
    guard length > 0, index + length <= end else { return 0 }
    let second = bytes[index + 1]
    let allowed: ClosedRange<UInt8> =
      switch first {
      case 0xE0: 0xA0...0xBF
      case 0xED: 0x80...0x9F
      case 0xF0: 0x90...0xBF
      case 0xF4: 0x80...0x8F
      default: 0x80...0xBF
      }
    guard allowed.contains(second) else { return 0 }
    for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
