import Foundation
import Testing

@Suite("The rules of the house")
struct HouseRulesTests {
  let repository = Repository.current

  /// What the project is made of.
  static let rooms: Set = [
    "Package.swift", "Sources", "Tests", "dashboards", "prometheus", "elk", "telegraf", "docker", "docs",
    "_archive",
  ]
  /// What tools and readers expect to find beside it.
  static let furniture: Set = [
    "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile", ".ci", ".github",
    ".gitlab-ci.yml", ".swift-format", ".gitignore", "mkdocs.yml", "sonar-project.properties",
  ]

  @Test("the top level holds what was agreed and nothing else")
  func topLevel() throws {
    let entries = Set(try repository.files().map { String($0.prefix { $0 != "/" }) })
    let strangers = entries.subtracting(Self.rooms).subtracting(Self.furniture)
    #expect(strangers.isEmpty, "not agreed at the top level: \(strangers.sorted())")
    let missing = Self.rooms.subtracting(entries)
    #expect(missing.isEmpty, "missing at the top level: \(missing.sorted())")
  }

  @Test("no file puts work off with a marker")
  func noMarkers() throws {
    // Put together here, so that this file does not hold them itself.
    let markers = ["TO" + "DO", "FIX" + "ME"]
    var found: [String] = []
    for path in try repository.files() {
      guard let text = try? repository.text(path) else { continue }
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if markers.contains(where: { Self.holds(line, word: $0) }) { found.append("\(path):\(index + 1)") }
      }
    }
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  @Test("no source file is longer than 400 lines")
  func lengths() throws {
    let kinds = [".swift", ".c", ".h"]
    // What protoc-c makes is as long as it is.
    let sources = try repository.files().filter { path in
      kinds.contains { path.hasSuffix($0) } && !path.contains(".pb-c.")
    }
    #expect(sources.count > 100, "hardly any sources; the test looks in the wrong place")
    for path in sources {
      let lines = try repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(lines <= 400, "\(path) has \(lines) lines: ask what it hides")
    }
  }

  @Test("a marker is found as a word, and not inside another")
  func markerWords() {
    let marker = "TO" + "DO"
    #expect(Self.holds("// \(marker): later", word: marker))
    #expect(Self.holds(Substring(marker), word: marker))
    #expect(!Self.holds("AU\(marker)R", word: marker))
  }

  static func holds(_ line: Substring, word: String) -> Bool {
    line.ranges(of: word).contains { range in
      let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
      let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
      return !before.isLetter && !after.isLetter
    }
  }
}
