/// Where a value stands in the bytes of a JSON text, and what it is. A string's range is without its quotes.
struct JSONValue: Sendable, Hashable {
  enum Kind: UInt8, Sendable {
    case absent, string
    /// A string with at least one backslash, whose bytes are not yet its text.
    case escapedString
    case number, object, array
    case `true`, `false`, null
  }

  static let absent = JSONValue(.absent, from: 0, to: 0)

  private var start: UInt32
  private var end: UInt32
  let kind: Kind

  @inline(__always)
  init(_ kind: Kind, from start: Int, to end: Int) {
    self.kind = kind
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
  }

  var isPresent: Bool { kind != .absent }
  var count: Int { Int(end &- start) }

  /// The value's bytes in the text that it was found in.
  @inline(__always)
  func bytes(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[Int(start)..<Int(end)])
  }

  /// A string's text, with its escapes resolved; nil where the value is no string. Allocates only where
  /// there are escapes, which no exchange sends in what is read.
  @inline(__always)
  func withText<Result>(
    in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result? {
    switch kind {
    case .string: body(bytes(in: text))
    case .escapedString: Self.unescaped(bytes(in: text)).withUnsafeBytes(body)
    default: nil
    }
  }

  /// Whether the value is a string with that text.
  @inline(__always)
  func equals(_ expected: StaticString, in text: UnsafeRawBufferPointer) -> Bool {
    if kind == .string, count != expected.utf8CodeUnitCount { return false }
    return withText(in: text) { actual in
      guard actual.count == expected.utf8CodeUnitCount else { return false }
      for index in 0..<actual.count where actual[index] != expected.utf8Start[index] { return false }
      return true
    } ?? false
  }

  /// A number that is written as an integer and fits in 64 bits.
  @inline(__always)
  func integer(in text: UnsafeRawBufferPointer) -> Int64? {
    guard kind == .number else { return nil }
    let digits = bytes(in: text)
    let isNegative = digits[0] == UInt8(ascii: "-")
    var result: Int64 = 0
    for index in (isNegative ? 1 : 0)..<digits.count {
      let digit = digits[index] &- UInt8(ascii: "0")
      let (product, high) = result.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(digit))
      guard digit <= 9, !high, !carry else { return nil }
      result = sum
    }
    return isNegative ? -result : result
  }

  static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Resolves the escapes of a string that the scanner has validated. A lone surrogate becomes U+FFFD.
  private static func unescaped(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\") else {
        result.append(raw[index])
        index += 1
        continue
      }
      switch raw[index + 1] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        var unit = codeUnit(raw, at: index)
        if 0xD800..<0xDC00 ~= unit, index + 12 <= raw.count, raw[index + 6] == UInt8(ascii: "\\"),
          raw[index + 7] == UInt8(ascii: "u"), 0xDC00..<0xE000 ~= codeUnit(raw, at: index + 6)
        {
          unit = 0x10000 + (unit - 0xD800) << 10 + (codeUnit(raw, at: index + 6) - 0xDC00)
          index += 6
        }
        let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        index += 4
      default: result.append(raw[index + 1])
      }
      index += 2
    }
    return result
  }

  /// The code unit of the `\uXXXX` at `index`.
  private static func codeUnit(_ raw: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
    (index + 2..<index + 6).reduce(0) { $0 << 4 | (hexadecimal(raw[$1]) ?? 0) }
  }
}
