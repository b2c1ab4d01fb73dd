/// A number's digits: `[sign] digits [. digits] [e [sign] digits]`, with at least one digit before the exponent.
struct DecimalNumber {
  enum Shape { case integer, fixed, scientific }

  private(set) var shape = Shape.integer
  private(set) var isNegative = false
  private(set) var mantissa: UInt64 = 0
  /// The power of ten that the mantissa is multiplied by.
  private(set) var exponent = 0
  /// Whether all digits fit into the mantissa.
  private(set) var isExact = true

  /// `nil` unless the whole token is a number of this form.
  @inline(__always)
  init?(_ token: UnsafeBufferPointer<UInt8>) {
    var index = 0
    let count = token.count
    guard count > 0 else { return nil }
    if token[0] == UInt8(ascii: "-") || token[0] == UInt8(ascii: "+") {
      isNegative = token[0] == UInt8(ascii: "-")
      index = 1
    }
    let first = index
    takeDigits(token, &index)
    var digits = index - first
    if index < count, token[index] == UInt8(ascii: ".") {
      shape = .fixed
      index += 1
      let point = index
      takeDigits(token, &index)
      digits += index - point
      exponent = point - index
    }
    guard digits > 0 else { return nil }
    if index < count, token[index] | 0x20 == UInt8(ascii: "e") {
      shape = .scientific
      index += 1
      guard takeExponent(token, &index) else { return nil }
    }
    guard index == count else { return nil }
  }

  /// The double that is nearest, where one multiplication or division of exact numbers finds it.
  var exactDouble: Double? {
    guard isExact, mantissa <= 1 << 53, exponent >= -19, exponent <= 19 else { return nil }
    let magnitude = Double(mantissa)
    // Powers of ten up to 10^22 are exact.
    let value =
      exponent < 0
      ? magnitude / Double(Self.power(-exponent)) : magnitude * Double(Self.power(exponent))
    return isNegative ? -value : value
  }

  /// 10 to the power of 0 ... 19.
  static func power(_ exponent: Int) -> UInt64 {
    var result: UInt64 = 1
    for _ in 0..<exponent { result &*= 10 }
    return result
  }

  @inline(__always)
  private mutating func takeDigits(_ token: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    while index < token.count {
      let digit = token[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return }
      index += 1
      // Anything below needs no check for overflow.
      if mantissa < 1_000_000_000_000_000_000 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
      } else {
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
        if overflow || carried { isExact = false }
        if isExact { mantissa = sum }
      }
    }
  }

  private mutating func takeExponent(_ token: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
    var isDown = false
    if index < token.count, token[index] == UInt8(ascii: "-") || token[index] == UInt8(ascii: "+") {
      isDown = token[index] == UInt8(ascii: "-")
      index += 1
    }
    let first = index
    var value = 0
    while index < token.count {
      let digit = token[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      index += 1
      value = min(value * 10 + Int(digit), 100_000)
    }
    exponent += isDown ? -value : value
    return index > first
  }
}
