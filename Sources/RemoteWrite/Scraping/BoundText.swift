/// Numbers as Prometheus writes those of `le` and `quantile`: as Go's `%g`, with `.0` behind whole ones.
enum BoundText {
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    var (digits, exponent) = shortest(value.magnitude)
    var text: String
    if exponent < -4 || exponent >= 6 {
      let size = String(exponent.magnitude)
      text = String(digits.removeFirst()) + (digits.isEmpty ? "" : "." + digits)
      text += "e" + (exponent < 0 ? "-" : "+") + (size.count < 2 ? "0" : "") + size
      return sign + text
    }
    if exponent < 0 {
      text = "0." + String(repeating: "0", count: -exponent - 1) + digits
    } else if digits.count <= exponent + 1 {
      text = digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
    } else {
      digits.insert(".", at: digits.index(digits.startIndex, offsetBy: exponent + 1))
      text = digits
    }
    return sign + text
  }

  /// The fewest digits that name the number, and the power of ten of the first of them.
  private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
    guard value > 0 else { return ("0", 0) }
    let parts = "\(value)".split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(halves[0])
    var digits = whole + (halves.count > 1 ? String(halves[1]) : "")
    exponent += whole.count - 1
    let zeros = digits.prefix { $0 == "0" }.count
    digits.removeFirst(zeros)
    exponent -= zeros
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (digits, exponent)
  }
}
