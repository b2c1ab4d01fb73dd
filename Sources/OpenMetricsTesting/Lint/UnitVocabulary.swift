/// The words for units that a name may be made of.
///
/// Source: Prometheus, "Metric and label naming", "Base units".
enum UnitVocabulary {
  private static let base: [String: String] = [
    "amperes": "amperes", "bytes": "bytes", "celsius": "celsius", "grams": "grams", "joules": "joules",
    "kelvin": "kelvin", "meters": "meters", "metres": "metres", "ratio": "ratio", "seconds": "seconds",
    "volts": "volts",
  ]

  private static let convertible: [String: String] = [
    "minutes": "seconds", "hours": "seconds", "days": "seconds", "weeks": "seconds",
    "bits": "bytes",
    "fahrenheit": "celsius", "rankine": "celsius", "kelvins": "kelvin",
    "inches": "meters", "feet": "meters", "yards": "meters", "miles": "meters",
    "calories": "joules",
    "pounds": "grams", "ounces": "grams",
    "percent": "ratio",
  ]

  private static let prefixes = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "mega", "giga", "tera",
    "peta", "exa",
    "kibi", "mebi", "gibi", "tebi", "pebi", "exbi",
  ]

  static let abbreviations: Set = [
    "s", "ms", "us", "ns", "sec", "secs", "b", "kb", "mb", "gb", "tb", "pb", "kib", "mib", "gib", "m", "h",
    "d",
  ]

  /// The base unit to use in place of `word`, or `nil` when the word is a base unit or no unit at all.
  static func baseUnit(insteadOf word: String) -> String? {
    if base[word] != nil { return nil }
    if let unit = convertible[word] { return unit }
    for prefix in prefixes where word.hasPrefix(prefix) {
      let rest = String(word.dropFirst(prefix.count))
      if let unit = base[rest] ?? convertible[rest] { return unit }
    }
    return nil
  }
}
