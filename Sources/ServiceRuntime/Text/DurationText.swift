/// Durations as operators write them: `250ms`, `5s`, `90m`, `1h30m`, `7d`.
///
/// The units are those of Go and Prometheus: `ns`, `us`, `ms`, `s`, `m`, `h`, `d`. Several may be joined from the
/// largest to the smallest. Numbers are whole and not negative; a bare number is refused, except `0`.
public enum DurationText {
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]

  /// The duration, or nil if `text` is not one or exceeds 292 years.
  public static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var rest = Substring(text)
    var total: Int64 = 0
    var nextUnit = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = Int64(digits), let unit = units.firstIndex(where: { $0.name == name }),
        unit >= nextUnit
      else { return nil }
      let (part, partOverflow) = number.multipliedReportingOverflow(by: units[unit].nanoseconds)
      let (sum, sumOverflow) = total.addingReportingOverflow(part)
      if partOverflow || sumOverflow { return nil }
      total = sum
      nextUnit = unit + 1
    }
    return nextUnit == 0 ? nil : .nanoseconds(total)
  }

  /// The shortest text that ``parse(_:)`` reads as the same duration: `90s` becomes `1m30s`.
  public static func render(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    var rest =
      seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + attoseconds / 1_000_000_000
    guard rest > 0 else { return "0s" }
    var text = ""
    for unit in units where rest >= unit.nanoseconds {
      text += "\(rest / unit.nanoseconds)\(unit.name)"
      rest %= unit.nanoseconds
    }
    return text
  }
}
