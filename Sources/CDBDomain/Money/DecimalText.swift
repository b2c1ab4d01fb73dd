/// Exact decimals as text: parsing to, and rendering of, an `Int64` mantissa at a fixed scale.
///
/// The wire carries prices, quantities and money as decimal strings, never as floating point. Inside,
/// a value is its mantissa; the scale belongs to the instrument (at most 18).
public enum DecimalText {
  /// The largest scale that an instrument may have: 10^18 is the largest power of ten in an `Int64`.
  public static let maximumScale = 18

  /// Why a text is not a decimal at the scale asked for.
  public enum ParseError: Error, Equatable, Sendable {
    case empty
    /// A byte that a plain decimal does not have, with its offset. Exponents and signs other than one
    /// leading `-` are refused.
    case unexpectedByte(UInt8, at: Int)
    /// More non-zero digits after the point than the scale holds: rounding would be silent.
    case tooPrecise(scale: Int)
    case overflow
  }

  /// Ten to the power of `exponent`, 0…18.
  @inlinable
  public static func powerOfTen(_ exponent: Int) -> Int64 {
    // Becomes a table in the code: a loop of multiplications was a third of the time of ``parse(_:scale:)``.
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    case 8: 100_000_000
    case 9: 1_000_000_000
    case 10: 10_000_000_000
    case 11: 100_000_000_000
    case 12: 1_000_000_000_000
    case 13: 10_000_000_000_000
    case 14: 100_000_000_000_000
    case 15: 1_000_000_000_000_000
    case 16: 10_000_000_000_000_000
    case 17: 100_000_000_000_000_000
    default: 1_000_000_000_000_000_000
    }
  }

  /// Parses a decimal such as `61837.63000000` into a mantissa at `scale`.
  ///
  /// Zeros beyond the scale are accepted, other digits there are refused.
  @inlinable
  public static func parse(_ text: UnsafeRawBufferPointer, scale: Int) throws(ParseError) -> Int64 {
    if let mantissa = parseEightDecimals(text, scale: scale) { return mantissa }
    return try parseEveryDigit(text, scale: scale)
  }

  /// The form that exchanges write, such as `61837.63000000`: up to nine digits, a point, and eight more.
  /// Nil for every other text, and for whatever is wrong with one: ``parseEveryDigit(_:scale:)`` decides.
  @inlinable
  static func parseEightDecimals(_ text: UnsafeRawBufferPointer, scale: Int) -> Int64? {
    let point = text.count &- 9
    guard 1...9 ~= point, text[point] == UInt8(ascii: "."), 0...8 ~= scale else { return nil }
    // Seventeen digits fit in 64 bits, so that nothing below can overflow.
    var whole: UInt64 = 0
    for index in 0..<point {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      whole = whole &* 10 &+ UInt64(digit)
    }
    let bytes = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: point &+ 1, as: UInt64.self))
    var digits = bytes ^ 0x3030_3030_3030_3030
    // A byte above 9 has its top bit set, or gets it from adding 0x76; the digits beyond the scale are 0.
    let excess = (digits &+ 0x7676_7676_7676_7676) | digits
    guard excess & 0x8080_8080_8080_8080 == 0, digits >> (8 &* scale) == 0 else { return nil }
    // The scale's digits with zeros in front, then neighbours joined: pairs, fours, all eight.
    digits <<= 8 &* (8 &- scale)
    digits = (digits &* 10 &+ (digits >> 8)) & 0x00FF_00FF_00FF_00FF
    digits = (digits &* 100 &+ (digits >> 16)) & 0x0000_FFFF_0000_FFFF
    digits = (digits &* 10_000 &+ (digits >> 32)) & 0xFFFF_FFFF
    return Int64(bitPattern: whole &* UInt64(powerOfTen(scale)) &+ digits)
  }

  /// Every form of a decimal, and every error.
  @usableFromInline
  static func parseEveryDigit(
    _ text: UnsafeRawBufferPointer, scale: Int
  ) throws(ParseError) -> Int64 {
    guard !text.isEmpty else { throw .empty }
    var index = 0
    let negative = text[0] == UInt8(ascii: "-")
    if negative { index = 1 }
    var mantissa: Int64 = 0
    var digits = 0
    var fraction = -1
    while index < text.count {
      let byte = text[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        digits += 1
        if fraction >= scale {
          guard digit == 0 else { throw .tooPrecise(scale: scale) }
        } else {
          let (product, high) = mantissa.multipliedReportingOverflow(by: 10)
          // Counted below zero, where the range is one longer: every mantissa that renders also parses.
          let (sum, carry) = product.subtractingReportingOverflow(Int64(digit))
          guard !high, !carry else { throw .overflow }
          mantissa = sum
          if fraction >= 0 { fraction += 1 }
        }
      } else if byte == UInt8(ascii: "."), fraction < 0, digits > 0 {
        fraction = 0
      } else {
        throw .unexpectedByte(byte, at: index)
      }
      index += 1
    }
    guard digits > 0 else { throw .empty }
    let missing = scale - max(fraction, 0)
    if missing > 0 {
      let (scaled, overflow) = mantissa.multipliedReportingOverflow(by: powerOfTen(missing))
      guard !overflow else { throw .overflow }
      mantissa = scaled
    }
    if negative { return mantissa }
    guard mantissa != .min else { throw .overflow }
    return -mantissa
  }

  /// Parses a string; see ``parse(_:scale:)-(UnsafeRawBufferPointer,_)``.
  public static func parse(_ text: String, scale: Int) throws(ParseError) -> Int64 {
    let bytes = Array(text.utf8)
    let result = bytes.withUnsafeBytes { buffer -> Result<Int64, ParseError> in
      do throws(ParseError) {
        return .success(try parse(buffer, scale: scale))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Renders a mantissa, without trailing zeros after the point: `-0.05`, `61837.63`, `12`.
  public static func render(_ mantissa: Int64, scale: Int) -> String {
    let magnitude = mantissa.magnitude
    guard scale > 0 else { return String(mantissa) }
    let unit = UInt64(powerOfTen(scale))
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: unit)
    let sign = mantissa < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    var fraction = String(rest)
    fraction = String(repeating: "0", count: scale - fraction.count) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return "\(sign)\(whole).\(fraction)"
  }
}
