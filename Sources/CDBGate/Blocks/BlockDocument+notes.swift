import CDBDomain
import CDBPipeline

extension BlockDocument {
  /// What each layer did, and for how long it was broken.
  var layers: Element {
    let notes: [(Layer, String)] = [
      (.system, system),
      (
        .marketData,
        say(
          "\(rows.trades) trades, \(rows.quotes) quotes, \(rows.closes.count) intervals",
          "\(rows.trades) Trades, \(rows.quotes) Kurse, \(rows.closes.count) Abschnitte")
      ),
      (
        .signal,
        rows.signalsByStrategy.isEmpty
          ? say("no signal", "kein Signal") : Self.counts(rows.signalsByStrategy)
      ),
      (
        .risk,
        say(
          "\(rows.approved) approved, \(rows.refusals.values.reduce(0, +)) refused",
          "\(rows.approved) genehmigt, \(rows.refusals.values.reduce(0, +)) abgelehnt")
      ),
      (.execution, rows.results.isEmpty ? say("no result", "kein Ergebnis") : Self.counts(rows.results)),
      (
        .database,
        say(
          "\(report.deviations.count) deviations, \(report.audit.findings.count) contradictions",
          "\(report.deviations.count) Abweichungen, \(report.audit.findings.count) Widersprüche")
      ),
    ]
    return .table(
      header: [say("layer", "Schicht"), say("broken for", "gestört"), say("note", "Befund")],
      rows: notes.map { layer, note in
        let broken = report.timeline.intervals.filter { $0.verdict == .broken && $0.layer == layer }
        let seconds = broken.reduce(0) { $0 + $1.seconds }
        let reasons = Set(broken.compactMap(\.reason)).sorted().joined(separator: ", ")
        return [
          layer.rawValue,
          broken.isEmpty
            ? "–" : duration(Int64(seconds * 1e9)) + (reasons.isEmpty ? "" : " (\(reasons))"),
          note,
        ]
      })
  }

  private var system: String {
    let restarts = report.timeline.intervals.filter(\.isBetweenProcesses)
    let unplanned = restarts.count { $0.reason == "unplanned_restart" }
    let unseen = percent(
      report.share { $0.verdict == .notObserved || $0.isBetweenProcesses })
    let alerts = rows.alerts.isEmpty ? say("no alert", "kein Alarm") : Self.counts(rows.alerts)
    return say(
      "\(restarts.count) restarts (\(unplanned) unplanned), not observed \(unseen); \(alerts)",
      "\(restarts.count) Neustarts (\(unplanned) ungeplant), nicht beobachtet \(unseen); \(alerts)")
  }

  private static func counts(_ counts: [String: Int]) -> String {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  /// Why nothing was traded, most time first, each with the evidence of when it first held.
  var hypotheses: [Element] {
    let causes = report.causes.prefix(8)
    guard !causes.isEmpty else {
      return [
        .text(
          say(
            "It traded all the time, or no answer was kept.",
            "Er handelte die ganze Zeit, oder es ist keine Antwort aufgehoben."))
      ]
    }
    return [
      .text(
        say(
          "What kept it from trading, most time first; the evidence is of the first time in the block.",
          "Was vom Handeln abhielt, die meiste Zeit zuerst; der Beleg ist vom ersten Mal im Block.")),
      .table(
        header: [
          say("cause", "Ursache"), say("time", "Zeit"), say("times", "Male"), say("since", "seit"),
          say("evidence", "Beleg"), say("what to do", "zu tun"),
        ],
        rows: causes.map { cause in
          let code = cause.reason.flatMap(ReasonCode.init(code:))
          let name = [cause.verdict.name(in: language), cause.layer?.rawValue, cause.reason]
            .compactMap { $0 }.joined(separator: " · ")
          let answer = cause.reason.flatMap(AnswerReason.init(rawValue:))
          let words =
            code?.explanation(in: language) ?? answer?.explanation[language]
            ?? (language == .de ? cause.first.summaryDe : cause.first.summary)
          return [
            "\(name): \(words)",
            duration(Int64(cause.seconds * 1e9)) + " ("
              + percent(report.length > 0 ? cause.seconds / report.length : 0) + ")",
            "\(cause.times)", FigureText.time(EventTime(nanoseconds: cause.first.sinceNs)),
            cause.first.evidence.prefix(4).map { "\($0.name) = \(figures($0.value))" }.joined(
              separator: "; "),
            code?.remedy(in: language) ?? answer?.remedy[language] ?? "–",
          ]
        }),
    ]
  }

  var incidents: Element {
    guard !report.incidents.isEmpty else { return .text(say("There was none.", "Es gab keinen.")) }
    return .table(
      header: [
        say("number", "Nummer"), say("severity", "Schwere"), say("where and why", "wo und warum"),
        say("opened", "eröffnet"), say("over", "vorbei"), say("times", "Male"),
        say("state at the end of the block", "Stand am Ende des Blocks"), say("root cause", "Ursache"),
      ],
      rows: report.incidents.map { incident in
        [
          "\(incident.number)", incident.severity.name(in: language),
          [incident.layer?.rawValue, incident.reasons.joined(separator: ", ")].compactMap { $0 }
            .joined(separator: " · ") + ": "
            + incident.summary(in: language),
          FigureText.time(EventTime(nanoseconds: incident.openedNs)),
          incident.endedNs.map { FigureText.time(EventTime(nanoseconds: $0)) } ?? say("no", "nein"),
          "\(incident.occurrences)", incident.state.name(in: language),
          incident.rootCause(in: language) ?? "–",
        ]
      })
  }

  var checkpoints: Element {
    let none = "–"
    func row(_ name: String, _ time: EventTime, _ late: Int64, _ figures: BlockFigures) -> [String] {
      [
        name, FigureText.time(time), late > 0 ? duration(late) : none,
        figures.gate?.name(in: language) ?? none, figures.books.map { "\($0.fills)" } ?? none,
        figures.books.map { cents($0.equity) } ?? none,
        figures.imbalances.isEmpty ? say("balanced", "geht auf") : figures.imbalances.joined(separator: "; "),
      ]
    }
    var lines = [row(say("start", "Start"), block.startedAt, 0, block.figures)]
    lines += block.checkpoints.map {
      row("\($0.number)", $0.due.advanced(by: $0.late), $0.late, $0.figures)
    }
    if let end = block.end, let time = block.endedAt {
      let why = end.reason.map { ": \($0) (\(block.endedBy ?? ""))" } ?? ""
      lines.append(row(say("end", "Ende") + why, time, end.late, end.figures))
    }
    return .table(
      header: [
        say("look", "Blick"), say("at", "um"), say("late by", "zu spät"), "Gate",
        say("fills since ever", "Ausführungen seit je"), say("equity, live", "Kontowert, live"),
        say("flow", "Fluss"),
      ], rows: lines)
  }

  var deviation: [Element] {
    let introduction = Element.text(
      say(
        "\(report.compared) figures were compared: fees, cash and positions that the process noted at its start, "
          + "checkpoints and end, against the same fills in the store, and the sink's ledger against the rows of "
          + "each table. \(report.deviations.count) differ.",
        "\(report.compared) Zahlen wurden verglichen: Gebühren, Guthaben und Bestände, die der Prozess an Start, "
          + "Kontrollpunkten und Ende notiert hat, mit denselben Ausführungen im Speicher, und das Flussbuch der "
          + "Senke mit den Zeilen jeder Tabelle. \(report.deviations.count) weichen ab."))
    let differences =
      report.deviations.map { [$0.figure, figures($0.process), figures($0.store)] }
      + report.audit.findings.map { [$0.rule, "", $0.ids.joined(separator: ", ")] }
    guard !differences.isEmpty else { return [introduction] }
    return [
      introduction,
      .table(
        header: [say("figure", "Zahl"), say("process", "Prozess"), say("store", "Speicher")],
        rows: differences),
    ]
  }
}
