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
    lines.append("  " + parts(in: language))
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
    let reason =
      interval.verdict == .trading
      ? "" : [interval.reason, interval.words(in: language)].compactMap { $0 }.joined(separator: ": ")
    return "  " + Self.pad(time, 20) + " "
      + Self.pad(AgeText.render(seconds: Int64(interval.seconds.rounded())), 9) + " "
      + Self.pad(interval.verdict.name(in: language).uppercased(), 16) + " "
      + Self.pad(interval.layer?.rawValue ?? "-", 12) + " " + (reason.isEmpty ? "-" : reason)
      + (interval.noticed(in: language).map { " (\($0))" } ?? "")
  }

  /// What of the time each answer had; all of them together are the whole.
  private func parts(in language: Language) -> String {
    let shares = self.shares
    // An answer that has only begun has all of the time that there is.
    let tenths = intervals.count == 1 ? [WholeShares.whole] : WholeShares.of(shares.map(\.seconds))
    return zip(shares, tenths).map { share, tenths in
      let percent = DecimalText.localized("\(Double(tenths) / 10)", in: language)
      return "\(share.verdict.name(in: language)) \(percent) %"
    }.joined(separator: ", ")
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
