import Glibc

/// Numbers as targets write them.
enum NumberText {
  private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

  /// The bits of the number, every NaN in one form; nil where it is none. What Go's ParseFloat takes is taken: `Inf`,
  /// `+Infinity` and `nan` in any letter case, exponents, hexadecimal.
  static func bits(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    if let plain = plain(text) { return plain.bitPattern }
    guard (1...512).contains(text.count), isNumber(text) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy -> UInt64? in
      for (index, byte) in text.enumerated() { copy[index] = CChar(truncatingIfNeeded: byte) }
      copy[text.count] = 0
      guard let start = copy.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      guard let end, end - start == text.count else { return nil }
      // Too large for a double: a number that was written in digits is not infinite.
      if value.isInfinite, text.contains(where: { ASCII.isDigit($0) }) { return nil }
      return SampleValue.bits(value)
    }
  }

  /// No blanks, and none of the forms that only C knows.
  private static func isNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "(") }
  }

  /// A decimal number that is exact: digits of at most 2^53 times or by a power of ten that a double holds.
  @inline(__always)
  private static func plain(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { index = 1 }
    guard index < text.count, text.count - index <= 17 else { return nil }
    var digits: UInt64 = 0
    var fraction = -1
    var count = 0
    while index < text.count {
      let byte = text[index]
      if byte &- 48 < 10 {
        digits = digits &* 10 &+ UInt64(byte &- 48)
        count &+= 1
        if fraction >= 0 { fraction &+= 1 }
      } else if byte == UInt8(ascii: "."), fraction < 0 {
        fraction = 0
      } else {
        return nil
      }
      index &+= 1
    }
    guard count > 0, digits <= 1 << 53 else { return nil }
    let value = fraction > 0 ? Double(digits) / powers[fraction] : Double(digits)
    return isNegative ? -value : value
  }
}
