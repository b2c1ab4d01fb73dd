import CDBDomain
import CDBGate
import CDBPipeline

/// The answer of *why*: a sentence, since when, the first broken layer, the figures, and what to do.
enum AnswerSection {
  static func render(_ page: PageSnapshot, _ language: Language) -> HTML {
    let diagnosis = page.diagnosis
    return #"""
      <div class="verdict \#(diagnosis.verdict.tone.rawValue)" data-title="\#(title(diagnosis, language))">
      <p class="word">\#(diagnosis.verdict.tone.mark)<strong>\#(diagnosis.verdict.name(in: language))</strong>\#(profile(diagnosis, language))</p>
      <p class="sentence">\#(diagnosis.summary(in: language))</p>
      </div>
      <dl class="facts">\#(facts(page, language))</dl>
      \#(remedy(diagnosis, language))\#(evidence(diagnosis, language))\#(behind(diagnosis, language))\#(hypotheses(diagnosis, language))\#(remarks(diagnosis, language))\#
      \#(layers(diagnosis, language))\#(notices(page, language))
      """#
  }

  /// What the browser's tab says.
  private static func title(_ diagnosis: Diagnosis, _ language: Language) -> String {
    "\(diagnosis.verdict.name(in: language)): \(diagnosis.summary(in: language))"
  }

  private static func profile(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    guard diagnosis.profile != CDBConfiguration.Profile.standard.rawValue, !diagnosis.profile.isEmpty else {
      return .none
    }
    return #"<span class="tag">\#(language == .de ? "Profil" : "profile") \#(diagnosis.profile)</span>"#
  }

  private static func facts(_ page: PageSnapshot, _ language: Language) -> [HTML] {
    let diagnosis = page.diagnosis
    var facts: [HTML] = []
    if let since = diagnosis.sinceNs {
      facts.append(
        PageParts.fact(
          Translation(en: "since", de: "seit"),
          PageParts.instant(EventTime(nanoseconds: since), at: page.now), language))
    }
    facts.append(
      PageParts.fact(
        diagnosis.verdict == .blocked
          ? Translation(en: "layer that refuses", de: "Schicht, die ablehnt")
          : Translation(en: "first broken layer", de: "erste gestörte Schicht"),
        diagnosis.layer.map { "<code>\($0.rawValue)</code>" }
          ?? (language == .de ? "keine" : "none"), language))
    if let reason = diagnosis.reason {
      let words = ReasonCode(code: reason)?.explanation(in: language)
      facts.append(
        PageParts.fact(
          Translation(en: "reason", de: "Grund"),
          "<code>\(reason)</code>\(words.map { " \($0)" as HTML })", language))
    }
    if let gate = page.gate {
      facts.append(
        PageParts.fact(
          Translation(en: "gate", de: "Gate"), gate.state.tone.badge(gate.state.name(in: language)), language)
      )
    }
    return facts
  }

  private static func remedy(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    guard let remedy = diagnosis.remedy(in: language) else { return .none }
    let playbook = PageParts.playbook(ofReason: diagnosis.reason, language).map { " \($0)" as HTML }
    return #"""
      <p class="remedy"><strong>\#(language == .de ? "Zu tun" : "To do")</strong> \#(remedy).\#(playbook)</p>
      """#
  }

  private static func evidence(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    guard !diagnosis.evidence.isEmpty else { return .none }
    let items = diagnosis.evidence.map { item -> HTML in
      let age: HTML? = item.ageSeconds.map {
        #" <span class="age">\#(PageWords.ago($0, language))</span>"#
      }
      return "<li>\(PageWords.evidence(item, language))\(age)</li>"
    }
    return #"<ul class="evidence" aria-label="\#(language == .de ? "Belege" : "Evidence")">\#(items)</ul>"#
  }

  /// What a stop keeps from sight, so that whoever resumes knows of it.
  private static func behind(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    let items = diagnosis.behind.map { broken -> HTML in
      let playbook = PageParts.playbook(ofReason: broken.reason, language).map { " \($0)" as HTML }
      return #"""
        <li>\#(language == .de ? "dahinter" : "behind it"): <code>\#(broken.layer.rawValue)</code> \#
        <code>\#(broken.reason)</code> \#(broken.summary(in: language))\#(playbook)</li>
        """#
    }
    return items.isEmpty ? .none : #"<ul class="notices">\#(items)</ul>"#
  }

  /// What keeps it from nothing, and somebody should know of.
  private static func remarks(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    let items = diagnosis.remarks.map { remark -> HTML in
      let playbook: HTML? = remark.playbookName.map { " \(PageParts.playbook(named: $0, language))" }
      return #"""
        <li>\#(language == .de ? "Bemerkung" : "remark"): \#(remark.line(in: language)). \#
        \#(remark.remedy(in: language)).\#(playbook)</li>
        """#
    }
    return items.isEmpty ? .none : #"<ul class="notices">\#(items)</ul>"#
  }

  private static func hypotheses(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    var lines: [HTML] = []
    if let cause = diagnosis.cause(in: language) {
      lines.append(#"<p class="label">\#(language == .de ? "Ursache" : "cause"): \#(cause)</p>"#)
    } else if !diagnosis.isCauseKnown {
      let words = Translation(
        en: "The cause is unknown: this is the first layer that broke, and not yet why.",
        de: "Die Ursache ist unbekannt: dies ist die erste gestörte Schicht, noch nicht der Grund dafür.")
      lines.append(#"<p class="label">\#(words, language)</p>"#)
    }
    let items = diagnosis.hypotheses.map { hypothesis -> HTML in
      let figures = hypothesis.evidence.map { $0.text(in: language) }.joined(separator: "; ")
      let source: HTML = figures.isEmpty ? .none : #" <span class="source">\#(figures)</span>"#
      return
        "<li>\(language == .de ? "vielleicht" : "perhaps"): \(hypothesis.text(in: language))\(source)</li>"
    }
    if !items.isEmpty { lines.append(#"<ul class="perhaps">\#(items)</ul>"#) }
    return lines.joined()
  }

  /// The layers in their order, so that one sees where it broke.
  private static func layers(_ diagnosis: Diagnosis, _ language: Language) -> HTML {
    guard !diagnosis.layers.isEmpty else { return .none }
    let items = diagnosis.layers.map { layer -> HTML in
      let refused = layer.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let lost: HTML =
        refused.isEmpty
        ? .none : #" <span class="source">\#(refused.joined(separator: ", "))</span>"#
      return #"""
        <li class="\#(layer.condition.tone(in: diagnosis).rawValue)"><code>\#(layer.layer.rawValue)</code> \#
        \#(layer.condition.tone(in: diagnosis).badge(layer.condition.name(in: diagnosis, language))) \#
        <span>\#(PageParts.count(layer.consumed)) → \#(PageParts.count(layer.produced))</span>\#(lost)</li>
        """#
    }
    let title = Translation(en: "The six layers: in → out", de: "Die sechs Schichten: hinein → heraus")
    return #"""
      <details data-key="layers"><summary>\#(title, language)</summary><ol class="evidence">\#(items)</ol></details>
      """#
  }

  /// What somebody has to be told, whatever the answer is.
  private static func notices(_ page: PageSnapshot, _ language: Language) -> HTML {
    var lines = page.status.notices.map { "<li>\($0)</li>" as HTML }
    if let failure = page.status.checkpointFailure {
      lines.append("<li>\(language == .de ? "kein Sicherungspunkt" : "no checkpoint"): \(failure)</li>")
    }
    if page.isStopFileThere {
      let words = Translation(
        en: "the file STOP is in the data directory and keeps the stop in force",
        de: "die Datei STOP liegt im Datenverzeichnis und hält den Stopp in Kraft")
      lines.append("<li>\(words, language)</li>")
    }
    return lines.isEmpty ? .none : #"<ul class="notices">\#(lines)</ul>"#
  }
}
