import Foundation
import Testing

@Suite("The playbooks")
struct PlaybookTests {
  static let incidents = "docs/04_incident-management"

  /// The pages of one language.
  struct Edition: Sendable {
    var folder: String
    /// The headings of a page, in their order.
    var sections: [String]
    /// What the other language is called there, and the way to its pages.
    var other: (name: String, way: String)

    var sectionsWithCommands: Set<String> { [sections[2], sections[4]] }

    /// The link to the same page in the other language.
    func link(from page: String) -> String { "[\(other.name)](\(other.way)\(page).md)" }
  }

  static let english = Edition(
    folder: incidents + "/playbooks",
    sections: ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Verification"],
    other: ("Deutsch", "de/"))
  static let german = Edition(
    folder: incidents + "/playbooks/de",
    sections: ["## Bedeutung", "## Auswirkung", "## Diagnose", "## Abhilfe", "## Überprüfung"],
    other: ("English", "../"))

  /// A page by its file's name without `.md`.
  struct Page {
    var name: String
    var lines: [String]

    /// What is to be typed, without the comments and with words of a person left out.
    var commands: [String] {
      var isCode = false
      return lines.compactMap { line in
        if line.hasPrefix("```") {
          isCode.toggle()
          return nil
        }
        let command = line.firstRange(of: " #").map { line[..<$0.lowerBound] } ?? line[...]
        return isCode
          ? command.trimmingCharacters(in: .whitespaces).replacing(/"[^"]*"/, with: "\"…\"") : nil
      }
    }

    /// The codes, settings and metrics that the text names.
    var codes: Set<String> {
      Set(lines.flatMap { $0.matches(of: /`([a-z]+(?:[_.][a-z0-9_.*]+)+)`/).map { String($0.output.1) } })
    }

    /// Where its links lead, as if all languages were in one folder.
    func targets(from folder: String) -> Set<String> {
      let folder = URL(filePath: "/" + folder, directoryHint: .isDirectory)
      return Set(
        lines.flatMap { $0.matches(of: /\]\(([^)\s]+)\)/) }.map {
          folder.appending(path: String($0.output.1)).standardizedFileURL.path
            .replacing("/playbooks/de/", with: "/playbooks/")
        })
    }
  }

  let repository = Repository.current

  /// Every page but the index.
  func pages(_ edition: Edition) throws -> [Page] {
    try repository.files().filter { path in
      path.hasPrefix(edition.folder + "/") && !path.hasSuffix("/README.md")
        && !path.dropFirst(edition.folder.count + 1).contains("/")
    }.map { path in
      var lines = try repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return Page(
        name: String(path.dropFirst(edition.folder.count + 1).dropLast(".md".count)), lines: lines)
    }
  }

  @Test(
    "a page has its code as title, the five sections in order, none of them empty, and fits on a screen",
    arguments: [Self.english, Self.german])
  func sections(edition: Edition) throws {
    let pages = try pages(edition)
    #expect(pages.count > 30, "hardly any playbooks; the test looks in the wrong place")
    for page in pages {
      #expect(page.lines.first?.hasPrefix("# \(page.name): ") == true, "\(page.name)")
      #expect(page.lines.filter { $0.hasPrefix("## ") } == edition.sections, "\(page.name)")
      #expect((15...40).contains(page.lines.count), "\(page.name) has \(page.lines.count) lines")
      let full = page.lines.filter { !$0.isEmpty }
      for (line, next) in zip(full, full.dropFirst()) where line.hasPrefix("## ") {
        #expect(!next.hasPrefix("#"), "\(page.name): nothing below \(line)")
      }
      #expect(full.last?.hasPrefix("#") == false, "\(page.name): nothing below the last heading")
    }
  }

  @Test(
    "what is to be typed is a cdb or a curl command, to look with and to verify with",
    arguments: [Self.english, Self.german])
  func commands(edition: Edition) throws {
    for page in try pages(edition) {
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
        sectionsWithCommands.isSuperset(of: edition.sectionsWithCommands),
        "\(page.name) has commands only in \(sectionsWithCommands.sorted())")
    }
  }

  @Test("both languages have the same pages, and on each the same commands, links and codes")
  func languages() throws {
    let german = try pages(Self.german)
    let english = try pages(Self.english)
    #expect(german.map(\.name).sorted() == english.map(\.name).sorted())
    for page in english {
      guard let other = german.first(where: { $0.name == page.name }) else { continue }
      #expect(!page.commands.isEmpty && page.commands == other.commands, "\(page.name)")
      #expect(
        page.targets(from: Self.english.folder) == other.targets(from: Self.german.folder), "\(page.name)")
      #expect(page.codes == other.codes, "\(page.name)")
      #expect(page.lines.first != other.lines.first, "\(page.name) has the same title in both")
    }
  }

  @Test("every page leads to the same one in the other language", arguments: [Self.english, Self.german])
  func otherLanguage(edition: Edition) throws {
    for page in try pages(edition) {
      #expect(page.lines.dropFirst(2).first == edition.link(from: page.name), "\(page.name)")
    }
    let index = try repository.text(edition.folder + "/README.md")
    #expect(index.contains("\n\(edition.link(from: "README"))\n"))
  }

  @Test(
    "every page is in the index, and the index is where one looks for it",
    arguments: [Self.english, Self.german])
  func index(edition: Edition) throws {
    let index = try repository.text(edition.folder + "/README.md")
    for page in try pages(edition) {
      #expect(index.contains("| [\(page.name)](\(page.name).md) |"), "\(page.name) is not in the index")
    }
    let folder = edition.folder.dropFirst(Self.incidents.count + 1)
    #expect(try repository.text(Self.incidents + "/README.md").contains("](\(folder)/README.md)"))
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
