import Yams

/// A YAML file, or a JSON file, which is YAML too, with the line of everything in it.
struct LintDocument {
  let path: String
  let root: Node
  let lines: SourceLines
  /// A node refers to its anchor weakly; the parser keeps the anchors.
  private let parser: Parser

  static let maximumBytes = 8 << 20
  /// Composing resolves aliases before anything can refuse them. So few cannot multiply into much.
  private static let maximumAliases = 16

  /// - Returns: nil where nothing is in it.
  /// - Throws: ``LintRefusal`` where it is neither.
  init?(path: String, text: String) throws(LintRefusal) {
    let aliases = Self.possibleAliases(in: Array(text.utf8))
    guard aliases <= Self.maximumAliases else {
      throw LintRefusal(place: path, reason: "more than \(Self.maximumAliases) aliases")
    }
    do {
      parser = try Parser(yaml: path.hasSuffix(".json") ? Self.withoutSurrogates(text) : text)
      guard let root = try parser.singleRoot() else { return nil }
      self.root = root
    } catch let error as YamlError {
      throw LintRefusal(place: path, reason: Self.words(of: error))
    } catch {
      throw LintRefusal(place: path, reason: "not YAML")
    }
    self.path = path
    lines = SourceLines(text)
  }

  /// JSON escapes a character beyond the first plane as two halves, which YAML does not know.
  private static func withoutSurrogates(_ text: String) -> String {
    guard text.contains("\\u") else { return text }
    let pattern = /\\(?:[^u]|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2}))/
    return text.replacing(pattern) { match in
      guard let high = match.output.1.flatMap({ UInt32($0, radix: 16) }),
        let low = match.output.2.flatMap({ UInt32($0, radix: 16) }),
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      else { return String(match.output.0) }
      return String(Character(scalar))
    }
  }

  private static func words(of error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    case .reader(let problem, _, _, _): problem
    case .duplicatedKeysInMapping(let keys, let context):
      "line \(context.mark.line): the key \(keys.first ?? "") is set twice"
    default: "not YAML"
    }
  }

  /// Asterisks that begin a word: at the beginning of a line, behind a blank, or behind what opens or divides a list.
  private static func possibleAliases(in bytes: [UInt8]) -> Int {
    let before: Set<UInt8> = Set("\n [{,".utf8)
    return bytes.indices.count { index in
      guard bytes[index] == UInt8(ascii: "*"), index + 1 < bytes.count else { return false }
      let next = bytes[index + 1]
      return (index == 0 || before.contains(bytes[index - 1])) && next != UInt8(ascii: " ")
        && next != UInt8(ascii: "\n")
    }
  }

  /// A scalar's text and where it stands; nil where the node is none.
  func text(_ node: Node?) -> LintText? {
    guard case .scalar(let scalar)? = node else { return nil }
    let line = scalar.mark?.line ?? 1
    switch scalar.style {
    case .literal: return LintText(file: path, line: line + 1, text: scalar.string, layout: .asWritten)
    case .folded: return LintText(file: path, line: line + 1, text: scalar.string, layout: .joined(lines))
    default: return LintText(file: path, line: line, text: scalar.string, layout: .joined(lines))
    }
  }
}

extension Node {
  /// Its line in the file.
  var line: Int { mark?.line ?? 1 }

  /// Of a mapping the values by their keys; empty of anything else.
  var fields: [String: Node] {
    guard case .mapping(let mapping) = self else { return [:] }
    return mapping.reduce(into: [:]) { fields, pair in
      if case .scalar(let key) = pair.key { fields[key.string] = pair.value }
    }
  }

  /// Of a sequence its items; empty of anything else.
  var items: [Node] {
    guard case .sequence(let sequence) = self else { return [] }
    return Array(sequence)
  }

  var scalarText: String? {
    guard case .scalar(let scalar) = self else { return nil }
    return scalar.string
  }
}
