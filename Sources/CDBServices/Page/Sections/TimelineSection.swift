import CDBDomain
import CDBGate

/// What the answers were over the last day: a bar to see, and a table behind it to read.
enum TimelineSection {
  /// The rows of the table.
  static let rows = 50

  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let report = page.timeline else {
      return PageParts.nothing(
        Translation(
          en: "No answers are kept here: a recording is replayed at maximum speed.",
          de: "Hier werden keine Antworten aufgehoben: eine Aufzeichnung läuft mit höchster Geschwindigkeit."),
        language)
    }
    guard !report.intervals.isEmpty else {
      return PageParts.nothing(
        Translation(en: "No answer has been kept yet.", de: "Noch ist keine Antwort aufgehoben."), language)
    }
    return bar(report, language) + legend(report, language) + table(report, language)
      + failure(report, language)
  }

  private static func bar(_ report: TimelineReport, _ language: Language) -> HTML {
    let bar = TimelineBar(report)
    let runs = bar.runs.map { run -> HTML in
      let tone = run.verdict.tone.rawValue
      let place: HTML = #"x="\#(run.start)" y="0" width="\#(run.length)" height="24""#
      return #"<rect class="\#(tone)" \#(place)/><rect class="pattern \#(tone)" \#(place)/>"#
    }
    let words = Translation(
      en: "Answers of the last 24 hours: \(shares(report, .en)). The table below has each of them.",
      de: "Antworten der letzten 24 Stunden: \(shares(report, .de)). Die Tabelle darunter hat jede einzelne.")
    let hours = stride(from: 0, through: TimelineBar.cells, by: TimelineBar.cells / 4).map { cell -> HTML in
      let time = bar.start.advanced(by: Int64(cell) * TimelineBar.cell).rfc3339
      return "<span>\(String(time.dropFirst(11).prefix(5)))</span>"
    }
    return #"""
      <svg class="bar" viewBox="0 0 \#(TimelineBar.cells) 24" preserveAspectRatio="none" role="img" aria-label="\#(words, language)">\#
      \#(runs)</svg><p class="hours" aria-hidden="true">\#(hours)</p>
      """#
  }

  private static func shares(_ report: TimelineReport, _ language: Language) -> String {
    parts(report, language).map { "\($0.verdict.name(in: language)) \($0.part)" }.joined(separator: ", ")
  }

  /// What of the time each answer had, the longest first; all of them together are the whole.
  private static func parts(
    _ report: TimelineReport, _ language: Language
  ) -> [(verdict: Verdict, part: String)] {
    let shares = report.shares
    let whole = WholeShares.of(shares.map(\.seconds))
    return zip(shares, whole).map { share, tenths in
      // A moment is there, and no part of a day that one could write down.
      let isTrace = tenths == 0 && share.seconds > 0
      let part = PageParts.percent(Double(isTrace ? 1 : tenths) / Double(WholeShares.whole), language)
      return (share.verdict, (isTrace ? "< " : "") + part)
    }
  }

  private static func legend(_ report: TimelineReport, _ language: Language) -> HTML {
    let parts = parts(report, language)
    // Answers that look alike in the bar stand behind one swatch.
    var tones: [Tone] = []
    for (verdict, _) in parts where !tones.contains(verdict.tone) { tones.append(verdict.tone) }
    let items = tones.map { tone -> HTML in
      let words = parts.filter { $0.verdict.tone == tone }
        .map { "\($0.verdict.name(in: language)) \($0.part)" }.joined(separator: ", ")
      return #"""
        <li><svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect class="\#(tone.rawValue)" width="14" height="14"/>\#
        <rect class="pattern \#(tone.rawValue)" width="14" height="14"/></svg>\#(words)</li>
        """#
    }
    let seconds = report.intervals.reduce(0) { $0 + $1.seconds }
    let age = AgeText.render(seconds: Int64(clamping: Int(seconds.rounded())))
    let words = Translation(
      en:
        "Each answer's part of the \(age) that have one. A cell of the bar is two minutes, and shows the gravest in it.",
      de:
        "Anteil jeder Antwort an den \(age), die eine haben. Ein Feld des Balkens ist zwei Minuten und zeigt die ernsteste."
    )
    return #"<ul class="legend">\#(items)</ul><p class="note">\#(words, language)</p>"#
  }

  private static func table(_ report: TimelineReport, _ language: Language) -> HTML {
    let newest = report.intervals.suffix(rows).reversed()
    let lines = newest.enumerated().map { position, interval -> [HTML] in
      let verdict = interval.verdict
      let isTrading = verdict == .trading
      let length: HTML =
        position == 0
        ? (language == .de ? "bis jetzt" : "until now")
        : "\(AgeText.render(seconds: Int64(clamping: Int(interval.seconds.rounded()))))"
      return [
        PageParts.instant(
          EventTime(nanoseconds: interval.sinceNs), at: EventTime(nanoseconds: report.asOfNs),
          isInTable: true, isPlain: true), length,
        verdict.tone.badge(verdict.name(in: language)), "\(interval.layer?.rawValue ?? "–")",
        isTrading
          ? "–" : "\(interval.reason.map { "<code>\($0)</code> " as HTML })\(interval.words(in: language))",
      ]
    }
    let title =
      language == .de
      ? "\(report.intervals.count) Abschnitte"
      : "\(report.intervals.count) interval\(report.intervals.count == 1 ? "" : "s")"
    let note: HTML? =
      report.intervals.count > rows
      ? #"<p class="note">\#(language == .de ? "Gezeigt sind die neuesten \(rows); alle hat" : "The newest \(rows) are shown; all are in") <code>cdb why --since 24h</code>.</p>"#
      : nil
    let columns =
      language == .de
      ? ["ab (UTC)", "Dauer", "Antwort", "Schicht", "Grund"]
      : ["from (UTC)", "for", "answer", "layer", "reason"]
    return #"""
      <details data-key="intervals"><summary>\#(title)</summary>\#
      \#(PageParts.table(language == .de ? "Antworten der letzten 24 Stunden, neueste zuerst" : "Answers of the last 24 hours, newest first", columns, lines))\#(note)</details>
      """#
  }

  private static func failure(_ report: TimelineReport, _ language: Language) -> HTML {
    guard let failure = report.storeFailure else { return .none }
    let words = Translation(
      en: "The store could not be read; this is only what this process knows:",
      de: "Der Speicher war nicht lesbar; dies weiß nur dieser Prozess:")
    return #"<p class="failure">\#(words, language) \#(failure)</p>"#
  }
}
