import CDBDomain
import CDBGate
import CDBPipeline

extension StatusScreen {
  /// On one screen, for a person.
  public func text(in language: Language) -> String {
    func say(_ en: String, _ de: String) -> String { language == .de ? de : en }
    var lines = [
      "\(verdict.name(in: language).uppercased()): \(say(summary, summaryDe))"
        + (reason.map { " (\([layer?.rawValue, $0].compactMap { $0 }.joined(separator: ", ")))" } ?? "")
    ]
    lines += gateLines(language) + [""] + stageLines(language) + [""]
    func line(_ en: String, _ de: String, _ value: String) {
      lines.append("  " + Self.pad(say(en, de), Self.label) + value)
    }
    line(
      "account", "Konto",
      account.map { account in
        let equity = PageWords.decimal(Narrator.money(account.equity), language)
        let drawdown = PageWords.decimal(Self.rounded(account.drawdown * 100), language)
        return say(
          "equity \(equity), \(drawdown) % below the peak, open orders \(account.openOrders)",
          "Kontowert \(equity), \(drawdown) % unter dem Höchststand, offene Orders \(account.openOrders)")
      } ?? say("not told yet", "noch nicht bekannt"))
    line("incidents", "Vorfälle", incidentWords(language))
    for remark in remarks { line("remark", "Bemerkung", remark.line(in: language)) }
    line("block", "Block", blockWords(language))
    return lines.joined(separator: "\n")
  }

  private func gateLines(_ language: Language) -> [String] {
    func say(_ en: String, _ de: String) -> String { language == .de ? de : en }
    guard let gate else { return ["  " + Self.pad("Gate", Self.label) + say("none", "keines")] }
    let since = Self.age(Double(asOfNs &- gate.sinceNs) / 1e9, language)
    let checks = gate.checks.map { check in
      "\(check.check.rawValue) \(check.outcome.name(in: language))"
        + (check.ageSeconds.map { " \(Self.age($0, language))" } ?? "")
    }
    return [
      "  " + Self.pad(say("gate", "Gate"), Self.label)
        + say("\(gate.state.name(in: .en)) for \(since)", "\(gate.state.name(in: .de)) seit \(since)"),
      "  " + Self.pad(say("checks", "Prüfungen"), Self.label) + checks.joined(separator: ", "),
    ]
  }

  private func stageLines(_ language: Language) -> [String] {
    let words =
      language == .de
      ? ["Stufe", "Zustand", "ein/s", "aus/s", "wartend", "zuletzt"]
      : ["stage", "health", "in/s", "out/s", "waiting", "last event"]
    let header =
      "  " + Self.pad(words[0], Self.label) + Self.pad(words[1], 10) + Self.right(words[2], 8)
      + Self.right(words[3], 9) + Self.right(words[4], 10) + "  " + words[5]
    return [header]
      + stages.map { stage in
        "  " + Self.pad(stage.stage.rawValue, Self.label) + Self.pad(stage.health.name(in: language), 10)
          + Self.right(Self.rate(stage.receivedPerSecond, stage, language), 8)
          + Self.right(Self.rate(stage.emittedPerSecond, stage, language), 9)
          + Self.right("\(stage.waiting)", 10)
          + "  " + lastEvent(stage, language) + (stage.failure.map { "  \($0)" } ?? "")
      }
  }

  /// How long ago the last event was, and where a process has just begun anew, how long that is ago.
  private func lastEvent(_ stage: Stage, _ language: Language) -> String {
    let last = stage.lastEventSeconds.map { Self.age($0, language) }
    guard let began = stage.beganAnewSeconds else { return last ?? (language == .de ? "nie" : "never") }
    return (last ?? "–") + (language == .de ? "  begann neu " : "  began anew ")
      + PageWords.ago(began, language)
  }

  private func incidentWords(_ language: Language) -> String {
    guard let worst = incidents.first else { return language == .de ? "keine offen" : "none open" }
    let words =
      "\(worst.number) \(worst.severity.name(in: language)), \(worst.state.name(in: language)): \(worst.cause(in: language))"
    return language == .de
      ? "\(incidents.count) offen, am schlimmsten \(words)" : "\(incidents.count) open, the worst \(words)"
  }

  private func blockWords(_ language: Language) -> String {
    guard let block else { return language == .de ? "keine Blöcke" : "no blocks" }
    guard block.block > 0 else { return language == .de ? "noch keiner" : "none yet" }
    let share =
      block.plannedSeconds > 0 ? min(1, max(0, block.elapsedSeconds / block.plannedSeconds)) : 1
    let made = block.checkpoints.count { $0.isMade }
    let checkpoints = language == .de ? "Kontrollpunkte" : "checkpoints"
    return "\(block.block) \(block.state.name(in: language)), \(Int((share * 100).rounded(.down))) %, "
      + "\(checkpoints) \(made)/\(block.checkpoints.count)"
  }

  private static let label = 12

  private static func rate(_ rate: Double?, _ stage: Stage, _ language: Language) -> String {
    rate.map { PageWords.decimal(rounded($0), language) } ?? (stage.beganAnewSeconds == nil ? "?" : "–")
  }

  /// One digit after the point.
  private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  private static func age(_ seconds: Double, _ language: Language) -> String {
    PageWords.age(seconds.isFinite ? max(0, seconds) : .infinity, language)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
