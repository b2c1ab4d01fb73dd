import CDBDomain

extension IncidentEvent.Step {
  /// What happened, after the incident's number.
  public var words: String { words(in: .en) }

  public func words(in language: Language) -> String {
    let words =
      switch self {
      case .opened: Translation(en: "opened", de: "eröffnet")
      case .escalated: Translation(en: "became worse", de: "wurde schlimmer")
      case .changed: Translation(en: "shows itself otherwise", de: "zeigt sich anders")
      case .evidence: Translation(en: "evidence kept as a file", de: "Beleg als Datei aufbewahrt")
      case .recurred: Translation(en: "is there again", de: "ist wieder da")
      case .ended: Translation(en: "is over", de: "ist vorbei")
      case .acknowledged: Translation(en: "acknowledged", de: "gesehen")
      case .rootCause: Translation(en: "has its root cause in writing", de: "hat seine Ursache schriftlich")
      case .verified:
        Translation(en: "verified: five checks passed", de: "bestätigt: fünf Prüfungen bestanden")
      case .closed: Translation(en: "closed", de: "geschlossen")
      }
    return words[language]
  }
}

extension Incident.State {
  public func name(in language: Language) -> String {
    let name =
      switch self {
      case .open: Translation(en: "open", de: "offen")
      case .acknowledged: Translation(en: "acknowledged", de: "gesehen")
      case .rootCauseWritten: Translation(en: "root cause written", de: "Ursache festgehalten")
      case .verified: Translation(en: "verified", de: "bestätigt")
      case .closed: Translation(en: "closed", de: "geschlossen")
      }
    return name[language]
  }
}

extension IncidentSeverity {
  public func name(in language: Language) -> String {
    guard language == .de else { return rawValue }
    return switch self {
    case .notice: "Hinweis"
    case .warning: "Warnung"
    case .high: "hoch"
    case .critical: "kritisch"
    }
  }
}

extension Incident {
  /// The layer and the reasons, as they came: `database/stage_stalled, stage_failed`.
  public var place: String {
    [layer?.rawValue, reasons.joined(separator: ", ")].compactMap { $0 }.joined(separator: "/")
  }

  /// One line: number, state, how bad, where and why, since when, and whether it is over.
  public func line(in language: Language) -> String {
    let often =
      occurrences > 1 ? Translation(en: ", \(occurrences) times", de: ", \(occurrences)-mal")[language] : ""
    let end =
      endedNs.map {
        Translation(en: "over since ", de: "vorbei seit ")[language]
          + EventTime(nanoseconds: $0).rfc3339Seconds
      } ?? Translation(en: "still there", de: "noch da")[language]
    return "\(number)  \(severity.name(in: language))  \(state.name(in: language))  \(place)  "
      + EventTime(nanoseconds: openedNs).rfc3339Seconds + "  \(end)\(often)"
  }

  /// Everything, for a person, with what to do next.
  public func text(in language: Language) -> String {
    var lines = [
      self.line(in: language), "  " + summary(in: language),
    ]
    func line(_ label: Translation, _ value: String) { lines.append("  \(label[language]) \(value)") }
    if !isCauseKnown {
      line(
        Translation(en: "cause    ", de: "Ursache  "),
        Translation(en: "unknown to the machine", de: "der Maschine unbekannt")[language])
    }
    for item in evidence {
      line(
        Translation(en: "evidence ", de: "Beleg    "),
        item.line(in: language))
    }
    for file in files {
      line(Translation(en: "file     ", de: "Datei    "), "\(file.path)  sha256 \(file.sha256)")
    }
    if let rootCause = rootCause(in: language) {
      line(Translation(en: "root cause", de: "Ursache   "), rootCause)
    }
    if let playbook = playbook(in: language) { line(Translation(en: "playbook ", de: "Ablauf   "), playbook) }
    for entry in history {
      var words = entry.step.words(in: language) + " (\(entry.actor))"
      if let severity = entry.severity { words += ", \(severity.name(in: language))" }
      if let text = entry.text(in: language) { words += ": \(text)" }
      lines.append("  \(EventTime(nanoseconds: entry.atNs).rfc3339Seconds)  \(words)")
    }
    if let next = nextStep(in: language) { line(Translation(en: "to do    ", de: "zu tun   "), next) }
    return lines.joined(separator: "\n")
  }

  /// What caused it, in writing; of what somebody said when he opened the gate, that it is that. Nil while there is none.
  public func rootCause(in language: Language) -> String? {
    rootCause.map { SaidWhenOpening.shown($0, in: language) }
  }

  /// What a person does next; nil where nothing is left, or nothing yet.
  public func nextStep(in language: Language) -> String? {
    let step: Translation?
    if awaitsRootCause {
      step = Translation(
        en: "find the cause and write it down: cdb incident cause \(number) --text …",
        de: "die Ursache finden und festhalten: cdb incident cause \(number) --text …")
    } else {
      switch state {
      case .open where !isCauseKnown:
        step = Translation(
          en: "see whether it needs anything: cdb incident ack \(number)",
          de: "ansehen, ob etwas nötig ist: cdb incident ack \(number)")
      case .rootCauseWritten:
        step = Translation(
          en: "nothing: it is verified once it is over and the gate has opened again (cdb gate)",
          de: "nichts: bestätigt ist er, sobald er vorbei und das Gate wieder offen ist (cdb gate)")
      case .verified:
        step = Translation(en: "cdb incident close \(number)", de: "cdb incident close \(number)")
      case .open, .acknowledged, .closed: step = nil
      }
    }
    return step?[language]
  }
}

extension Incident.Entry {
  /// The words of the step: what was written, or by what other reason it shows itself, with what that means; nil where it has
  /// none.
  public func text(in language: Language) -> String? {
    guard let text else { return nil }
    switch step {
    case .rootCause: return SaidWhenOpening.shown(text, in: language)
    case .changed:
      guard let reason = ReasonCode(code: text) else { return text }
      return "\(text) (\(reason.explanation(in: language)))"
    default: return text
    }
  }
}

extension IncidentReference {
  /// The reasons as they came, such as `silent_feed, then frozen_prices`.
  public func cause(in language: Language) -> String {
    let later = reasons.dropFirst().joined(separator: ", ")
    guard !later.isEmpty else { return reason }
    return "\(reason), \(Translation(en: "then", de: "dann")[language]) \(later)"
  }
}

extension IncidentRegister {
  /// Those that somebody may still have to see to, the worst first.
  public var unclosed: [IncidentReference] {
    incidents.filter { $0.state != .closed }
      .sorted { ($1.severity, $0.number) < ($0.severity, $1.number) }.map(IncidentReference.init)
  }
}

extension Diagnosis {
  /// Names the incidents that are not closed, and the one that holds the gate where that is the answer.
  public mutating func refer(to register: IncidentRegister) {
    incidents = register.unclosed
    guard verdict == .gated, reason == ReasonCode.incidentOpen.code, let holding = register.holding else {
      return
    }
    layer = holding.layer
    let number = holding.number
    summary = "the gate waits until incident \(number) (\(holding.reason)) has its root cause in writing"
    summaryDe = "das Gate wartet, bis Vorfall \(number) (\(holding.reason)) seine Ursache schriftlich hat"
    evidence =
      [
        Evidence(
          "incident",
          "\(number) \(holding.severity.rawValue), \(holding.endedNs == nil ? "still there" : "over")")
      ] + evidence
  }
}

/// An incident, as an answer refers to it.
public struct IncidentReference: Sendable, Hashable, Codable {
  public var number: UInt64
  public var severity: IncidentSeverity
  public var state: Incident.State
  public var layer: Layer?
  /// The first that was seen.
  public var reason: String
  /// All that were seen, as they came.
  public var reasons: [String]
  /// Whether its cause is gone.
  public var isOver: Bool

  enum CodingKeys: String, CodingKey {
    case number, severity, state, layer, reason, reasons
    case isOver = "over"
  }

  init(_ incident: Incident) {
    number = incident.number
    severity = incident.severity
    state = incident.state
    layer = incident.layer
    reason = incident.reason
    reasons = incident.reasons
    isOver = incident.endedNs != nil
  }
}
