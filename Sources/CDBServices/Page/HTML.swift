import CDBDomain

/// Markup that is safe to send: what stands in a literal is taken as it is, what is put into one is escaped.
///
/// ```swift
/// let cell: HTML = "<td>\(label)</td>"   // label may be anything
/// ```
/// There is no way from a string to markup but a literal, so nothing that came from outside becomes an element or
/// an attribute of its own. Attribute values stand in double quotes.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
  private init(markup: String) { text = markup }

  static let none: HTML = ""

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
    mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }
    mutating func appendInterpolation(_ value: some BinaryInteger) { text += "\(value)" }
    mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }

    /// In the operator's language.
    mutating func appendInterpolation(_ words: Translation, _ language: Language) {
      text += HTML.escaped(words[language])
    }

    /// A coordinate: at most two digits after the point, never an exponent.
    mutating func appendInterpolation(coordinate: Double) { text += HTML.coordinate(coordinate) }

    /// Markup, or nothing.
    mutating func appendInterpolation(_ markup: HTML?) { text += markup?.text ?? "" }
  }

  static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.text + right.text) }

  /// What comes with the program: its style and its script.
  static func trusted(_ text: String) -> HTML { HTML(markup: text) }

  /// As text or as an attribute's value: what means something in HTML is written as a reference, and what cannot be
  /// seen, or turns the direction of what stands beside it, becomes U+FFFD.
  static func escaped(_ value: String) -> String {
    var result = ""
    result.reserveCapacity(value.utf8.count)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200B}", "\u{200E}"..."\u{200F}",
        "\u{2028}"..."\u{202E}", "\u{2060}"..."\u{206F}", "\u{FEFF}", "\u{FFFE}"..."\u{FFFF}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let fraction =
      rest == 0 ? "" : rest < 10 ? ".0\(rest)" : rest.isMultiple(of: 10) ? ".\(rest / 10)" : ".\(rest)"
    return (hundredths < 0 ? "-" : "") + "\(whole)" + fraction
  }
}

extension Sequence<HTML> {
  func joined(by separator: HTML = .none) -> HTML {
    reduce(into: (result: HTML.none, isFirst: true)) { all, part in
      all.result = all.isFirst ? part : all.result + separator + part
      all.isFirst = false
    }.result
  }
}
