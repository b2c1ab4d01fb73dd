/// Which names remote write 1.0 has room for.
enum LabelName {
  /// `[a-zA-Z_][a-zA-Z0-9_]*`
  static func isLegacy(_ name: String) -> Bool { isLegacy(name, allowsColon: false) }

  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
  static func isLegacyMetric(_ name: String) -> Bool { isLegacy(name, allowsColon: true) }

  private static func isLegacy(_ name: String, allowsColon: Bool) -> Bool {
    guard let first = name.utf8.first, !ASCII.isDigit(first) else { return false }
    return name.utf8.allSatisfy { ASCII.isWord($0) || (allowsColon && $0 == UInt8(ascii: ":")) }
  }
}
