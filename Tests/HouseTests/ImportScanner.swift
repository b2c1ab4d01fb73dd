/// Finds the modules that a Swift source imports.
enum ImportScanner {
  private static let access: Set = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
  ]

  /// The imported modules with their lines, numbered from 1. Comments and string literals of several lines
  /// do not count; an import in an `#if` does, whatever the condition.
  static func imports(in source: String) -> [(module: String, line: Int)] {
    var found: [(module: String, line: Int)] = []
    var isInText = false
    for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let quotes = count(of: "\"\"\"", in: line)
      defer { if quotes % 2 == 1 { isInText.toggle() } }
      guard !isInText, quotes == 0 else { continue }
      for statement in code(of: line).split(separator: ";") {
        if let module = module(of: statement) { found.append((module, index + 1)) }
      }
    }
    return found
  }

  private static func module(of statement: Substring) -> String? {
    var words = statement.split(whereSeparator: \.isWhitespace)[...]
    while let first = words.first, first.hasPrefix("@") || access.contains(String(first)) {
      words.removeFirst()
    }
    guard words.popFirst() == "import" else { return nil }
    if let first = words.first, kinds.contains(String(first)) { words.removeFirst() }
    return words.first.map { String($0.prefix { $0 != "." }) }
  }

  private static func code(of line: Substring) -> Substring {
    guard let comment = line.firstRange(of: "//") else { return line }
    return line[..<comment.lowerBound]
  }

  private static func count(of pattern: String, in line: Substring) -> Int {
    line.ranges(of: pattern).count
  }
}
