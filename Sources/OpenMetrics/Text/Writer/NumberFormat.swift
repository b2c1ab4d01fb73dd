/// Numbers as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes them, which is how all of Prometheus does.
///
/// The rendering of `le` and `quantile` is part of a series' identity, so it must not differ between languages.
/// Source: OpenMetrics 1.0, "Considerations: Canonical Numbers".
enum NumberFormat {
  /// - Parameter marksFloat: append `.0` where the digits alone would read as an integer.
  static func append(_ value: Double, marksFloat: Bool, to bytes: inout [UInt8]) {
    if value.isNaN { return bytes.append(contentsOf: "NaN".utf8) }
    if value.isInfinite { return bytes.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8) }
    if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
    let decimal = ShortestDecimal(value.magnitude)
    let exponent = decimal.pointPosition - 1
    if decimal.digits != [UInt8(ascii: "0")], exponent < -4 || exponent >= Self.firstScientificExponent {
      appendScientific(decimal, exponent: exponent, to: &bytes)
    } else {
      appendFixed(decimal, marksFloat: marksFloat, to: &bytes)
    }
  }

  /// Where Go's shortest `%g` goes over to an exponent: 100000 is fixed, 1e+06 is not.
  private static let firstScientificExponent = 6

  private static func appendScientific(_ decimal: ShortestDecimal, exponent: Int, to bytes: inout [UInt8]) {
    bytes.append(decimal.digits[0])
    if decimal.digits.count > 1 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: decimal.digits.dropFirst())
    }
    bytes.append(UInt8(ascii: "e"))
    bytes.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
    if exponent.magnitude < 10 { bytes.append(UInt8(ascii: "0")) }
    bytes.append(contentsOf: exponent.magnitude.description.utf8)
  }

  private static func appendFixed(_ decimal: ShortestDecimal, marksFloat: Bool, to bytes: inout [UInt8]) {
    let zero = UInt8(ascii: "0")
    let digits = decimal.digits
    let point = decimal.pointPosition
    if point <= 0 {
      bytes.append(contentsOf: "0.".utf8)
      bytes.append(contentsOf: repeatElement(zero, count: -point))
      bytes.append(contentsOf: digits)
    } else if point >= digits.count {
      bytes.append(contentsOf: digits)
      bytes.append(contentsOf: repeatElement(zero, count: point - digits.count))
      if marksFloat { bytes.append(contentsOf: ".0".utf8) }
    } else {
      bytes.append(contentsOf: digits[..<point])
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits[point...])
    }
  }
}

/// The fewest significant digits that name a double: 0.`digits` times ten to the `pointPosition`.
private struct ShortestDecimal {
  private(set) var digits: [UInt8] = []
  private(set) var pointPosition = 0

  /// - Parameter value: finite and not negative. The standard library's description has the shortest digits.
  init(_ value: Double) {
    var exponent = 0
    var integerDigits = 0
    var isFraction = false
    let text = Array(value.description.utf8)
    for (index, byte) in text.enumerated() {
      if NameGrammar.isDigit(byte) {
        digits.append(byte)
        if !isFraction { integerDigits += 1 }
      } else if byte == UInt8(ascii: ".") {
        isFraction = true
      } else {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      }
    }
    pointPosition = integerDigits + exponent
    let zero = UInt8(ascii: "0")
    let leading = digits.prefix { $0 == zero }.count
    if leading == digits.count {
      digits = [zero]
      pointPosition = 1
      return
    }
    digits.removeFirst(leading)
    pointPosition -= leading
    while digits.last == zero { digits.removeLast() }
  }
}
