import CDBDomain
import CDBServices
import Foundation
import Testing

@Suite("documentation of the reason codes")
struct ReasonCatalogueDocumentTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized

  @Test("docs/reason-codes.md is what the catalogue says; `make docs` writes it anew")
  func documented() throws {
    let written = try String(contentsOf: Self.root.appending(path: "docs/reason-codes.md"), encoding: .utf8)
    #expect(written == (try ReasonCatalogueDocument.render(as: .md, in: .en)))
  }

  @Test("every code stands in it once, with number, meaning and remedy", arguments: Language.allCases)
  func complete(language: Language) {
    let rows = ReasonCatalogueDocument.markdown(in: language).split(separator: "\n")
    for entry in ReasonCatalogue.entries {
      let found = rows.filter { $0.hasPrefix("| \(entry.reason.rawValue) | `\(entry.code)`") }
      #expect(found.count == 1)
      #expect(
        found.allSatisfy { $0.contains(entry.explanation[language]) && $0.contains(entry.remedy[language]) })
      // Another bar would be another column.
      #expect(found.allSatisfy { $0.count { $0 == "|" } == 5 })
    }
  }

  @Test("the layer that refuses with a reason is named with it")
  func layers() {
    let text = ReasonCatalogueDocument.markdown(in: .en)
    for layer in RiskLayerName.allCases {
      #expect(text.contains("`\(layer.reason.code)` (`\(layer.rawValue)`)"))
    }
  }

  @Test("as JSON it has an object a code, in the language asked for", arguments: Language.allCases)
  func json(language: Language) throws {
    let text = try ReasonCatalogueDocument.render(as: .json, in: language)
    let entries = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(entries.compactMap { $0["code"] as? String } == ReasonCatalogue.entries.map(\.code))
    #expect(
      entries.compactMap { $0["remedy"] as? String } == ReasonCatalogue.entries.map { $0.remedy[language] })
    #expect(entries.count { $0["layer"] != nil } == RiskLayerName.allCases.count)
  }
}
