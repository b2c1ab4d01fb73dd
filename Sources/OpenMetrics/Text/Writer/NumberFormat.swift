/// Numbers as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes them, which is how all of Prometheus does.
///
/// The rendering of `le` and `quantile` is part of a series' identity, so it must not differ between languages.
/// Source: OpenMetrics 1.0, "Considerations: Canonical Numbers".
enum NumberFormat {
  /// The longest double has 17 digits, a sign, a point and `e-308`, or 20 places before the point and `.0`.
  static let maximumCount = 40

  /// - Parameter marksFloat: append `.0` where the digits alone would read as an integer.
  /// - Returns: how many bytes were written, at most ``maximumCount``.
  static func write(_ value: Double, marksFloat: Bool, to target: UnsafeMutablePointer<UInt8>) -> Int {
    if value.isNaN { return copy("NaN", to: target) }
    if value.isInfinite { return copy(value < 0 ? "-Inf" : "+Inf", to: target) }
    var count = 0
    if value.sign == .minus {
      target[0] = UInt8(ascii: "-")
      count = 1
    }
    let magnitude = value.magnitude
    // Whole numbers below the first exponent are common and need no search for their shortest digits.
    if magnitude < 1_000_000, magnitude == magnitude.rounded(.down) {
      count += DecimalDigits.write(UInt64(magnitude), to: target + count)
      if marksFloat { count += copy(".0", to: target + count) }
      return count
    }
    return count
      + withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ShortestDecimal.maximumDigits) { digits in
        let decimal = ShortestDecimal(magnitude, digits)
        let exponent = decimal.pointPosition - 1
        if exponent < -4 || exponent >= firstScientificExponent {
          return writeScientific(decimal, exponent: exponent, to: target + count)
        }
        return writeFixed(decimal, marksFloat: marksFloat, to: target + count)
      }
  }

  /// A number as it stands in an `le` or `quantile` label.
  static func canonical(_ value: Double, marksFloat: Bool) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumCount) { target in
      guard let start = target.baseAddress else { return "" }
      let count = write(value, marksFloat: marksFloat, to: start)
      return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }

  /// Where Go's shortest `%g` goes over to an exponent: 100000 is fixed, 1e+06 is not.
  private static let firstScientificExponent = 6

  private static func writeScientific(
    _ decimal: ShortestDecimal, exponent: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    target[0] = decimal.digits[0]
    var count = 1
    if decimal.count > 1 {
      target[1] = UInt8(ascii: ".")
      for index in 1..<decimal.count { target[1 + index] = decimal.digits[index] }
      count = decimal.count + 1
    }
    target[count] = UInt8(ascii: "e")
    target[count + 1] = UInt8(ascii: exponent < 0 ? "-" : "+")
    count += 2
    if exponent.magnitude < 10 {
      target[count] = UInt8(ascii: "0")
      count += 1
    }
    return count + DecimalDigits.write(UInt64(exponent.magnitude), to: target + count)
  }

  private static func writeFixed(
    _ decimal: ShortestDecimal, marksFloat: Bool, to target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let zero = UInt8(ascii: "0")
    var count = 0
    func put(_ byte: UInt8) {
      target[count] = byte
      count += 1
    }
    if decimal.pointPosition <= 0 {
      put(zero)
      put(UInt8(ascii: "."))
      for _ in 0..<(-decimal.pointPosition) { put(zero) }
      for index in 0..<decimal.count { put(decimal.digits[index]) }
      return count
    }
    for index in 0..<max(decimal.pointPosition, decimal.count) {
      if index == decimal.pointPosition { put(UInt8(ascii: ".")) }
      put(index < decimal.count ? decimal.digits[index] : zero)
    }
    if marksFloat, decimal.count <= decimal.pointPosition { count += copy(".0", to: target + count) }
    return count
  }

  private static func copy(_ text: StaticString, to target: UnsafeMutablePointer<UInt8>) -> Int {
    target.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    return text.utf8CodeUnitCount
  }
}

/// The fewest significant digits that name a double: 0.`digits` times ten to the `pointPosition`.
private struct ShortestDecimal {
  /// Of the standard library's description, which may have zeros beside the 17 significant digits.
  static let maximumDigits = 32

  let digits: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0
  private(set) var pointPosition = 0

  /// - Parameters:
  ///   - value: finite and above zero. The standard library's description has the shortest digits.
  ///   - digits: where they go.
  init(_ value: Double, _ digits: UnsafeMutableBufferPointer<UInt8>) {
    self.digits = digits
    var text = value.description
    text.withUTF8 { read($0) }
  }

  private mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
    let zero = UInt8(ascii: "0")
    var isFraction = false
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        isFraction = true
      } else if byte == UInt8(ascii: "e") {
        pointPosition += Self.integer(text[(index + 1)...])
        break
      } else if count == 0, byte == zero {
        // Leading zeros are no digits, but those after the point move it.
        if isFraction { pointPosition -= 1 }
      } else if count < digits.count {
        digits[count] = byte
        count += 1
        if !isFraction { pointPosition += 1 }
      }
    }
    while count > 1, digits[count - 1] == zero { count -= 1 }
  }

  private static func integer(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var value = 0
    for byte in text where NameGrammar.isDigit(byte) { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
    return text.first == UInt8(ascii: "-") ? -value : value
  }
}

/// Whole numbers in decimal.
enum DecimalDigits {
  /// Of 2^64-1.
  static let maximumCount = 20

  /// - Returns: how many bytes were written.
  @inline(__always)
  static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
    if value < 10 {
      target[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)
      return 1
    }
    let count = count(of: value)
    var rest = value
    var position = count
    while rest >= 100 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      position -= 2
      put(pair, at: target + position)
      rest = quotient
    }
    if rest >= 10 {
      put(rest, at: target)
    } else {
      target[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
    }
    return count
  }

  @inline(__always)
  private static func put(_ pair: UInt64, at target: UnsafeMutablePointer<UInt8>) {
    let tens = pair / 10
    target[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tens)
    target[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair - tens * 10)
  }

  @inline(__always)
  private static func count(of value: UInt64) -> Int {
    var count = 1
    var rest = value
    while rest >= 10_000 {
      rest /= 10_000
      count += 4
    }
    return rest >= 1000 ? count + 3 : rest >= 100 ? count + 2 : rest >= 10 ? count + 1 : count
  }
}
