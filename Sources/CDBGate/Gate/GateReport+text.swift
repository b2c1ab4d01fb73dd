import CDBDomain

extension GateReport {
  /// State, since when and why, and where the checks stand.
  public func text(in language: Language) -> String {
    let passed = passes ?? checks.count { $0.outcome == .pass }
    var lines = [
      "\(language == .de ? "Gate" : "gate") \(state.name(in: language)): \(reason(in: language)) (\(actor))",
      language == .de
        ? "  \(passed) von \(checks.count) Prüfungen bestanden"
        : "  \(passed) of \(checks.count) checks passed",
    ]
    if let running {
      lines.append(language == .de ? "  es läuft: \(running.rawValue)" : "  running: \(running.rawValue)")
    }
    if waitsForStore == true { lines.append("  " + Self.waiting[language]) }
    if let opening = opening(in: language) {
      lines.append("  " + (language == .de ? "öffnet " : "opens ") + opening)
    }
    if let awaitsPerson {
      let who =
        state == .stopped
        ? Translation(
          en: "after cdb resume a person must open it", de: "nach cdb resume muss ein Mensch es öffnen")
        : Translation(en: "a person must open it", de: "ein Mensch muss es öffnen")
      lines.append("  \(who[language]) (\(awaitsPerson)): cdb gate open --justification …")
      if let why = ReasonCode(code: awaitsPerson)?.explanation(in: language) {
        let until = Translation(en: "until then it stays shut", de: "bis dahin bleibt es zu")
        lines.append("  \(until[language]): \(why)")
      }
    }
    if isHeld, state != .stopped {
      lines.append(
        language == .de
          ? "  von Hand geschlossen: cdb gate open --justification …"
          : "  closed by hand: cdb gate open --justification …")
    }
    return lines.joined(separator: "\n")
  }

  /// What it does before it knows what was decided before it.
  static let waiting = Translation(
    en: "it waits for the store to have what was decided before, and checks nothing until then",
    de: "es wartet, bis der Speicher hat, was vorher entschieden wurde, und prüft bis dahin nichts")

  /// From when on it may open by itself, and what must not come in between, or what must be changed before; nil where
  /// that is not known.
  public func opening(in language: Language) -> String? {
    if let setting = forbiddingLayer?.setting {
      return Translation(
        en: "not by itself: only after a restart with another value of \(setting)",
        de: "nicht von selbst: nur nach einem Neustart mit einem anderen Wert von \(setting)")[language]
    }
    guard let opensAtNs else { return nil }
    let time = EventTime(nanoseconds: opensAtNs).rfc3339.dropFirst(11).prefix(8)
    let isForErrors = checks.first { $0.outcome == .fail }?.reason == ReasonCode.errorsLogged.code
    let words =
      isForErrors
      ? Translation(
        en: "by itself at \(time) UTC, if no further error is logged and the other checks pass",
        de:
          "um \(time) UTC von selbst, wenn kein weiterer Fehler protokolliert wird und die anderen Prüfungen bestehen"
      )
      : Translation(
        en: "by itself at \(time) UTC at the earliest, if nothing else comes and five checks pass",
        de: "frühestens um \(time) UTC von selbst, wenn nichts dazwischenkommt und fünf Prüfungen bestehen")
    return words[language]
  }

  /// Every check with its evidence.
  public func checksText(in language: Language) -> String {
    checks.map { check in
      let age = check.ageSeconds.map { "\(Int($0)) s" } ?? (language == .de ? "noch nie" : "never")
      let reason = ReasonCode(code: check.reason)
      var lines = ["\(check.outcome.name(in: language))  \(check.check.rawValue)  (\(age))"]
      if let reason, reason != .none {
        lines.append("      \(reason.code): \(reason.explanation(in: language))")
        lines.append("      \(reason.remedy(in: language))")
      }
      lines += check.evidence.map {
        "      \($0.name) = \(DecimalText.localizedFigures($0.value, in: language))  [\($0.source)]"
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
