import CDBDomain

/// Markdown, as far as the playbooks use it: headings, paragraphs, lists of one level, code, tables without escaped bars; in
/// a line code, links, and emphasis. Everything else is text.
struct Markdown: Sendable, Hashable {
  enum Block: Sendable, Hashable {
    case heading(level: Int, String)
    case paragraph(String)
    case list([String])
    case code([String])
    case table(columns: [String], rows: [[String]])
  }

  private(set) var blocks: [Block] = []

  init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    while let line = lines.first {
      if line.hasPrefix("```") {
        let code = lines.dropFirst().prefix { !$0.hasPrefix("```") }
        blocks.append(.code(Array(code)))
        lines = lines.dropFirst(code.count + 2)
      } else if let level = Self.level(of: line) {
        blocks.append(.heading(level: level, String(line.dropFirst(level + 1))))
        lines = lines.dropFirst()
      } else if line.hasPrefix("|") {
        let table = lines.prefix { $0.hasPrefix("|") }
        // The second line only says how columns are aligned.
        let rows = table.map(Self.cells)
        blocks.append(.table(columns: rows[0], rows: Array(rows.dropFirst(2))))
        lines = lines.dropFirst(table.count)
      } else if line.hasPrefix("- ") {
        lines = takeList(lines)
      } else if line.isEmpty {
        lines = lines.dropFirst()
      } else {
        let paragraph = [line] + lines.dropFirst().prefix { !Self.begins($0) }
        blocks.append(.paragraph(paragraph.joined(separator: "\n")))
        lines = lines.dropFirst(paragraph.count)
      }
    }
  }

  /// Takes out a block.
  mutating func remove(_ block: Block) { blocks.removeAll { $0 == block } }

  private mutating func takeList(_ lines: ArraySlice<String>) -> ArraySlice<String> {
    var items: [String] = []
    var rest = lines
    while let line = rest.first {
      if line.hasPrefix("- ") {
        items.append(String(line.dropFirst(2)))
      } else if line.hasPrefix("  ") {
        items[items.count - 1] += "\n" + line.dropFirst(2)
      } else {
        break
      }
      rest = rest.dropFirst()
    }
    blocks.append(.list(items))
    return rest
  }

  /// Whether a line ends the paragraph ahead of it.
  private static func begins(_ line: String) -> Bool {
    line.isEmpty || line.hasPrefix("- ") || line.hasPrefix("|") || line.hasPrefix("```")
      || level(of: line) != nil
  }

  private static func level(of line: String) -> Int? {
    let level = line.prefix { $0 == "#" }.count
    return (1...6).contains(level) && line.dropFirst(level).hasPrefix(" ") ? level : nil
  }

  /// A bar in code separates nothing.
  private static func cells(_ line: String) -> [String] {
    var cells = [""]
    var isCode = false
    for character in line.dropFirst() {
      if character == "`" { isCode.toggle() }
      if character == "|", !isCode { cells.append("") } else { cells[cells.count - 1].append(character) }
    }
    if cells.last?.allSatisfy(\.isWhitespace) == true { cells.removeLast() }
    return cells.map {
      String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
  }

  // MARK: As HTML

  /// - Parameters:
  ///   - name: what a table is called for those who cannot see where it stands.
  ///   - link: where a link leads; nil makes it text.
  func html(name: String, link: (String) -> String?) -> HTML {
    blocks.map { block -> HTML in
      switch block {
      case .heading(1, let text): "<h1>\(Self.inline(text[...], link))</h1>\n"
      case .heading(2, let text): "<h2>\(Self.inline(text[...], link))</h2>\n"
      case .heading(_, let text): "<h3>\(Self.inline(text[...], link))</h3>\n"
      case .paragraph(let text): "<p>\(Self.inline(text[...], link))</p>\n"
      case .list(let items): "<ul>\(items.map { "<li>\(Self.inline($0[...], link))</li>\n" })</ul>\n"
      case .code(let lines): #"<pre tabindex="0"><code>\#(lines.joined(separator: "\n"))</code></pre>\#n"#
      case .table(let columns, let rows):
        PageParts.table(name, columns, rows.map { $0.map { Self.inline($0[...], link) } }) + "\n"
      }
    }.joined()
  }

  private static func inline(_ text: Substring, _ link: (String) -> String?) -> HTML {
    var result: HTML = .none
    var rest = text
    while let place = rest.firstIndex(where: { "`*[".contains($0) }) {
      result = result + "\(String(rest[..<place]))"
      rest = rest[place...]
      if let code = enclosed(&rest, "`", "`") {
        result = result + "<code>\(String(code))</code>"
      } else if let strong = enclosed(&rest, "**", "**") {
        result = result + "<strong>\(inline(strong, link))</strong>"
      } else if let emphasis = enclosed(&rest, "*", "*") {
        result = result + "<em>\(inline(emphasis, link))</em>"
      } else if let (words, target) = linked(&rest) {
        let inner = inline(words, link)
        result = result + (link(target).map { #"<a href="\#($0)">\#(inner)</a>"# } ?? inner)
      } else {
        result = result + "\(String(rest.prefix(1)))"
        rest = rest.dropFirst()
      }
    }
    return result + "\(String(rest))"
  }

  /// What stands between two marks at the beginning of a text, which is taken off it; nil where that is not so.
  private static func enclosed(_ rest: inout Substring, _ opening: String, _ closing: String) -> Substring? {
    guard rest.hasPrefix(opening) else { return nil }
    let inner = rest.dropFirst(opening.count)
    guard let end = inner.firstRange(of: closing), end.lowerBound > inner.startIndex else { return nil }
    rest = inner[end.upperBound...]
    return inner[..<end.lowerBound]
  }

  private static func linked(_ rest: inout Substring) -> (words: Substring, target: String)? {
    var after = rest
    guard let words = enclosed(&after, "[", "]"), let target = enclosed(&after, "(", ")") else { return nil }
    rest = after
    return (words, String(target))
  }
}
