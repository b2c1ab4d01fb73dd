import CDBDomain
import CDBGate

/// The gate, why it is as it is, and its checks with evidence and age.
enum ChecksSection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    guard let gate = page.gate else {
      return PageParts.nothing(
        Translation(
          en: "This run has no gate: gate.mode is off, or a recording is replayed at maximum speed.",
          de:
            "Dieser Lauf hat kein Gate: gate.mode ist off, oder eine Aufzeichnung läuft mit höchster Geschwindigkeit."
        ), language)
    }
    let checks = gate.checks.map { check($0, gate, page, language) }
    return #"\#(state(gate, page, language))<ol class="checks">\#(checks)</ol>"#
  }

  private static func state(_ gate: GateReport, _ page: PageSnapshot, _ language: Language) -> HTML {
    let reason =
      gate.state == .stopped ? page.stopWords ?? gate.reason(in: language) : gate.reason(in: language)
    var more: [HTML] = []
    if let opening = gate.opening(in: language) {
      more.append(#"<p class="remedy">\#(language == .de ? "öffnet" : "opens") \#(opening)</p>"#)
    }
    if let waits = gate.awaitsPerson, gate.state != .stopped {
      let words = Translation(en: "a person must open it", de: "ein Mensch muss es öffnen")
      more.append(#"<p class="remedy">\#(words, language) (<code>\#(waits)</code>)</p>"#)
    }
    if gate.isHeld, gate.state != .stopped {
      let words = Translation(
        en: "closed by hand; it stays closed until somebody opens it",
        de: "von Hand geschlossen; es bleibt zu, bis es jemand öffnet")
      more.append(#"<p class="remedy">\#(words, language)</p>"#)
    }
    return #"""
      <p class="state">\#(gate.state.tone.badge(gate.state.name(in: language))) <span>\#(reason)</span>\#
      <span class="by">\#(gate.actor)</span>\#(PageParts.instant(EventTime(nanoseconds: gate.sinceNs), at: page.now))</p>\#(more)
      """#
  }

  private static func check(
    _ check: GateReport.Check, _ gate: GateReport, _ page: PageSnapshot, _ language: Language
  ) -> HTML {
    let isRunning = gate.running == check.check
    let when: HTML =
      isRunning
      ? #"<span class="running">\#(language == .de ? "läuft" : "running")</span>"#
      : page.checkedAt[check.check].map { PageParts.instant($0, at: page.now) }
        ?? #"<span class="when">\#(language == .de ? "noch nie" : "never")</span>"#
    let evidence = check.evidence.map {
      #"<li><code>\#($0.name)</code> = \#(PageWords.evidence($0.value, language)) <span class="source">\#($0.source)</span></li>"#
        as HTML
    }
    let details: HTML? =
      evidence.isEmpty
      ? nil
      : #"""
      <details data-key="evidence-\#(check.check.rawValue)"><summary>\#(language == .de ? "Belege" : "Evidence") <span class="unseen">\#(check.check.rawValue)</span></summary>\#
      <ul class="evidence">\#(evidence)</ul></details>
      """#
    return #"""
      <li class="check \#(check.outcome.tone.rawValue)"><h3>\#(check.check.rawValue)</h3>\#
      \#(check.outcome.tone.badge(check.outcome.name(in: language)))\#(when)\#(reason(check, language))\#(details)</li>
      """#
  }

  private static func reason(_ check: GateReport.Check, _ language: Language) -> HTML {
    guard let reason = ReasonCode(code: check.reason), reason != .none else { return .none }
    return #"""
      <p class="why"><code>\#(reason.code)</code> \#(reason.explanation(in: language))</p>\#
      <p class="remedy">\#(reason.remedy(in: language))</p>
      """#
  }
}
