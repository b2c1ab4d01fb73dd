import CDBDomain
import CDBPipeline

extension Diagnosis {
  /// The answer on one screen, in English.
  public var text: String { text(in: .en) }

  /// The answer on one screen.
  ///
  /// - Parameter playbookAddress: where the page about a reason can be read, by its name; nil where nobody serves them.
  public func text(in language: Language, playbookAddress: ((String) -> String)? = nil) -> String {
    let words = Words(language)
    var lines = ["\(verdict.name(in: language).uppercased()): \(summary(in: language))"]
    func line(_ label: Translation, _ value: String) {
      lines.append("  " + Self.pad(label[language], 10) + value)
    }
    if profile != "default", !profile.isEmpty { line(Words.profile, profile) }
    if let gate { line(Words.gate, gate.state.name(in: language)) }
    if let opening = gate?.opening(in: language) { line(Words.opens, opening) }
    if let zeroActivity, zeroActivity.level > .none { line(Words.idle, words.idle(zeroActivity)) }
    if let layer { line(Words.layer, layer.rawValue) }
    if let reason { line(Words.reason, reason) }
    if let cause = cause(in: language) {
      line(Words.cause, cause)
    } else if !isCauseKnown {
      line(Words.cause, Words.unknown[language])
    }
    if let sinceNs { line(Words.since, words.ago(Double(asOfNs &- sinceNs) / 1e9)) }
    for item in evidence {
      line(
        Words.evidence,
        item.line(in: language) + (item.ageSeconds.map { " (\(words.ago($0)))" } ?? "")
      )
    }
    for broken in behind {
      line(Words.behind, "\(broken.layer.rawValue) \(broken.reason): \(broken.summary(in: language))")
    }
    for hypothesis in hypotheses {
      let figures = hypothesis.evidence.map { $0.text(in: language) }.joined(separator: "; ")
      line(Words.perhaps, hypothesis.text(in: language) + (figures.isEmpty ? "" : " (\(figures))"))
    }
    if let remedy = remedy(in: language) { line(Words.remedy, remedy) }
    if let playbook = playbook(in: language) { line(Words.playbook, playbook) }
    if !trading, let playbookAddress, let name = reason.flatMap(Self.playbookName) {
      line(Words.playbookAddress, playbookAddress(name))
    }
    for remark in remarks {
      line(Words.remark, remark.line(in: language))
      line(Words.unlabelled, "\(remark.remedy(in: language)): \(remark.playbook(in: language))")
    }
    for incident in incidents.prefix(3) {
      line(
        Words.incident,
        "\(incident.number) \(incident.severity.name(in: language)), \(incident.state.name(in: language)): \(incident.cause(in: language))"
          + " (cdb incident show \(incident.number))")
    }
    lines.append("")
    lines.append(Words.header[language])
    for stage in stages {
      let dropped = stage.dropped.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      lines.append(
        "  " + Self.pad(stage.stage, 11) + Self.pad(words.health(stage.health), 9)
          + Self.right("\(stage.received)", 9) + Self.right("\(stage.emitted)", 12)
          + Self.right(stage.ageSeconds.map(words.age) ?? Words.never[language], 12)
          + "  " + (dropped.isEmpty ? "-" : dropped.joined(separator: ", "))
          + (stage.unusableShare.map { "  " + words.unusable($0) } ?? "")
          + (stage.beganAnewSeconds.map { "  " + words.beganAnew($0) } ?? ""))
    }
    if !refusals.isEmpty {
      lines.append("")
      for (reason, count) in refusals.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        let meaning = ReasonCode(code: reason)?.explanation(in: language) ?? ""
        lines.append(
          "  \(Self.pad(Words.refused[language], 11))\(Self.pad(reason, 24)) \(Self.right("\(count)", 6))  \(meaning)"
        )
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// The words around an answer.
private struct Words {
  static let profile = Translation(en: "profile", de: "Profil")
  static let gate = Translation(en: "gate", de: "Gate")
  static let opens = Translation(en: "opens", de: "öffnet")
  static let idle = Translation(en: "idle", de: "untätig")
  static let layer = Translation(en: "layer", de: "Schicht")
  static let reason = Translation(en: "reason", de: "Grund")
  static let since = Translation(en: "since", de: "seit")
  static let evidence = Translation(en: "evidence", de: "Beleg")
  static let cause = Translation(en: "cause", de: "Ursache")
  static let unknown = Translation(
    en: "unknown: this is the first layer that broke, and not yet why",
    de: "unbekannt: dies ist die erste gestörte Schicht, noch nicht der Grund dafür")
  static let perhaps = Translation(en: "perhaps", de: "vielleicht")
  static let behind = Translation(en: "behind it", de: "dahinter")
  static let remark = Translation(en: "remark", de: "Bemerkung")
  static let unlabelled = Translation(en: "", de: "")
  static let incident = Translation(en: "incident", de: "Vorfall")
  static let remedy = Translation(en: "to do", de: "zu tun")
  static let playbook = Translation(en: "playbook", de: "Ablauf")
  static let playbookAddress = Translation(en: "read it", de: "lesen")
  static let refused = Translation(en: "refused", de: "abgelehnt")
  static let never = Translation(en: "never", de: "nie")
  static let header = Translation(
    en: "  stage      health    received     emitted  last event  dropped",
    de: "  Stufe      Zustand  empfangen     gesendet     zuletzt  verworfen")

  let language: Language
  init(_ language: Language) { self.language = language }

  /// What a stage is like.
  func health(_ health: String) -> String {
    StageHealth(rawValue: health)?.name(in: language) ?? health
  }

  /// The level, and how long each kind has not come.
  func idle(_ report: ZeroActivityReport) -> String {
    let kinds = ActivityKind.allCases.compactMap { kind in
      report.seconds[kind.rawValue].map { "\(kind.name(in: language)) \(age($0))" }
    }
    return "\(report.level.name(in: language)): "
      + (language == .de ? "ohne " : "without ") + kinds.joined(separator: ", ")
  }

  /// Of a stage: a process of it counts anew since then.
  func beganAnew(_ seconds: Double) -> String {
    (language == .de ? "begann neu " : "began anew ") + ago(seconds)
  }

  /// Of what ws took in.
  func unusable(_ share: Double) -> String {
    let percent = DecimalText.localized("\((share * 1_000).rounded() / 10)", in: language)
    return language == .de
      ? "\(percent) % der letzten Minute unbrauchbar" : "\(percent) % of the last minute unusable"
  }

  func ago(_ seconds: Double) -> String {
    language == .de ? "vor \(age(seconds))" : "\(age(seconds)) ago"
  }

  func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: DecimalText.localized("\((seconds * 10).rounded() / 10)", in: language) + " s"
    case ..<1e12: AgeText.render(seconds: Int64(seconds))
    default: "?"
    }
  }
}
