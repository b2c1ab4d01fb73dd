import Foundation
import Testing

@testable import CDBDomain

@Suite("The playbooks of the reasons")
struct ReasonPlaybookTests {
  /// Where the pages of a language are.
  static func folder(_ language: Language) -> URL {
    let english = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/04_incident-management/playbooks")
    return language == .de ? english.appending(path: "de") : english
  }

  /// The page of each code, as the index has it.
  static func index(_ language: Language) throws -> [String: String] {
    let text = try String(contentsOf: folder(language).appending(path: "README.md"), encoding: .utf8)
    var pages: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let row = line.prefixMatch(of: /\| `([a-z_\-]+)` \| [a-z_]+ \| \[[a-z_\-]+\]\(([a-z_\-]+)\.md\) \|/)
      guard let row else { continue }
      let code = String(row.output.1)
      #expect(pages[code] == nil, "\(code) is in the index twice")
      pages[code] = String(row.output.2)
    }
    return pages
  }

  static func isThere(_ page: String, _ language: Language) -> Bool {
    FileManager.default.fileExists(atPath: folder(language).appending(path: "\(page).md").path)
  }

  @Test(
    "every reason that has a playbook has its page, and the index says the same of it",
    arguments: Language.allCases)
  func pages(language: Language) throws {
    let index = try Self.index(language)
    for reason in ReasonCode.allCases {
      #expect(index[reason.code] == reason.playbook, "\(reason.code)")
      guard let page = reason.playbook else { continue }
      #expect(Self.isThere(page, language), "\(reason.code): there is no \(page).md")
    }
    for reason in AnswerReason.allCases {
      #expect(index[reason.rawValue] == reason.playbook, "\(reason.rawValue)")
      #expect(
        Self.isThere(reason.playbook, language), "\(reason.rawValue): there is no \(reason.playbook).md")
    }
  }

  @Test(
    "the index has nothing but codes, reasons of answers, checks, and what only alerts name",
    arguments: Language.allCases)
  func strangers(language: Language) throws {
    let known = Set(
      ReasonCode.allCases.map(\.code) + AnswerReason.allCases.map(\.rawValue)
        + GateCheck.allCases.map { "check-\($0.rawValue)" } + ["block_ended"])
    #expect(try Set(Self.index(language).keys).subtracting(known).isEmpty)
  }

  @Test("a reason that is not normal has a playbook, but for those that steps could not mend")
  func complete() {
    let without = ReasonCode.allCases.filter {
      $0.playbook == nil && ReasonCatalogue[$0].remedy != ReasonEntry.nothingToDo
    }
    #expect(Set(without) == [.awaitingSnapshot, .unexpectedEvent])
  }

  @Test("every check of the gate has a page", arguments: GateCheck.allCases, Language.allCases)
  func checks(check: GateCheck, language: Language) throws {
    let page = "check-\(check.rawValue)"
    #expect(Self.isThere(page, language))
    #expect(try Self.index(language)[page] == page)
  }
}
