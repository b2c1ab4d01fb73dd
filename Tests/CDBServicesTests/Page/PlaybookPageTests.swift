import CDBDomain
import CDBGate
import Foundation
import Testing

@testable import CDBServices

@Suite("The playbooks as pages")
struct PlaybookPageTests {
  private static let folder = URL(filePath: #filePath)
    .appending(path: "../../../../docs/04_incident-management/playbooks").standardized

  /// What is in the folder of a language, by path.
  private func written(_ language: Language) throws -> [String: String] {
    let folder = language == .de ? Self.folder.appending(path: "de") : Self.folder
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    return try Dictionary(
      uniqueKeysWithValues: files.filter { $0.hasSuffix(".md") }.map { file in
        let name = String(file.dropLast(".md".count))
        return (
          Playbook.path(of: name, in: language),
          try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        )
      })
  }

  @Test("the binary has every page as it is written, and no other; a new one is entered in CPlaybooks")
  func complete() throws {
    let written = try Language.allCases.map(written).reduce([:]) { $0.merging($1) { one, _ in one } }
    #expect(written.count > 80, "hardly any pages; the test looks in the wrong place")
    let embedded = Dictionary(uniqueKeysWithValues: Playbook.all.map { ($0.path, $0.text) })
    #expect(Set(embedded.keys) == Set(written.keys))
    for (path, text) in written { #expect(embedded[path] == text, "\(path)") }
  }

  @Test("every reason that has a page leads to one that is served", arguments: Language.allCases)
  func reasons(_ language: Language) {
    let names = ReasonCode.allCases.compactMap(\.playbook) + AnswerReason.allCases.map(\.playbook)
    #expect(names.count > 50)
    for name in names { #expect(Playbook(path: Playbook.path(of: name, in: language)) != nil, "\(name)") }
  }

  @Test("every page is well-formed, whole, and leads only to pages that are served")
  func pages() throws {
    for page in Playbook.all {
      let text = PlaybookDocument(playbook: page).render().text
      let check = MarkupCheck(text)
      #expect(check.faults.isEmpty, "\(page.path): \(check.faults)")
      #expect(check.elements.first?.attributes["lang"] == page.language.rawValue)
      #expect(check.elements.count { $0.name == "h1" } == 1, "\(page.path)")
      #expect(!check.elements.contains { ["script", "img", "iframe", "form"].contains($0.name) })
      if page.name != Playbook.index {
        #expect(check.elements.count { $0.name == "h2" } == 5, "\(page.path)")
        #expect(check.elements.contains { $0.name == "pre" }, "\(page.path)")
      }
      let base = try #require(URL(string: "http://here/\(page.path)"))
      for link in check.values("href") where !link.hasPrefix("#") && !link.hasPrefix("data:") {
        let target = try #require(URL(string: link, relativeTo: base)?.absoluteURL)
        #expect(target.host() == "here")
        let path = target.path(percentEncoded: true).dropFirst()
        #expect(path.isEmpty || Playbook(path: path) != nil, "\(page.path) leads to \(link)")
      }
      // No mark of the writing is left over where it is not code.
      let prose = text.replacing(/<(pre|code|style)[ >][\s\S]*?<\/(pre|code|style)>/, with: "")
        .replacing(/<[^>]*>/, with: "")
      for mark in ["**", "](", "`", "\n#", "|"] { #expect(!prose.contains(mark), "\(page.path): \(mark)") }
    }
  }

  @Test("the index leads to every page, and every page back to it and to the status page")
  func index() throws {
    for language in Language.allCases {
      let index = try #require(Playbook(path: Playbook.path(of: Playbook.index, in: language)))
      let links = Set(MarkupCheck(PlaybookDocument(playbook: index).render().text).values("href"))
      for page in Playbook.all where page.language == language && page.name != Playbook.index {
        #expect(links.contains("./\(page.name)"), "\(page.path)")
        let back = MarkupCheck(PlaybookDocument(playbook: page).render().text).values("href")
        #expect(back.contains("./") && back.contains("\(page.wayBack)?language=\(language.rawValue)"))
      }
    }
  }

  @Test("what stands on a page stays text, whatever it is")
  func hostile() {
    let attack = PageRenderingTests.attack
    for text in [
      attack, "# \(attack)", "- \(attack)\n  \(attack)", "```\n\(attack)", "`\(attack)`", "**\(attack)**",
      "| a |\n|---|\n| \(attack) |", "|", "[\(attack)](\(attack))", "[x](javascript:alert(1))",
      "[x](//evil.example)",
      "[[x](y)](z)", "***", "`", "[", "[](", "-", "```", "# ", "*a **b* c**",
      String(repeating: "*[`", count: 2_000),
    ] {
      let html = Markdown(text).html(name: attack) { $0.hasPrefix("good") ? $0 : nil }
      let check = MarkupCheck(html.text)
      #expect(check.faults.isEmpty, "\(text): \(check.faults)")
      #expect(!check.elements.contains { ["script", "img", "a"].contains($0.name) }, "\(text)")
    }
    #expect(
      Markdown("[a `b`](good)").html(name: "") { $0 }.text == "<p><a href=\"good\">a <code>b</code></a></p>\n"
    )
  }

  @Test("what a line may have, and how blocks end")
  func subset() {
    func html(_ text: String) -> String { Markdown(text).html(name: "t") { $0 }.text }
    #expect(
      html("a *b* **c** `*d*` 2 * 3") == "<p>a <em>b</em> <strong>c</strong> <code>*d*</code> 2 * 3</p>\n")
    #expect(
      html("one\ntwo\n- x\n  y\n- z\nafter").contains("<ul><li>x\ny</li>\n<li>z</li>\n</ul>\n<p>after</p>"))
    #expect(
      html("```sh\n# <no>\n\nb\n```\nc")
        == "<pre tabindex=\"0\"><code># &lt;no&gt;\n\nb</code></pre>\n<p>c</p>\n")
    #expect(html("| `a|b` | c |\n|---|---|\n| `d|e` | f |").contains("<code>d|e</code></th><td>f</td>"))
  }
}
