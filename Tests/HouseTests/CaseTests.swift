import Foundation
import Testing

@Suite("The fifteen cases")
struct CaseTests {
  static let page = "docs/01_architektur/cases.md"
  static let numbers = 1...15
  /// Cases whose subject the project does not have yet.
  static let waiting: Set<Int> = []

  /// A test that shows a case, by its name without the number.
  struct Shown: Hashable, CustomStringConvertible {
    var number: Int
    var name: String
    var path: String
    var description: String { "case \(number): \(name) (\(path))" }
  }

  let repository = Repository.current

  /// The tests that name a case.
  func tests() throws -> [Shown] {
    try repository.files().filter { $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") }.flatMap { path in
      try repository.text(path).matches(of: /@Test\(\s*"case ([0-9]+): ([^"]+)"/).compactMap { match in
        Int(match.output.1).map { Shown(number: $0, name: String(match.output.2), path: path) }
      }
    }
  }

  /// The rows of the page's tables that begin with a number, by their cells.
  func rows(cells: Int) throws -> [(number: Int, cells: [String])] {
    try repository.text(Self.page).split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| "), line.hasSuffix(" |") else { return nil }
      let found = line.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
      guard found.count == cells, let number = found.first.flatMap({ Int($0) }) else { return nil }
      return (number, found)
    }
  }

  @Test("there is a test for every case but those that wait, and for no other number")
  func complete() throws {
    let shown = Set(try tests().map(\.number))
    #expect(shown == Set(Self.numbers).subtracting(Self.waiting))
  }

  @Test("the page has every number once, and says which wait")
  func numbers() throws {
    let rows = try rows(cells: 4)
    #expect(rows.map(\.number) == Array(Self.numbers))
    for row in rows {
      let state = try #require(row.cells.last)
      #expect(state.hasPrefix(Self.waiting.contains(row.number) ? "waits for " : "shown"), "\(state)")
    }
  }

  @Test("the page names a test for every case that does not wait, and each is there under its name")
  func named() throws {
    let listed = try rows(cells: 3).map { row in
      let link = try #require(row.cells[2].wholeMatch(of: /\[([^\]]+)\]\(\.\.\/\.\.\/([^)]+)\)/), "\(row)")
      #expect(link.output.2.hasSuffix("/\(link.output.1)"), "\(row)")
      return Shown(number: row.number, name: row.cells[1], path: String(link.output.2))
    }
    #expect(Set(listed.map(\.number)) == Set(Self.numbers).subtracting(Self.waiting))
    #expect(Set(listed).count == listed.count, "a test is listed twice")
    let missing = Set(listed).subtracting(try tests())
    #expect(missing.isEmpty, "not in the sources: \(missing.map(\.description).sorted())")
  }
}
