/// A text inside a file, and on which line of it each byte of the text stands.
struct LintText: Sendable, Hashable {
  enum Layout: Sendable, Hashable {
    /// Line by line as in the file, from `line` on.
    case asWritten
    /// Lines were joined: a word stands on the first line from `line` on that has it.
    case joined(SourceLines)
    /// All of it on one line.
    case onOneLine
  }

  var file: String
  /// The line of its first byte, counted from 1.
  var line: Int
  var text: String
  var layout: Layout

  /// The line of the byte at an offset.
  func line(at offset: Int) -> Int {
    switch layout {
    case .onOneLine: line
    case .asWritten: line + text.utf8.prefix(offset).count { $0 == UInt8(ascii: "\n") }
    case .joined(let lines): lines.line(of: word(at: offset), from: line)
    }
  }

  private func word(at offset: Int) -> String {
    let rest = text.utf8.dropFirst(offset)
    return String(decoding: rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "(") }, as: UTF8.self)
  }
}

/// The lines of a file.
struct SourceLines: Sendable, Hashable {
  private let lines: [Substring]

  init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// How far a text that was joined is looked through.
  private static let reach = 64

  /// The first line from `first` on with the word in it; `first` where none has it.
  func line(of word: String, from first: Int) -> Int {
    guard !word.isEmpty, first >= 1, first <= lines.count else { return first }
    let range = (first - 1)..<min(lines.count, first - 1 + Self.reach)
    return range.first { lines[$0].contains(word) }.map { $0 + 1 } ?? first
  }
}
