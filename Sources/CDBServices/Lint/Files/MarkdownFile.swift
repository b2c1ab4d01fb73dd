/// The PromQL in a page: code blocks that begin with ` ```promql `. A blank line divides expressions.
enum MarkdownFile {
  static func expressions(in text: String, path: String) -> [LintText] {
    var found: [LintText] = []
    var block: (fence: Substring, isPromQL: Bool)?
    var lines: [Substring] = []
    var first = 0
    func close() {
      if lines.contains(where: { isExpression($0) }) {
        found.append(
          LintText(file: path, line: first, text: lines.joined(separator: "\n"), layout: .asWritten))
      }
      lines = []
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let bare = line.drop { $0 == " " || $0 == "\t" }
      let fence = bare.prefix { $0 == "`" }
      if let open = block {
        if fence.count >= open.fence.count, bare.drop(while: { $0 == "`" }).allSatisfy(\.isWhitespace) {
          close()
          block = nil
        } else if open.isPromQL {
          if bare.allSatisfy(\.isWhitespace) {
            close()
          } else {
            if lines.isEmpty { first = index + 1 }
            lines.append(line)
          }
        }
      } else if fence.count >= 3 {
        let language = bare.dropFirst(fence.count).prefix { !$0.isWhitespace }
        block = (fence, language.lowercased() == "promql")
      }
    }
    close()
    return found
  }

  /// Whether more than a comment is on the line.
  private static func isExpression(_ line: Substring) -> Bool {
    line.first { !$0.isWhitespace }.map { $0 != "#" } ?? false
  }
}
