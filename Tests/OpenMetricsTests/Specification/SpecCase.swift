import OpenMetrics
import Testing

/// One sentence of a specification, and a text that keeps it or breaks it.
struct SpecCase: Sendable, CustomTestStringConvertible {
  /// Where the specification says it.
  let section: String
  let what: String
  let text: [UInt8]
  /// Why the text is refused; `nil` for one that is allowed.
  let reason: ParseError.Reason?
  /// Where the fault is found.
  let line: Int?
  private(set) var parser = ExpositionParser(format: .openMetrics1)

  init(section: String, _ what: String, text: String) {
    self.init(section: section, what, bytes: Array(text.utf8), reason: nil, line: nil)
  }

  init(section: String, _ what: String, text: String, reason: ParseError.Reason, line: Int) {
    self.init(section: section, what, bytes: Array(text.utf8), reason: reason, line: line)
  }

  init(section: String, _ what: String, bytes: [UInt8], reason: ParseError.Reason?, line: Int?) {
    self.section = section
    self.what = what
    text = bytes
    self.reason = reason
    self.line = line
  }

  /// The cases for one parser.
  static func table(_ parser: ExpositionParser, _ cases: [SpecCase]) -> [SpecCase] {
    cases.map { specCase in
      var specCase = specCase
      specCase.parser = parser
      return specCase
    }
  }

  var testDescription: String { "\(parser.format.rawValue), \(section): \(what)" }
}

/// Bytes that are not UTF-8 within a text.
func bytes(_ before: String, _ raw: [UInt8], _ after: String) -> [UInt8] {
  Array(before.utf8) + raw + Array(after.utf8)
}
