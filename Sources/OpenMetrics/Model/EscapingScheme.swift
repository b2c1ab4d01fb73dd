/// How names that are not `[a-zA-Z_:][a-zA-Z0-9_:]*` are shown to a reader.
///
/// Source: Prometheus, "Escaping Schemes" (docs/instrumenting/escaping_schemes.md).
public enum EscapingScheme: String, Sendable, Hashable, CaseIterable {
  /// As they are, in quotes.
  case allowUTF8 = "allow-utf-8"
  /// Every other character becomes an underscore. Two names may become one.
  case underscores
  /// A dot becomes `_dot_`, an underscore two, every other character `__`.
  case dots
  /// `U__` in front, an underscore doubled, and every other character as its code point: `_20_`.
  case values

  /// The schemes under which names that differ may become one: ``underscores``, and ``values`` for names that look as if
  /// it had made them. What becomes one by ``dots`` does so by underscores too.
  static let joining: [EscapingScheme] = [.underscores, .values]

  /// The name as this scheme shows it; names that need nothing stay as they are, but for ``dots``.
  public func escape(_ name: String) -> String { escape(name, isLegacy: NameGrammar.isMetricName(name.utf8)) }

  /// A label's name, in which a colon is as foreign as a blank.
  public func escapeLabel(_ name: String) -> String {
    escape(name, isLegacy: NameGrammar.isLabelName(name.utf8), allowsColon: false)
  }

  /// What ``escape(_:)`` made of a name, taken back; `nil` where that is not known (``underscores``) or the text is not
  /// of this scheme's making.
  public func unescape(_ text: String) -> String? {
    switch self {
    case .allowUTF8: text
    case .underscores: nil
    case .dots: text.contains("__") ? Self.undot(text) : text.replacing("_dot_", with: ".")
    case .values: text.hasPrefix("U__") ? Self.unvalue(text.unicodeScalars.dropFirst(3)) : text
    }
  }

  private func escape(_ name: String, isLegacy: Bool, allowsColon: Bool = true) -> String {
    if name.isEmpty || self == .allowUTF8 { return name }
    if isLegacy, self != .dots { return name }
    var result = String.UnicodeScalarView()
    if self == .values { result.append(contentsOf: "U__".unicodeScalars) }
    for (position, scalar) in name.unicodeScalars.enumerated() {
      let isKept = Self.isLegacy(scalar, isFirst: position == 0, allowsColon: allowsColon)
      switch self {
      case .allowUTF8: result.append(scalar)
      case .underscores: result.append(isKept ? scalar : "_")
      case .dots where scalar == "_": result.append(contentsOf: "__".unicodeScalars)
      case .dots where scalar == ".": result.append(contentsOf: "_dot_".unicodeScalars)
      case .dots: result.append(contentsOf: isKept ? String(scalar).unicodeScalars : "__".unicodeScalars)
      case .values where scalar == "_": result.append(contentsOf: "__".unicodeScalars)
      case .values where isKept: result.append(scalar)
      case .values: result.append(contentsOf: "_\(String(scalar.value, radix: 16))_".unicodeScalars)
      }
    }
    return String(result)
  }

  private static func isLegacy(_ scalar: Unicode.Scalar, isFirst: Bool, allowsColon: Bool) -> Bool {
    guard let byte = UInt8(exactly: scalar.value) else { return false }
    if byte == UInt8(ascii: ":") { return allowsColon }
    return NameGrammar.isLabelStart(byte) || (!isFirst && NameGrammar.isDigit(byte))
  }

  private static func undot(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      if rest.starts(with: "_dot_".unicodeScalars) {
        result.append(".")
        rest = rest.dropFirst(5)
      } else if rest.starts(with: "__".unicodeScalars) {
        result.append("_")
        rest = rest.dropFirst(2)
      } else {
        result.append(scalar)
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }

  private static func unvalue(_ text: Substring.UnicodeScalarView) -> String? {
    var result = String.UnicodeScalarView()
    var rest = text
    while let scalar = rest.popFirst() {
      guard scalar == "_" else {
        result.append(scalar)
        continue
      }
      if rest.first == "_" {
        result.append("_")
        rest = rest.dropFirst()
        continue
      }
      guard let end = rest.firstIndex(of: "_"), rest[..<end].count <= 6,
        let value = UInt32(String(rest[..<end]), radix: 16), let decoded = Unicode.Scalar(value)
      else { return nil }
      result.append(decoded)
      rest = rest[rest.index(after: end)...]
    }
    return String(result)
  }
}
