/// What a pattern is made of.
indirect enum PatternNode {
  case nothing
  case scalar(ScalarClass)
  case assertion(PatternAssertion)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  case group(PatternNode, index: Int)
  case repetition(PatternNode, least: Int, most: Int?, isGreedy: Bool)
}

enum PatternAssertion {
  case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}

/// A set of Unicode scalars.
struct ScalarClass {
  var ranges: [ClosedRange<UInt32>] = []
  var isNegated = false
  /// Whether the other letter case of a scalar is as good.
  var ignoresCase = false

  func contains(_ scalar: UInt32) -> Bool {
    var found = holds(scalar)
    if !found, ignoresCase { found = Self.otherCases(scalar).contains(where: holds) }
    return found != isNegated
  }

  private func holds(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

  private static func otherCases(_ scalar: UInt32) -> [UInt32] {
    guard let properties = Unicode.Scalar(scalar)?.properties else { return [] }
    return [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { mapping in
      let scalars = mapping.unicodeScalars
      return scalars.count == 1 ? scalars.first?.value : nil
    }
  }

  /// The ranges of everything that is in none of these.
  static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var rest: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { rest.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= last { rest.append(next...last) }
    return rest
  }

  static let last: UInt32 = 0x10FFFF
  static let digits = ranges("09")
  static let words = ranges("09AZ__az")
  static let spaces: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]

  /// The classes in brackets and colons; all of ASCII.
  static let named: [String: [ClosedRange<UInt32>]] = [
    "alnum": ranges("09AZaz"), "alpha": ranges("AZaz"), "ascii": [0...0x7F], "blank": [9...9, 32...32],
    "cntrl": [0...0x1F, 0x7F...0x7F], "digit": digits, "graph": ranges("!~"), "lower": ranges("az"),
    "print": ranges(" ~"), "punct": ranges("!/:@[`{~"), "space": [9...13, 32...32], "upper": ranges("AZ"),
    "word": words, "xdigit": ranges("09AFaf"),
  ]

  /// Each two characters are a range.
  private static func ranges(_ text: String) -> [ClosedRange<UInt32>] {
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: 2).map { UInt32(bytes[$0])...UInt32(bytes[$0 + 1]) }
  }
}

/// Why a text is no pattern, or none that is understood here.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
  /// In characters from the pattern's begin, from 0.
  public let position: Int
  public let reason: String

  public var description: String { "\(reason), at character \(position + 1)" }
}
