import CDBDomain
import CDBPipeline

// What the gate and the emergency stop have to say.
extension Diagnostician {
  func stopped() -> Diagnosis? {
    let reason = status.account?.killSwitch
    guard reason != nil || status.gate?.state == .stopped else { return nil }
    let who = gate.flatMap { $0.state == .stopped ? $0.actor : nil }
    let words = GateStop.summary(actor: who, reason: reason ?? gate?.reason ?? "")
    return answer(
      .stopped, en: words[.en], de: words[.de],
      layer: .risk, reason: .killSwitch, since: gate.map { EventTime(nanoseconds: $0.sinceNs) },
      evidence: [Evidence("refused_in_a_row", "\(status.tally.refusalsInARow)")])
  }

  /// What is broken in the layers behind the one that a stop belongs to.
  func behind() -> [BrokenBehind] {
    [Layer.execution, .database].compactMap { layer in
      guard let broken = broken(layer) else { return nil }
      return BrokenBehind(
        layer: layer, reason: broken.reason ?? ReasonCode.stageFailed.code, summary: broken.summary,
        summaryDe: broken.summaryDe, sinceNs: broken.sinceNs,
        isCauseKnown: cause(of: broken) != nil || Self.isCauseKnown(broken),
        evidence: broken.evidence)
    }
  }

  func gated() -> Diagnosis? {
    guard let gate, gate.state != .open else { return nil }
    let since = EventTime(nanoseconds: gate.sinceNs)
    if let forbidden = forbidden(by: gate) { return forbidden }
    if let failed = gate.checks.first(where: { $0.outcome == .fail }), gate.state == .verifying {
      return verifyingAgain(gate, failed, since)
    }
    if gate.state == .verifying || (gate.state == .closed && gate.change.isRestart && !gate.waitsForPerson) {
      return verifying(gate, since)
    }
    // What a person must see to is the answer, whatever came after it.
    let awaited = gate.awaitsPerson.flatMap(ReasonCode.init(code:))
    let code =
      awaited ?? gate.cause.flatMap { ReasonCode(code: $0.reason) }
      ?? ReasonCode(code: String(gate.reason.prefix { $0 != ":" }))
    // The answer to zero activity is what refuses.
    if code == .zeroActivity || code == .incidentOpen, let blocked = risk() { return blocked }
    let person = gate.awaitsPerson != nil || !gate.opensByItself
    return answer(
      .gated,
      en: "the gate is \(gate.state.rawValue): \(code?.explanation(in: .en) ?? gate.reason)"
        + (person ? "; a person must open it" : gate.isHeld ? "; it was closed by hand" : ""),
      de: "das Gate ist \(gate.state.name(in: .de)): \(code?.explanation(in: .de) ?? gate.reason(in: .de))"
        + (person ? "; ein Mensch muss es öffnen" : gate.isHeld ? "; es wurde von Hand geschlossen" : ""),
      layer: layer(of: code, gate),
      reasonCode: code?.code ?? (gate.state == .tripped ? ReasonCode.gateTripped : .gateClosed).code,
      since: since, evidence: evidence(of: gate))
  }

  /// Where what keeps it shut was found: that it is no longer seen there changes nothing of it.
  private func layer(of code: ReasonCode?, _ gate: GateReport) -> Layer {
    if gate.awaitsPerson != nil { return gate.awaitedLayer ?? code?.layer ?? .system }
    return gate.cause?.layer ?? gate.firstMissing.flatMap(\.foundIn) ?? code?.layer ?? .system
  }

  /// On the way to an open gate: the first time, or again after something that is over.
  private func verifying(_ gate: GateReport, _ since: EventTime) -> Diagnosis {
    if gate.waitsForStore == true {
      return answer(
        .gated, en: "the gate has only begun: \(GateReport.waiting[.en])",
        de: "das Gate hat eben erst begonnen: \(GateReport.waiting[.de])", reason: .gateVerifying,
        since: since)
    }
    let at = (gate.running ?? gate.firstMissing?.check).map { ": \($0.rawValue)" } ?? ""
    let code = gate.cause.flatMap { ReasonCode(code: $0.reason) }
    return answer(
      .gated,
      en: code.map { "the gate is verifying again after this: \($0.explanation(in: .en))\(at)" }
        ?? "the gate is verifying before anything trades\(at)",
      de: code.map { "das Gate prüft von neuem, nachdem dies war: \($0.explanation(in: .de))\(at)" }
        ?? "das Gate prüft, bevor gehandelt wird\(at)",
      layer: code.map { gate.cause?.layer ?? $0.layer }, reason: .gateVerifying, since: since,
      evidence: evidence(of: gate))
  }

  /// What failed the last time is the answer until it has passed: the gate tries again and again.
  private func verifyingAgain(
    _ gate: GateReport, _ failed: GateReport.Check, _ since: EventTime
  ) -> Diagnosis {
    let code = ReasonCode(code: failed.reason)
    let isOfCause = gate.cause?.reason == failed.reason || code?.isSeenFromOutside == true
    return answer(
      .gated,
      en: "the gate is verifying again, and has not got past: \(code?.explanation(in: .en) ?? failed.reason)",
      de: "das Gate prüft von neuem, und kam zuletzt nicht vorbei an: "
        + (code?.explanation(in: .de) ?? failed.reason),
      layer: (isOfCause ? gate.cause?.layer : nil) ?? failed.foundIn, reasonCode: failed.reason, since: since,
      evidence: evidence(of: gate))
  }

  /// The limit that leaves no room for any order, where the risk check or the probe of the smoke check has found one.
  private func forbidden(by gate: GateReport) -> Diagnosis? {
    guard gate.awaitsPerson == nil, !gate.isHeld,
      // The first that fails is the answer.
      let limit = gate.checks.first(where: { $0.outcome == .fail })?.refusingLimit
    else { return nil }
    let setting = gate.forbiddingLayer.flatMap(words(of:))
    return answer(
      .blocked,
      en: "the limits leave no room for any order, and the gate does not open: \(limit.explanation(in: .en))"
        + (setting.map { "; \($0.en)" } ?? ""),
      de: "die Limits lassen keiner Order Platz, und das Gate öffnet nicht: " + limit.explanation(in: .de)
        + (setting.map { "; \($0.de)" } ?? ""),
      layer: .risk, reason: limit, since: status.startedAt, evidence: evidence(of: gate))
  }

  /// The setting of a layer's limit, its value, and that only another one helps.
  private func words(of layer: RiskLayerName) -> Translation? {
    guard let key = layer.setting else { return nil }
    let value = status.account?.layers.first { $0.layer == layer }.map {
      DecimalText.render($0.limit.mantissa, scale: Ratio.scale)
    }
    return Translation(
      en: key + (value.map { " is \($0), and" } ?? ":") + " only a restart with another value of it helps",
      de: key + (value.map { " ist \(DecimalText.localized($0, in: .de)), und" } ?? ":")
        + " nur ein Neustart mit einem anderen Wert davon hilft")
  }

  private func evidence(of gate: GateReport) -> [Evidence] {
    let passed = gate.passes ?? gate.checks.count { $0.outcome == .pass }
    var evidence = [Evidence("checks_passed", "\(passed) of \(gate.checks.count)")]
    let failed = gate.checks.first { $0.outcome == .fail }
    // Closed by hand, checks grow old; that is not the cause.
    if let missing = failed ?? (gate.isHeld ? nil : gate.firstMissing) {
      let reason = missing.reason == ReasonCode.none.code ? "" : " \(missing.reason)"
      evidence.append(
        Evidence(
          missing.check.rawValue, missing.outcome.rawValue + reason, ageSeconds: missing.ageSeconds))
      evidence += missing.evidence.prefix(3).map { Evidence($0.name, $0.value) }
    }
    return evidence
  }
}

extension GateReport.Check {
  /// The limit of risk that this check failed by; nil where it was something else.
  fileprivate var refusingLimit: ReasonCode? {
    guard check == .riskLayer || check == .smoke else { return nil }
    return ReasonCode(code: reason).flatMap { $0.isLimit ? $0 : nil }
  }

  /// Where it was found; nil where that is not known.
  fileprivate var foundIn: Layer? {
    layer ?? (outcome == .fail || check == .dbConsistency ? check.layer : nil)
  }
}
