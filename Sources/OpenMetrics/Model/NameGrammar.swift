/// The grammar of names that need no quotes: those of OpenMetrics 1.0 and the Prometheus text format 0.0.4.
enum NameGrammar {
  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
  static func isMetricName(_ name: some Collection<UInt8>) -> Bool {
    guard let first = name.first, isMetricStart(first) else { return false }
    return name.dropFirst().allSatisfy(isMetricContinuation)
  }

  /// `[a-zA-Z_][a-zA-Z0-9_]*`
  static func isLabelName(_ name: some Collection<UInt8>) -> Bool {
    guard let first = name.first, isLabelStart(first) else { return false }
    return name.dropFirst().allSatisfy(isLabelContinuation)
  }

  static func isMetricStart(_ byte: UInt8) -> Bool { isLabelStart(byte) || byte == UInt8(ascii: ":") }
  static func isMetricContinuation(_ byte: UInt8) -> Bool { isMetricStart(byte) || isDigit(byte) }
  static func isLabelContinuation(_ byte: UInt8) -> Bool { isLabelStart(byte) || isDigit(byte) }

  static func isLabelStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    default: false
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
