import CDBDomain

/// Amounts of money for reports.
enum MoneyText {
  /// To the last digit.
  static func exact(_ money: Money) -> String { DecimalText.render(money.mantissa, scale: Money.scale) }

  static func exact(_ mantissa: Int128) -> String {
    Int64(exactly: mantissa).map { DecimalText.render($0, scale: Money.scale) } ?? "\(mantissa)e-8"
  }

  /// To the cent, rounded half away from zero.
  static func cents(_ money: Money) -> String {
    let (whole, rest) = money.mantissa.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    let cents = whole + (rest >= 500_000 ? 1 : 0)
    let fraction = cents % 100
    let sign = money.mantissa < 0 && cents > 0 ? "-" : ""
    return "\(sign)\(cents / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  /// A share in percent, with two digits.
  static func percent(_ ratio: Ratio) -> String { FigureText.decimal(Double(ratio.mantissa) / 1e6, 2) + " %" }
}

/// Numbers for reports: always with a point, never with an exponent.
enum FigureText {
  /// - Parameter digits: after the point, 0…6.
  static func decimal(_ value: Double, _ digits: Int) -> String {
    let unit = [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000][min(6, max(0, digits))]
    let scaled = (value * unit).rounded()
    guard scaled.magnitude < 9e15 else { return value.isNaN ? "?" : value < 0 ? "-∞" : "∞" }
    let (whole, fraction) = Int64(scaled).magnitude.quotientAndRemainder(dividingBy: UInt64(unit))
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let text = String(fraction)
    return "\(sign)\(whole)." + String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// A length of time in the unit that fits it.
  static func duration(_ nanoseconds: Int64) -> String {
    switch nanoseconds {
    case ..<1_000_000_000: decimal(Double(nanoseconds) / 1e6, nanoseconds < 10_000_000 ? 1 : 0) + " ms"
    case ..<60_000_000_000: decimal(Double(nanoseconds) / 1e9, 1) + " s"
    default: AgeText.render(seconds: nanoseconds / 1_000_000_000)
    }
  }

  /// `2026-11-29 17:05:09 UTC`.
  static func time(_ time: EventTime) -> String {
    let text = time.rfc3339
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
  }
}
