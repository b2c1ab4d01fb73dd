import Foundation
import Testing

@Suite("The playbooks")
struct PlaybookTests {
  static let incidents = "docs/04_incident-management"
  static let folder = incidents + "/playbooks"
  static let sections = [
    "## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Verification",
  ]

  /// A page by its file's name without `.md`.
  struct Page {
    var name: String
    var lines: [String]
  }

  let repository = Repository.current

  /// Every page but the index.
  func pages() throws -> [Page] {
    try repository.files().filter { $0.hasPrefix(Self.folder + "/") && !$0.hasSuffix("/README.md") }.map {
      var lines = try repository.text($0).split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return Page(name: String($0.dropFirst(Self.folder.count + 1).dropLast(".md".count)), lines: lines)
    }
  }

  @Test("a page has its code as title, the five sections in order, none of them empty, and fits on a screen")
  func sections() throws {
    let pages = try pages()
    #expect(pages.count > 30, "hardly any playbooks; the test looks in the wrong place")
    for page in pages {
      #expect(page.lines.first?.hasPrefix("# \(page.name): ") == true, "\(page.name)")
      #expect(page.lines.filter { $0.hasPrefix("## ") } == Self.sections, "\(page.name)")
      #expect((15...35).contains(page.lines.count), "\(page.name) has \(page.lines.count) lines")
      let full = page.lines.filter { !$0.isEmpty }
      for (line, next) in zip(full, full.dropFirst()) where line.hasPrefix("## ") {
        #expect(!next.hasPrefix("#"), "\(page.name): nothing below \(line)")
      }
      #expect(full.last?.hasPrefix("#") == false, "\(page.name): nothing below the last heading")
    }
  }

  @Test("what is to be typed is a cdb or a curl command, to look with and to verify with")
  func commands() throws {
    for page in try pages() {
      var section = ""
      var isCode = false
      var sectionsWithCommands: Set<String> = []
      for line in page.lines {
        if line.hasPrefix("```") {
          #expect(line == (isCode ? "```" : "```sh"), "\(page.name): \(line)")
          isCode.toggle()
        } else if isCode {
          #expect(line.hasPrefix("cdb ") || line.hasPrefix("curl "), "\(page.name): \(line)")
          sectionsWithCommands.insert(section)
        } else if line.hasPrefix("## ") {
          section = line
        }
      }
      #expect(!isCode, "\(page.name): a fence without an end")
      #expect(
        sectionsWithCommands.isSuperset(of: ["## Diagnosis", "## Verification"]),
        "\(page.name) has commands only in \(sectionsWithCommands.sorted())")
    }
  }

  @Test("every page is in the index, and the index is where one looks for it")
  func index() throws {
    let index = try repository.text(Self.folder + "/README.md")
    for page in try pages() {
      #expect(index.contains("| [\(page.name)](\(page.name).md) |"), "\(page.name) is not in the index")
    }
    #expect(try repository.text(Self.incidents + "/README.md").contains("](playbooks/README.md)"))
  }

  @Test("every relative link of incident management leads somewhere")
  func links() throws {
    var count = 0
    for path in try repository.files() where path.hasPrefix(Self.incidents + "/") && path.hasSuffix(".md") {
      let folder = repository.root.appending(path: path).deletingLastPathComponent()
      for match in try repository.text(path).matches(of: /\]\(([^)\s]+)\)/) {
        let target = match.output.1.prefix { $0 != "#" }
        guard !target.isEmpty, !target.contains("://") else { continue }
        count += 1
        let file = folder.appending(path: String(target)).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: file), "\(path) links to \(target)")
      }
    }
    #expect(count > 50, "hardly any links; the test looks in the wrong place")
  }
}
