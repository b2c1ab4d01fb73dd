/// Reads the targets of a Package.swift, as far as the rules need them.
struct ManifestScanner {
  struct Target: Equatable {
    var name: String
    /// Targets and products that it depends on, by name.
    var dependencies: [String]
    var path: String?

    /// Whether its sources are part of what is shipped.
    var isInSources: Bool { path.map { $0.hasPrefix("Sources/") } ?? true }
  }

  struct Unreadable: Error, Equatable, CustomStringConvertible {
    var description: String
  }

  /// All targets but test targets.
  static func targets(of manifest: String) throws -> [Target] {
    let text = withoutComments(manifest)
    guard let start = text.firstRange(of: "\n  targets: [")?.upperBound else {
      throw Unreadable(description: "Package.swift has no list of targets")
    }
    var rest = try bracketed(text[start...], closing: "]")
    var targets: [Target] = []
    while let open = rest.firstIndex(of: "(") {
      let kind = String(rest[..<open].reversed().prefix(while: \.isLetter).reversed())
      let body = try bracketed(rest[rest.index(after: open)...], closing: ")")
      rest = rest[body.endIndex...].dropFirst()
      guard kind != "testTarget" else { continue }
      guard let name = literal(after: "name:", in: body) else {
        throw Unreadable(description: "a .\(kind) of Package.swift has no literal name")
      }
      targets.append(
        Target(
          name: name, dependencies: try dependencies(in: body, of: name),
          path: literal(after: "path:", in: body)))
    }
    return targets
  }

  private static func dependencies(in body: Substring, of target: String) throws -> [String] {
    guard let label = body.firstRange(of: "dependencies:") else { return [] }
    let list = body[label.upperBound...].drop(while: \.isWhitespace)
    guard list.first == "[" else {
      throw Unreadable(description: "the dependencies of \(target) in Package.swift are no literal list")
    }
    var rest = try bracketed(list.dropFirst(), closing: "]")
    var names: [String] = []
    while let quote = rest.firstIndex(of: "\"") {
      let before = rest[..<quote]
      let value = rest[rest.index(after: quote)...].prefix { $0 != "\"" }
      if !before.hasSuffix("package: ") { names.append(String(value)) }
      rest = rest[value.endIndex...].dropFirst()
    }
    return names
  }

  private static func literal(after label: String, in body: Substring) -> String? {
    guard let range = body.firstRange(of: label) else { return nil }
    let value = body[range.upperBound...].drop(while: \.isWhitespace)
    return value.first == "\"" ? String(value.dropFirst().prefix { $0 != "\"" }) : nil
  }

  /// Up to the bracket that closes what was opened before `text`; brackets in string literals do not count.
  private static func bracketed(_ text: Substring, closing: Character) throws -> Substring {
    var depth = 0
    var isInString = false
    for index in text.indices {
      switch text[index] {
      case "\"" where index == text.startIndex || text[text.index(before: index)] != "\\": isInString.toggle()
      case _ where isInString: break
      case "(", "[": depth += 1
      case ")", "]":
        if depth == 0, text[index] == closing { return text[..<index] }
        depth -= 1
      default: break
      }
    }
    throw Unreadable(description: "a bracket of Package.swift is not closed")
  }

  private static func withoutComments(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.drop(while: \.isWhitespace).hasPrefix("//") ? "" : String(line) }
      .joined(separator: "\n")
  }
}
