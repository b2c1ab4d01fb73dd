import CDBDomain

extension TimelineReport {
  /// One line an interval, oldest first, and what of the time each answer had.
  public func text(in language: Language) -> String {
    guard !intervals.isEmpty else {
      return Translation(
        en: "no answer has been kept for this time", de: "für diese Zeit ist keine Antwort aufgehoben")[
          language]
    }
    var lines = [
      Translation(
        en: "  from (UTC)           for       answer           layer        reason",
        de: "  ab (UTC)             Dauer     Antwort          Schicht      Grund")[language]
    ]
    lines += intervals.map { line($0, in: language) }
    lines.append("")
    lines.append("  " + shares.map { share($0.verdict, $0.seconds, in: language) }.joined(separator: ", "))
    if isCut {
      lines.append(
        Translation(
          en: "  older intervals of this time are left out: ask for a shorter one",
          de: "  ältere Abschnitte dieser Zeit fehlen: frage nach einer kürzeren")[language])
    }
    if let storeFailure {
      lines.append(
        Translation(
          en: "  the store could not be read (\(storeFailure)): this is only what this process knows",
          de: "  der Speicher war nicht lesbar (\(storeFailure)): dies weiß nur dieser Prozess")[language])
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ interval: Interval, in language: Language) -> String {
    let time = String(EventTime(nanoseconds: interval.sinceNs).rfc3339.prefix(19)).replacing("T", with: " ")
    let words =
      interval.reason.flatMap(ReasonCode.init(code:))?.explanation(in: language)
      ?? (language == .de ? interval.summaryDe : interval.summary)
    let reason =
      interval.verdict == .trading ? "" : [interval.reason, words].compactMap { $0 }.joined(separator: ": ")
    return "  " + Self.pad(time, 20) + " "
      + Self.pad(AgeText.render(seconds: Int64(interval.seconds.rounded())), 9) + " "
      + Self.pad(interval.verdict.name(in: language).uppercased(), 16) + " "
      + Self.pad(interval.layer?.rawValue ?? "-", 12) + " " + (reason.isEmpty ? "-" : reason)
  }

  private func share(_ verdict: Verdict, _ seconds: Double, in language: Language) -> String {
    let all = intervals.reduce(0) { $0 + $1.seconds }
    let percent = all > 0 ? (seconds / all * 1_000).rounded() / 10 : 100
    return "\(verdict.name(in: language)) \(percent) %"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
