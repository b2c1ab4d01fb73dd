/// The numbers of the ABNF of OpenMetrics, which are also those of the Prometheus formats; stricter than `strtod`.
///
/// "Exposition formats" has the numbers of Go's `ParseFloat`, which are hexadecimal and with underscores too since
/// Go 1.13. Prometheus takes neither, in any text format, and nor does this.
enum NumberGrammar {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  enum Failure: Error { case malformed, outOfRange }

  /// The ABNF's `number`.
  static func value(_ token: Bytes) throws(Failure) -> MetricValue {
    guard let decimal = DecimalNumber(token) else {
      guard let special = special(token) else { throw .malformed }
      return .double(special)
    }
    // A negative zero has no integer.
    if decimal.shape == .integer, decimal.isExact, !decimal.isNegative { return .integer(decimal.mantissa) }
    return .double(try double(decimal, token))
  }

  /// The ABNF's `realnumber`: neither infinite nor NaN.
  static func real(_ token: Bytes) throws(Failure) -> Double {
    guard let decimal = DecimalNumber(token) else { throw .malformed }
    return try double(decimal, token)
  }

  /// The ABNF's `integer`.
  static func integer(_ token: Bytes) throws(Failure) -> Int32 {
    guard let decimal = DecimalNumber(token), decimal.shape == .integer else { throw .malformed }
    guard decimal.isExact, let magnitude = Int64(exactly: decimal.mantissa),
      let value = Int32(exactly: decimal.isNegative ? -magnitude : magnitude)
    else { throw .outOfRange }
    return value
  }

  /// Seconds, exact to the nanosecond unless written with an exponent.
  static func timestamp(_ token: Bytes) throws(Failure) -> MetricTimestamp {
    guard let decimal = DecimalNumber(token) else { throw .malformed }
    if decimal.shape == .scientific {
      guard let time = MetricTimestamp(secondsSinceEpoch: try double(decimal, token)) else {
        throw .outOfRange
      }
      return time
    }
    guard decimal.isExact, decimal.exponent >= -19 else { return try longTimestamp(token) }
    let places = -decimal.exponent
    let (whole, rest) = decimal.mantissa.quotientAndRemainder(dividingBy: DecimalNumber.power(places))
    let nanoseconds =
      places <= 9 ? rest * DecimalNumber.power(9 - places) : rest / DecimalNumber.power(places - 9)
    return try time(isNegative: decimal.isNegative, whole, Int32(nanoseconds))
  }

  /// Milliseconds, as the Prometheus formats have them: a decimal integer of 64 bits.
  static func milliseconds(_ token: Bytes) -> MetricTimestamp? {
    guard let decimal = DecimalNumber(token), decimal.shape == .integer, decimal.isExact else { return nil }
    guard decimal.isNegative else {
      return Int64(exactly: decimal.mantissa).map(MetricTimestamp.init(millisecondsSinceEpoch:))
    }
    guard decimal.mantissa <= UInt64(Int64.max) + 1 else { return nil }
    return MetricTimestamp(millisecondsSinceEpoch: Int64(truncatingIfNeeded: 0 &- decimal.mantissa))
  }

  private static func double(_ decimal: DecimalNumber, _ token: Bytes) throws(Failure) -> Double {
    if let value = decimal.exactDouble { return value }
    guard let value = Double(String(decoding: token, as: UTF8.self)) else { throw .malformed }
    guard value.isFinite else { throw .outOfRange }
    return value
  }

  private static func time(
    isNegative: Bool, _ seconds: UInt64, _ nanoseconds: Int32
  ) throws(Failure) -> MetricTimestamp {
    guard isNegative else {
      guard let seconds = Int64(exactly: seconds) else { throw .outOfRange }
      return MetricTimestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
    let least = Int64.min.magnitude
    guard seconds < least || (seconds == least && nanoseconds == 0) else { throw .outOfRange }
    return MetricTimestamp(seconds: Int64(truncatingIfNeeded: 0 &- seconds), nanoseconds: -nanoseconds)
  }

  /// More digits than 64 bits hold: those after the ninth place are cut off.
  private static func longTimestamp(_ token: Bytes) throws(Failure) -> MetricTimestamp {
    let text = String(decoding: token, as: UTF8.self)
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let isNegative = text.hasPrefix("-")
    let digits = parts[0].drop { $0 == "-" || $0 == "+" }
    guard let seconds = digits.isEmpty ? 0 : UInt64(digits) else { throw .outOfRange }
    var nanoseconds: Int32 = 0
    var places = 0
    for digit in (parts.count == 2 ? parts[1] : "").utf8.prefix(9) {
      nanoseconds = nanoseconds * 10 + Int32(digit - UInt8(ascii: "0"))
      places += 1
    }
    for _ in places..<9 { nanoseconds *= 10 }
    return try time(isNegative: isNegative, seconds, nanoseconds)
  }

  private static func special(_ token: Bytes) -> Double? {
    guard token.count <= 9 else { return nil }
    switch String(decoding: token, as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }
}
