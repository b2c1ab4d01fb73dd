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
    var result: Int64 = 1
    for _ in 0..<exponent { result &*= 10 }
    return result
  }

  /// Parses a decimal such as `61837.63000000` into a mantissa at `scale`.
  ///
  /// Zeros beyond the scale are accepted, other digits there are refused.
  @inlinable
  public static func parse(_ text: UnsafeRawBufferPointer, scale: Int) throws(ParseError) -> Int64 {
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
