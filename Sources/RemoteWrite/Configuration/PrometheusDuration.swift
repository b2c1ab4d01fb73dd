/// Durations as Prometheus writes them: `1h30m`, `15s`, `250ms`; the units descend, each at most once.
enum PrometheusDuration {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
    ("s", 1_000), ("ms", 1),
  ]

  /// In milliseconds, at most a hundred years; nil where it is none.
  static func milliseconds(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    var rest = text[...]
    var total: Int64 = 0
    var next = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[digits.endIndex...]
      let letters = rest.prefix { $0.isLetter }
      rest = rest[letters.endIndex...]
      guard let count = Int64(digits), count <= 3_153_600_000_000,
        let unit = units.indices.first(where: { $0 >= next && units[$0].name == letters })
      else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
      total = overflow ? .max : total.addingReportingOverflow(product).partialValue
      guard (0...3_153_600_000_000).contains(total) else { return nil }
      next = unit + 1
    }
    return text.isEmpty ? nil : total
  }
}

/// Sizes as Prometheus writes them: `10MB`, `512KiB`; both kinds of units are powers of 1024.
enum ByteSize {
  static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    let unit = text[digits.endIndex...].replacing("i", with: "")
    guard let power = ["B", "KB", "MB", "GB", "TB"].firstIndex(of: unit == "" ? "B" : String(unit)) else {
      return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: 1 << (10 * power))
    return overflow ? nil : product
  }
}
