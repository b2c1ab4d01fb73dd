import Foundation
import Testing

@testable import CDBDomain

@Suite("The playbooks of the reasons")
struct ReasonPlaybookTests {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/04_incident-management/playbooks")

  /// The page of each code, as the index has it.
  static func index() throws -> [String: String] {
    let text = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
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

  static func isThere(_ page: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: "\(page).md").path)
  }

  @Test("every reason that has a playbook has its page, and the index says the same of it")
  func pages() throws {
    let index = try Self.index()
    for reason in ReasonCode.allCases {
      #expect(index[reason.code] == reason.playbook, "\(reason.code)")
      guard let page = reason.playbook else { continue }
      #expect(Self.isThere(page), "\(reason.code): there is no \(page).md")
    }
  }

  @Test("a reason that is not normal has a playbook, but for those that steps could not mend")
  func complete() {
    let without = ReasonCode.allCases.filter {
      $0.playbook == nil && ReasonCatalogue[$0].remedy != ReasonEntry.nothingToDo
    }
    #expect(Set(without) == [.awaitingSnapshot, .unexpectedEvent])
  }

  @Test("every check of the gate has a page", arguments: GateCheck.allCases)
  func checks(check: GateCheck) throws {
    let page = "check-\(check.rawValue)"
    #expect(Self.isThere(page))
    #expect(try Self.index()[page] == page)
  }
}
