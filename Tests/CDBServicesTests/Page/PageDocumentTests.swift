import CDBDomain
import Crypto
import Foundation
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("The status page's document")
struct PageDocumentTests {
  struct Input: Codable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable { case soft, hard }
    var reason: String
    var note: String?
    var count: Int?
    var kind: Kind
    var really: Bool
    var lines: [String]?
  }

  static func catalogue(_ names: [String] = ["stop", "thing.mend"]) throws -> OperationCatalogue {
    let reads = AnyOperation(Operation<NoInput, NoInput>(name: "why", summary: "Why.") { _, _ in NoInput() })
    return try OperationCatalogue(
      [reads]
        + names.map { name in
          AnyOperation(
            Operation<Input, NoInput>(name: name, summary: "Does <it>.", effect: .change) { _, _ in NoInput()
            })
        })
  }

  private func text(_ document: PageDocument, _ language: Language) -> String {
    let page = PageFixture.snapshot()
    let sections = Dictionary(
      uniqueKeysWithValues: PageSection.allCases.map { ($0, $0.render(page, language)) })
    return document.render(sections, position: "a-1", now: page.now, language).text
  }

  @Test("is well-formed in both languages, and loads nothing from anywhere", arguments: Language.allCases)
  func wellFormed(_ language: Language) throws {
    let text = text(PageDocument(try Self.catalogue(), revision: "r"), language)
    let check = MarkupCheck(text)
    #expect(check.faults.isEmpty, "\(check.faults)")
    #expect(check.elements.first?.attributes["lang"] == language.rawValue)
    for attribute in ["src", "srcset", "action", "data"] { #expect(check.values(attribute) == []) }
    #expect(
      check.values("href").allSatisfy {
        $0.hasPrefix("#") || $0.hasPrefix("?") || $0.hasPrefix("data:image/svg+xml,")
          || Playbook(path: $0) != nil
      })
    // Every label belongs to a control, every reference to an element.
    let ids = Set(check.values("id"))
    for attribute in ["for", "aria-labelledby", "aria-describedby"] {
      for id in check.values(attribute) { #expect(ids.contains(id), "\(attribute) \(id)") }
    }
    let fields = check.elements.filter { ["input", "select", "textarea"].contains($0.name) }
    #expect(Set(fields.compactMap { $0.attributes["id"] }).isSubset(of: Set(check.values("for"))))
  }

  @Test("every operation that changes something has a form with its fields, and no other has one")
  func forms() throws {
    let catalogue = try Self.catalogue()
    let check = MarkupCheck(text(PageDocument(catalogue, revision: "r"), .de))
    #expect(check.values("data-operation") == ["stop", "thing.mend"])
    #expect(check.values("data-confirm").count == 1)
    let names = check.values("name").filter { !["viewport", "color-scheme"].contains($0) }
    #expect(
      names
        == Array(repeating: ["reason", "note", "count", "kind", "really", "lines"], count: 2).flatMap { $0 })
    #expect(check.values("data-type").filter { $0 == "integer" }.count == 2)
    // One without words of its own is offered by its name, and what the catalogue says of it.
    #expect(text(PageDocument(catalogue, revision: "r"), .de).contains("Does &lt;it&gt;."))
  }

  @Test("a form whose operation is not done late says until when it waits; a stop's does not")
  func deadlines() throws {
    func operation(_ name: String, isDoneLate: Bool) -> AnyOperation {
      AnyOperation(
        Operation<Input, NoInput>(
          name: name, summary: "Does it.", effect: .change, isDoneLate: isDoneLate
        ) { _, _ in NoInput() })
    }
    let catalogue = try OperationCatalogue([
      operation("stop", isDoneLate: true), operation("resume", isDoneLate: false),
    ])
    let text = text(PageDocument(catalogue, revision: "r"), .en)
    let forms = MarkupCheck(text).elements.filter {
      $0.name == "form" && $0.attributes["data-operation"] != nil
    }
    #expect(
      forms.filter { $0.attributes["data-deadline"] != nil }.map { $0.attributes["data-operation"] } == [
        "resume"
      ])
    // The script sends it under the name that the endpoint reads, from the one that answers show.
    #expect(text.contains("headers['\(ServiceInstant.deadlineField)'] = await deadline()"))
    #expect(text.contains("headers.get('\(ServiceInstant.field)')"))
  }

  @Test("the policy names the script and the style by their hashes, and lets nothing else in")
  func policy() throws {
    let document = PageDocument(try Self.catalogue(), revision: "r")
    let text = text(document, .en)
    for element in ["script", "style"] {
      let start = try #require(text.firstRange(of: "<\(element)>")?.upperBound)
      let end = try #require(text[start...].firstRange(of: "</\(element)>")?.lowerBound)
      let hash = Data(SHA256.hash(data: Data(text[start..<end].utf8))).base64EncodedString()
      #expect(document.securityPolicy.contains("\(element)-src 'sha256-\(hash)'"))
    }
    #expect(document.securityPolicy.hasPrefix("default-src 'none'; "))
    #expect(!document.securityPolicy.contains("unsafe"))
  }

  @Test("another program, or another catalogue, is another edition")
  func editions() throws {
    let one = PageDocument(try Self.catalogue(), revision: "r")
    #expect(one.editions == PageDocument(try Self.catalogue(), revision: "r").editions)
    #expect(one.editions[.en] != PageDocument(try Self.catalogue(), revision: "s").editions[.en])
    #expect(one.editions[.en] != PageDocument(try Self.catalogue(["stop"]), revision: "r").editions[.en])
    #expect(one.editions[.en] != one.editions[.de])
  }

  @Test("what an answer is told by fits the answers that operations give")
  func answers() {
    for (name, words) in OperationWords.byName {
      #expect(!words.answers.isEmpty, "\(name)")
      for answer in words.answers {
        for language in Language.allCases { #expect(!answer.say[language].isEmpty) }
        #expect(
          Set(answer.when.keys).isSubset(of: [
            "verified", "in_force", "underway", "accepted", "gate.state", "incident.state", "journaled",
            "hindered_by",
          ]))
      }
    }
    #expect(
      StopReport(accepted: true, inForce: true, verified: true, refusedBy: "kill_switch", seconds: 0.04)
        .text(in: .de) == "angehalten: eine Probe-Order wurde abgelehnt (kill_switch), bewiesen in 0,04 s")
  }
}
