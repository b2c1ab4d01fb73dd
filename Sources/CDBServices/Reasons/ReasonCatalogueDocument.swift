import CDBDomain
import Foundation

/// The documentation of the reason codes, from the catalogue itself.
public enum ReasonCatalogueDocument {
  public enum Format: String, Sendable, CaseIterable {
    case md
    case json
  }

  private struct Entry: Encodable {
    var code: String
    var number: UInt8
    var area: String
    var layer: String?
    var explanation: String
    var remedy: String
  }

  /// The catalogue in a language: Markdown, or JSON with one object a code.
  public static func render(as format: Format, in language: Language) throws -> String {
    switch format {
    case .md: markdown(in: language)
    case .json: try json(in: language)
    }
  }

  /// A section for each area, a row for each code. `docs/reason-codes.md` is this in English.
  public static func markdown(in language: Language) -> String {
    let words = Words(language)
    var lines = ["# \(words.title)", ""] + words.introduction
    for area in ReasonArea.allCases {
      let entries = ReasonCatalogue.entries.filter { $0.area == area }
      guard !entries.isEmpty else { continue }
      lines += ["", "## \(words.heading(of: area))", ""]
      lines += ["| \(words.columns.joined(separator: " | ")) |", "|---|---|---|---|"]
      lines += entries.map { entry in
        let layer = entry.layer.map { " (`\($0.rawValue)`)" } ?? ""
        return "| \(entry.reason.rawValue) | `\(entry.code)`\(layer) | \(entry.explanation[language]) | "
          + "\(entry.remedy[language]) |"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func json(in language: Language) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let entries = ReasonCatalogue.entries.map {
      Entry(
        code: $0.code, number: $0.reason.rawValue, area: $0.area.rawValue, layer: $0.layer?.rawValue,
        explanation: $0.explanation[language], remedy: $0.remedy[language])
    }
    return String(decoding: try encoder.encode(entries), as: UTF8.self) + "\n"
  }

  /// The document's own words.
  private struct Words {
    let title: String
    let introduction: [String]
    let columns: [String]
    private let language: Language

    init(_ language: Language) {
      self.language = language
      switch language {
      case .en:
        title = "Reason codes"
        introduction = [
          "Why an event was absorbed, dropped or refused: the one catalogue behind metrics, logs, events, the store and",
          "`cdb why`. Generated from the code by `make docs`; `cdb reasons --language de` prints it in German.",
          "A code and its number never change; in brackets stands the layer of risk that refuses with it.",
        ]
        columns = ["number", "code", "meaning", "what to do"]
      case .de:
        title = "Ursachencodes"
        introduction = [
          "Warum ein Ereignis übernommen, verworfen oder abgelehnt wurde: der eine Katalog hinter Metriken, Logs,",
          "Ereignissen, Speicher und `cdb why`. Erzeugt aus dem Code; `cdb reasons --language en` gibt ihn auf Englisch aus.",
          "Ein Code und seine Nummer ändern sich nie; in Klammern steht die Risikostufe, die damit ablehnt.",
        ]
        columns = ["Nummer", "Code", "Bedeutung", "Was tun"]
      }
    }

    func heading(of area: ReasonArea) -> String {
      let heading =
        switch area {
        case .absorbed: Translation(en: "Absorbed: nothing is wrong", de: "Übernommen: alles in Ordnung")
        case .feed: Translation(en: "Dropped by the feed", de: "Vom Feed verworfen")
        case .risk: Translation(en: "Refused by risk", de: "Vom Risiko abgelehnt")
        case .exchange: Translation(en: "Answered by the paper exchange", de: "Antworten der Papierbörse")
        case .gate:
          Translation(
            en: "Refused by the gate, and why its checks fail",
            de: "Vom Gate abgelehnt, und woran Prüfungen scheitern")
        case .system:
          Translation(en: "A layer that does not do its work", de: "Eine Schicht, die nicht arbeitet")
        case .pipeline: Translation(en: "Anywhere", de: "Überall")
        }
      return heading[language]
    }
  }
}
