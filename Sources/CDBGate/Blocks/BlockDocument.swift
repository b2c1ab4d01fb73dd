import CDBDomain
import CDBPipeline

/// Puts a report into the words of a language.
struct BlockDocument {
  let report: BlockReport
  let language: Language

  init(_ report: BlockReport, in language: Language) {
    self.report = report
    self.language = language
  }

  func say(_ en: String, _ de: String) -> String { language == .de ? de : en }

  // Figures as the language writes them.

  func decimal(_ value: Double, _ digits: Int) -> String {
    DecimalText.localized(FigureText.decimal(value, digits), in: language)
  }

  func duration(_ nanoseconds: Int64) -> String { figures(FigureText.duration(nanoseconds)) }

  func cents(_ money: Money) -> String { DecimalText.localized(MoneyText.cents(money), in: language) }

  func percent(_ share: Double) -> String { decimal(share * 100, 1) + " %" }

  func percent(_ ratio: Ratio) -> String { figures(MoneyText.percent(ratio)) }

  func figures(_ phrase: String) -> String { DecimalText.localizedFigures(phrase, in: language) }

  var block: Block { report.block }
  var rows: BlockRows { report.rows }

  var document: ReportDocument {
    typealias Section = ReportDocument.Section
    return ReportDocument(
      language: language.rawValue, title: title,
      badge: (report.judgement.name(in: language), report.judgement.rawValue),
      sections: [
        Section(title: say("Summary", "Zusammenfassung"), elements: [.list(summary)]),
        Section(title: say("Verdict", "Urteil"), elements: verdict),
        Section(title: say("Key figures", "Kennzahlen"), elements: [keyFigures]),
        Section(title: say("Equity and drawdown", "Kontowert und Rückgang"), elements: money),
        Section(title: say("Activity", "Aktivität"), elements: activity),
        Section(title: say("Refusals", "Ablehnungen"), elements: refusals),
        Section(title: say("Latencies", "Latenzen"), elements: latencies),
        Section(title: say("Flow by stage", "Fluss je Stufe"), elements: flow),
        Section(title: say("Notes by layer", "Befunde je Schicht"), elements: [layers]),
        Section(title: say("Hypotheses", "Hypothesen"), elements: hypotheses),
        Section(title: say("Incidents", "Vorfälle"), elements: [incidents]),
        Section(title: say("Checkpoints", "Kontrollpunkte"), elements: [checkpoints]),
        Section(title: say("Store against process", "Speicher gegen Prozess"), elements: deviation),
        Section(title: say("Lessons learned", "Gelernt"), elements: written(block.lessons.lessons)),
        Section(title: say("To do", "Zu tun"), elements: written(block.lessons.todos)),
      ])
  }

  private var title: String { say("Block \(block.number)", "Block \(block.number)") }

  // MARK: Summary

  /// At most ten lines.
  var summary: [String] {
    let times = "\(FigureText.time(rows.since)) – \(FigureText.time(rows.until))"
    let length = duration(Int64(report.length * 1e9))
    let decided = report.decisions
    let approval = decided > 0 ? percent(Double(rows.approved) / Double(decided)) : "–"
    var lines = [
      say(
        "\(report.judgement.name(in: .en)): \(length), \(times)",
        "\(report.judgement.name(in: .de)): \(length), \(times)"),
      say(
        "\(rows.signals.count) signals, \(approval) approved",
        "\(rows.signals.count) Signale, \(approval) genehmigt"),
      say(
        "\(rows.acceptances.count) orders accepted, \(report.fills.count) fills",
        "\(rows.acceptances.count) Orders angenommen, \(report.fills.count) Ausführungen"),
    ]
    if let equity = report.equity, let profit = equity.profit {
      lines.append(
        say(
          "profit \(cents(profit)), fees \(cents(equity.fees)), largest drawdown "
            + percent(equity.maximumDrawdown),
          "Ergebnis \(cents(profit)), Gebühren \(cents(equity.fees)), größter Rückgang "
            + percent(equity.maximumDrawdown)))
    }
    lines.append(say("longest time without an order: ", "längste Zeit ohne Order: ") + gap)
    let shares = self.shares
    if !shares.isEmpty {
      lines.append(say("of the time: ", "von der Zeit: ") + shares.joined(separator: ", "))
    }
    lines.append(
      say(
        "\(report.compared) figures of the process held against the store, \(report.deviations.count) differ",
        "\(report.compared) Zahlen des Prozesses mit dem Speicher verglichen, \(report.deviations.count) weichen ab"
      ))
    lines += report.findings.prefix(3).map(line)
    return Array(lines.prefix(10))
  }

  /// What of the time each answer had: all of them, and what of it none was kept for, so that it adds up to a hundred.
  private var shares: [String] {
    let named = report.timeline.shares.map { (name: $0.verdict.name(in: language), seconds: $0.seconds) }
    guard !named.isEmpty, report.length > 0 else { return [] }
    let unknown = report.length - named.reduce(0) { $0 + $1.seconds }
    let all = named + [(name: say("no answer kept", "keine Antwort aufgehoben"), seconds: max(0, unknown))]
    let tenths = WholeShares.of(all.map(\.seconds))
    return zip(all, tenths).enumerated().filter { $0.offset < named.count || $0.element.1 > 0 }.map {
      "\($0.element.0.name) \(decimal(Double($0.element.1) / 10, 1)) %"
    }
  }

  /// How long there was no order, since when, and what the answer was for most of it.
  private var gap: String {
    let gap = report.gap
    let why = gap.verdict.map { verdict in
      verdict.name(in: language) + (gap.reason.map { " (\($0))" } ?? "")
    }
    return duration(gap.nanoseconds) + say(" from ", " ab ") + FigureText.time(gap.since)
      + (why.map { ": " + $0 } ?? "")
  }

  private func line(_ finding: BlockFinding) -> String {
    "\(finding.rule.meaning[language]) (\(finding.rule.rawValue): \(figures(finding.figure)))"
  }

  private var verdict: [ReportDocument.Element] {
    guard !report.findings.isEmpty else {
      return [
        .text(
          say(
            "None of the \(BlockRule.allCases.count) rules holds that would make it partial or critical.",
            "Keine der \(BlockRule.allCases.count) Regeln trifft zu, die ihn teilweise oder kritisch machen.")
        )
      ]
    }
    return [
      .table(
        header: [say("weighs", "Gewicht"), say("rule", "Regel"), say("figure", "Zahl")],
        rows: report.findings.map {
          [
            $0.rule.judgement.name(in: language), "\($0.rule.meaning[language]) (\($0.rule.rawValue))",
            figures($0.figure),
          ]
        })
    ]
  }

  // MARK: Key figures

  /// The shortest block of which anything is told for a day, seconds.
  private static let shortestToExtrapolate = 3_600.0

  private var keyFigures: ReportDocument.Element {
    let days = report.length / 86_400
    let decided = report.decisions
    let equity = report.equity
    let none = "–"
    let looks = say("process: start, checkpoints, end; ", "Prozess: Start, Kontrollpunkte, Ende; ")
    let store = say("store", "Speicher")
    let sharpe =
      equity?.sharpe.map { decimal($0, 2) }
      ?? say(
        "– (fewer than \(BlockEquity.fewestReturns) hours, or nothing varies)",
        "– (weniger als \(BlockEquity.fewestReturns) Stunden, oder nichts schwankt)")
    let equityNow = equity?.points.last.map { cents($0.equity) } ?? none
    let equityFirst = equity?.points.first.map { cents($0.equity) } ?? none
    let figures: [(String, String, String)] = [
      (say("signals", "Signale"), "\(rows.signals.count)", "\(store): signals"),
      (
        say("signals a day", "Signale am Tag"),
        // What a minute says of a day is chance.
        report.length >= Self.shortestToExtrapolate
          ? decimal(Double(rows.signals.count) / days, 1)
          : say("– (shorter than an hour)", "– (kürzer als eine Stunde)"), "\(store): signals"
      ),
      (
        say("approval rate", "Genehmigungsquote"),
        decided > 0 ? percent(Double(rows.approved) / Double(decided)) : none, "\(store): decisions"
      ),
      (say("orders sent", "Orders gesendet"), "\(rows.orders.count)", "\(store): orders"),
      (
        say("orders accepted", "Orders angenommen"), "\(rows.acceptances.count)", "\(store): order_results"
      ),
      (say("fills", "Ausführungen"), "\(report.fills.count)", "\(store): fills"),
      (
        say("longest time without an order", "längste Zeit ohne Order"), gap,
        "\(store): order_results, controls"
      ),
      (
        say("equity, start to end", "Kontowert, Anfang bis Ende"), "\(equityFirst) → \(equityNow)",
        "\(looks)\(store): fills, market_summaries"
      ),
      (
        say("profit or loss", "Gewinn oder Verlust"), equity?.profit.map(cents) ?? none,
        "\(looks)\(store): fills, market_summaries"
      ),
      (say("fees", "Gebühren"), equity.map { cents($0.fees) } ?? none, "\(store): fills"),
      (
        say(
          "largest drawdown, at looks and closes of the market",
          "größter Rückgang, an Blicken und zu Schlusskursen"),
        equity.map { percent($0.maximumDrawdown) } ?? none,
        "\(looks)\(store): fills, market_summaries"
      ),
      (
        say("Sharpe, hourly, a year", "Sharpe, stündlich, aufs Jahr"), sharpe,
        "\(store): fills, market_summaries"
      ),
      (
        say("market events", "Marktereignisse"),
        report.flow.first { $0.stage == .ws }.map { "\($0.received)" } ?? none,
        say("process: ledger of ws", "Prozess: Flussbuch von ws")
      ),
      (
        say(
          "of intervals that ended: trades, quotes, book updates",
          "aus beendeten Abschnitten: Trades, Kurse, Orderbuch"),
        "\(rows.trades), \(rows.quotes), \(rows.bookUpdates)", "\(store): market_summaries"
      ),
      (
        say("store and process differ in", "Speicher und Prozess weichen ab in"),
        say(
          "\(report.deviations.count) of \(report.compared) figures",
          "\(report.deviations.count) von \(report.compared) Zahlen"),
        "\(store): controls (block), sink_position"
      ),
    ]
    return .table(
      header: [say("figure", "Zahl"), say("value", "Wert"), say("source", "Quelle")],
      rows: figures.map { [$0.0, $0.1, $0.2] })
  }

  private func written(_ texts: [String]) -> [ReportDocument.Element] {
    texts.isEmpty
      ? [.text(say("Nobody has written anything yet.", "Noch hat niemand etwas geschrieben."))]
      : [.list(texts)]
  }
}

extension BlockJudgement {
  public func name(in language: Language) -> String {
    switch self {
    case .ok: "OK"
    case .partial: Translation(en: "partial", de: "teilweise")[language]
    case .critical: Translation(en: "critical", de: "kritisch")[language]
    }
  }
}
