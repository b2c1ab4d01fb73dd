/// The numbers of the ABNF of OpenMetrics 1.0; stricter than what `strtod` takes.
enum NumberGrammar {
  enum Failure: Error { case malformed, outOfRange }

  static func value(_ token: ArraySlice<UInt8>) throws(Failure) -> MetricValue {
    if let special = special(token) { return .double(special) }
    guard let shape = shape(token) else { throw .malformed }
    let text = String(decoding: token, as: UTF8.self)
    // A negative zero has no integer.
    if shape == .integer, token.first != UInt8(ascii: "-"), let integer = UInt64(text) {
      return .integer(integer)
    }
    guard let value = Double(text) else { throw .malformed }
    guard value.isFinite else { throw .outOfRange }
    return .double(value)
  }

  /// Seconds, exact to the nanosecond unless written with an exponent.
  static func timestamp(_ token: ArraySlice<UInt8>) throws(Failure) -> MetricTimestamp {
    guard let shape = shape(token) else { throw .malformed }
    let text = String(decoding: token, as: UTF8.self)
    if shape == .scientific {
      guard let value = Double(text), let time = MetricTimestamp(secondsSinceEpoch: value) else {
        throw .outOfRange
      }
      return time
    }
    let isNegative = text.hasPrefix("-")
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0] == "-" || parts[0] == "+" || parts[0].isEmpty ? "0" : parts[0]
    guard let seconds = Int64(whole) else { throw .outOfRange }
    var nanoseconds: Int32 = 0
    if parts.count == 2 {
      for position in 0..<9 {
        let digits = parts[1].utf8
        let digit = position < digits.count ? digits[digits.index(digits.startIndex, offsetBy: position)] : 48
        nanoseconds = nanoseconds * 10 + Int32(digit - 48)
      }
    }
    return MetricTimestamp(seconds: seconds, nanoseconds: isNegative ? -nanoseconds : nanoseconds)
  }

  private enum Shape { case integer, fixed, scientific }

  private static func special(_ token: ArraySlice<UInt8>) -> Double? {
    guard token.count <= 9 else { return nil }
    switch String(decoding: token, as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }

  /// `[sign] digits [. digits] [e [sign] digits]`, with at least one digit before the exponent.
  private static func shape(_ token: ArraySlice<UInt8>) -> Shape? {
    var rest = token
    var shape = Shape.integer
    func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
    func takeDigits() -> Int {
      let digits = rest.prefix(while: NameGrammar.isDigit).count
      rest = rest.dropFirst(digits)
      return digits
    }
    if isSign(rest.first) { rest = rest.dropFirst() }
    var mantissa = takeDigits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      mantissa += takeDigits()
      shape = .fixed
    }
    guard mantissa > 0 else { return nil }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if isSign(rest.first) { rest = rest.dropFirst() }
      guard takeDigits() > 0 else { return nil }
      shape = .scientific
    }
    return rest.isEmpty ? shape : nil
  }
}
