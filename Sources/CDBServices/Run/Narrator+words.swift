import CDBDomain
import CDBGate

extension Narrator {
  /// The words of the lines at the terminal.
  struct Words {
    static let paper = Translation(
      en: "paper trading, no real money moves", de: "Handel auf Papier, kein echtes Geld bewegt sich")
    static let feed = Translation(en: "feed", de: "Quelle")
    static let look = Translation(en: "look", de: "ansehen")
    static let ask = Translation(en: "ask", de: "fragen")
    static let kept = Translation(en: "kept in", de: "liegt in")
    static let logs = Translation(en: "logs in", de: "Protokoll in")
    static let checked = Translation(en: "checked", de: "geprüft")
    static let checks = Translation(
      en:
        "every frame is journaled before it counts; every edge is gapless; the flow balances at each barrier",
      de:
        "was zählt, steht vorher im Journal; jede Kante ist lückenlos; der Fluss geht an jeder Schranke auf")
    static let goesOn = Translation(en: "goes on", de: "weiter")
    static let recovery = Translation(en: "found", de: "gefunden")
    static let gate = Translation(en: "gate", de: "Gate")
    static let fill = Translation(en: "fill", de: "Handel")
    static let equity = Translation(en: "equity", de: "Kontowert")
    static let balanced = Translation(en: "flow balanced", de: "Fluss geht auf")
    static let notBalanced = Translation(en: "flow NOT BALANCED", de: "Fluss GEHT NICHT AUF")
    static let noBarrier = Translation(en: "flow no barrier yet", de: "Fluss noch ohne Schranke")

    /// What this process counted.
    struct Counts {
      var frames: UInt64
      var signals: UInt64
      var refused: UInt64
      var orders: UInt64
      var fills: UInt64
    }

    let language: Language
    init(_ language: Language) { self.language = language }

    /// A line with its label, which fills a column.
    func line(_ label: Translation, _ text: String) -> String {
      let label = label[language]
      return "  \(label)\(String(repeating: " ", count: max(1, 10 - label.count)))\(text)"
    }

    func feed(_ feed: String, _ profile: String) -> String {
      let name =
        switch feed {
        case "sim":
          Translation(en: "a simulated market (seeded)", de: "ein simulierter Markt (aus einem Startwert)")
        case "binance":
          Translation(
            en: "Binance spot, live, over public streams", de: "Binance Spot, live, über öffentliche Ströme")
        default: Translation(en: "a recording", de: "eine Aufzeichnung")
        }
      let kind =
        profile == CDBConfiguration.Profile.demo.rawValue
        ? Translation(
          en: "profile demo: quick signals, for looking, not for judging",
          de: "Profil demo: schnelle Signale zum Ansehen, nicht zum Urteilen")
        : Translation(en: "profile \(profile)", de: "Profil \(profile)")
      return "\(name[language]); \(kind[language])"
    }

    func fill(side: Side, quantity: String, symbol: String, price: String, fee: String) -> String {
      switch language {
      case .en: "\(side.code) \(quantity) \(symbol) at \(price), fee \(fee)"
      case .de:
        "\(side == .buy ? "Kauf" : "Verkauf") \(quantity) \(symbol) zu \(price), Gebühr \(fee)"
      }
    }

    func counts(_ counts: Counts) -> String {
      func counted(_ count: UInt64, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
      }
      return switch language {
      case .en:
        "since the start \(counts.frames) frames, \(counted(counts.signals, "signal", "signals")) "
          + "(\(counts.refused) refused), \(counted(counts.orders, "order", "orders")), "
          + counted(counts.fills, "fill", "fills")
      case .de:
        "seit dem Start \(counts.frames) Frames, \(counted(counts.signals, "Signal", "Signale")) "
          + "(\(counts.refused) abgelehnt), \(counted(counts.orders, "Order", "Orders")), "
          + counted(counts.fills, "Ausführung", "Ausführungen")
      }
    }

    /// - Parameter stop: why the emergency stop is in force; the account keeps the operator's words over restarts.
    func line(_ report: GateReport, stoppedFor stop: String?) -> String {
      let why = report.state == .stopped ? stop ?? report.reason(in: language) : report.reason(in: language)
      let text =
        switch report.state {
        case .verifying:
          Translation(en: "verifying: \(Self.checkNames)", de: "prüft: \(Self.checkNames)")
        case .open:
          Translation(
            en: "open: five checks passed; orders may add exposure",
            de: "offen: fünf Prüfungen bestanden; Orders dürfen das Engagement erhöhen")
        case .closed where report.awaitsPerson != nil:
          Translation(
            en: "closed: \(why); a person must open it (\(report.awaitsPerson ?? "")): cdb gate open",
            de: "geschlossen: \(why); ein Mensch muss es öffnen (\(report.awaitsPerson ?? "")): cdb gate open"
          )
        case .closed: Translation(en: "closed: \(why)", de: "geschlossen: \(why)")
        case .tripped:
          Translation(
            en: "TRIPPED: \(why); only orders that reduce pass",
            de: "AUSGELÖST: \(why); nur Orders, die abbauen, gehen durch")
        case .stopped:
          Translation(
            en: "STOPPED: \(why); nothing passes until cdb resume",
            de: "ANGEHALTEN: \(why); nichts geht durch bis cdb resume")
        }
      return text[language]
    }

    private static let checkNames = GateCheck.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
