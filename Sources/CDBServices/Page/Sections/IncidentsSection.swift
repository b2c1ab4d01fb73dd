import CDBDomain
import CDBGate

/// The incidents that are not closed, the worst first, with what a person does next; and the last that are closed.
enum IncidentsSection {
  /// Closed ones that are shown.
  static let closed = 5

  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    let open = page.incidents.filter { $0.state != .closed }
      .sorted { ($1.severity, $0.number) < ($0.severity, $1.number) }
    let last = page.incidents.filter { $0.state == .closed }.suffix(closed).reversed()
    let none = PageParts.nothing(Translation(en: "None is open.", de: "Keiner ist offen."), language)
    let list: HTML =
      open.isEmpty
      ? none : #"<ul class="incidents">\#(open.map { incident($0, page.now, language) })</ul>"#
    return list + past(Array(last), page.now, language)
  }

  private static func incident(_ incident: Incident, _ now: EventTime, _ language: Language) -> HTML {
    let end: HTML =
      incident.endedNs.map {
        "\(language == .de ? "vorbei seit" : "over since") \(PageParts.instant(EventTime(nanoseconds: $0), at: now))"
      } ?? "\(language == .de ? "noch da" : "still there")"
    let often: HTML? =
      incident.occurrences > 1
      ? "<span>\(language == .de ? "\(incident.occurrences)-mal" : "\(incident.occurrences) times")</span>"
      : nil
    return #"""
      <li class="incident \#(incident.severity.tone.rawValue)" data-key="incident-\#(incident.number)">\#
      <h3>\#(incident.number) <span>\#(incident.place)</span></h3>\#
      <p class="state">\#(incident.severity.tone.badge(incident.severity.name(in: language))) \#
      <span>\#(incident.state.name(in: language))</span>\#
      \#(PageParts.instant(EventTime(nanoseconds: incident.openedNs), at: now))<span>\#(end)</span>\#(often)</p>\#
      <p>\#(incident.summary(in: language))</p>\#(cause(incident, language))\#(next(incident, language))\#
      \#(life(incident, now, language))</li>
      """#
  }

  private static func cause(_ incident: Incident, _ language: Language) -> HTML {
    if let cause = incident.rootCause(in: language) {
      return "<p><strong>\(language == .de ? "Ursache" : "Root cause")</strong> \(cause)</p>"
    }
    guard !incident.isCauseKnown else { return .none }
    let words = Translation(
      en: "The machine does not know the cause.", de: "Die Maschine kennt die Ursache nicht.")
    return #"<p class="label">\#(words, language)</p>"#
  }

  /// What to do, and the forms that do it with the incident's number filled in.
  private static func next(_ incident: Incident, _ language: Language) -> HTML {
    let step: HTML? = incident.nextStep(in: language).map {
      #"<p class="remedy"><strong>\#(language == .de ? "Zu tun" : "To do")</strong> \#($0)</p>"#
    }
    let playbook = PageParts.playbook(ofReason: incident.reason, language).map { "<p>\($0)</p>" as HTML }
    let links = ["incident.acknowledge", "incident.cause", "incident.close"].map { operation -> HTML in
      let form = OperationsSection.id(of: operation)
      let words = OperationWords.byName[operation]?.button[language] ?? operation
      return #"""
        <a href="#\#(form)" data-fill="\#(form)-incident" data-value="\#(incident.number)">\#(words) <span class="unseen">\#(incident.number)</span></a>
        """#
    }
    return #"\#(step)\#(playbook)<p class="links">\#(links)</p>"#
  }

  private static func life(_ incident: Incident, _ now: EventTime, _ language: Language) -> HTML {
    let evidence = incident.evidence.map {
      "<li>\(PageWords.evidence($0, language))</li>" as HTML
    }
    let files = incident.files.map { file -> HTML in
      #"<li><code>\#(file.path)</code> <span class="source">sha256 \#(file.sha256)</span></li>"#
    }
    let history = incident.history.map { entry -> HTML in
      let text: HTML? = entry.text(in: language).map { ": \($0)" }
      return #"""
        <li>\#(PageParts.instant(EventTime(nanoseconds: entry.atNs), at: now, isPlain: true)) \#(entry.step.words(in: language))\#(text) \#
        <span class="by">\#(entry.actor)</span></li>
        """#
    }
    return #"""
      <details data-key="life-\#(incident.number)"><summary>\#(language == .de ? "Belege und Verlauf" : "Evidence and history") \#
      <span class="unseen">\#(incident.number)</span></summary><ul class="evidence">\#(evidence)\#(files)</ul>\#
      <ol class="evidence">\#(history)</ol></details>
      """#
  }

  private static func past(_ incidents: [Incident], _ now: EventTime, _ language: Language) -> HTML {
    guard !incidents.isEmpty else { return .none }
    let rows = incidents.map { incident -> [HTML] in
      [
        "\(incident.number)", incident.severity.tone.badge(incident.severity.name(in: language)),
        "<code>\(incident.reasons.joined(separator: ", "))</code>",
        PageParts.instant(EventTime(nanoseconds: incident.openedNs), at: now, isInTable: true),
        "\(incident.rootCause(in: language) ?? incident.summary(in: language))",
      ]
    }
    let columns =
      language == .de
      ? ["Nr.", "Schwere", "Grund", "eröffnet (UTC)", "Ursache"]
      : ["no.", "severity", "reason", "opened (UTC)", "cause"]
    let title = Translation(en: "Closed lately", de: "Zuletzt geschlossen")
    return #"""
      <details data-key="closed-incidents"><summary>\#(title, language)</summary>\#(PageParts.table(title[language], columns, rows))</details>
      """#
  }
}
