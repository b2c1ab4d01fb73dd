import CDBDomain
import CDBPipeline

// What the gate and the emergency stop have to say.
extension Diagnostician {
  func stopped() -> Diagnosis? {
    let reason = status.account?.killSwitch
    guard reason != nil || status.gate?.state == .stopped else { return nil }
    let words = reason ?? gate?.reason ?? ""
    return answer(
      .stopped, en: "the emergency stop is in force: \(words)", de: "der Not-Halt gilt: \(words)",
      layer: .risk, reason: .killSwitch, since: gate.map { EventTime(nanoseconds: $0.sinceNs) },
      evidence: [Evidence("refused_in_a_row", "\(status.tally.refusalsInARow)")])
  }

  func gated() -> Diagnosis? {
    guard let gate, gate.state != .open else { return nil }
    let since = EventTime(nanoseconds: gate.sinceNs)
    if let forbidden = forbidden(by: gate) { return forbidden }
    if let failed = gate.checks.first(where: { $0.outcome == .fail }), gate.state == .verifying {
      return verifyingAgain(gate, failed, since)
    }
    if gate.state == .verifying || (gate.state == .closed && gate.change.isRestart && !gate.waitsForPerson) {
      let at = (gate.running ?? gate.firstMissing?.check).map { ": \($0.rawValue)" } ?? ""
      return answer(
        .gated, en: "the gate is verifying before anything trades\(at)",
        de: "das Gate prüft, bevor gehandelt wird\(at)", reason: .gateVerifying, since: since,
        evidence: evidence(of: gate))
    }
    // What a person must see to is the answer, whatever came after it.
    let awaited = gate.awaitsPerson.flatMap(ReasonCode.init(code:))
    let code = awaited ?? ReasonCode(code: String(gate.reason.prefix { $0 != ":" }))
    // The answer to zero activity is what refuses.
    if code == .zeroActivity || code == .incidentOpen, let blocked = risk() { return blocked }
    let person = gate.awaitsPerson != nil || !gate.opensByItself
    return answer(
      .gated,
      en: "the gate is \(gate.state.rawValue): \(code?.explanation(in: .en) ?? gate.reason)"
        + (person ? "; a person must open it" : gate.isHeld ? "; it was closed by hand" : ""),
      de: "das Gate ist \(gate.state.name(in: .de)): \(code?.explanation(in: .de) ?? gate.reason(in: .de))"
        + (person ? "; ein Mensch muss es öffnen" : gate.isHeld ? "; es wurde von Hand geschlossen" : ""),
      layer: awaited?.layer
        ?? gate.firstMissing.flatMap {
          $0.outcome == .fail || $0.check == .dbConsistency ? $0.check.layer : nil
        }
        ?? code?.layer ?? .system,
      reasonCode: code?.code ?? (gate.state == .tripped ? ReasonCode.gateTripped : .gateClosed).code,
      since: since, evidence: evidence(of: gate))
  }

  /// What failed the last time is the answer until it has passed: the gate tries again and again.
  private func verifyingAgain(
    _ gate: GateReport, _ failed: GateReport.Check, _ since: EventTime
  ) -> Diagnosis {
    let code = ReasonCode(code: failed.reason)
    return answer(
      .gated,
      en: "the gate is verifying again, and has not got past: \(code?.explanation(in: .en) ?? failed.reason)",
      de: "das Gate prüft von neuem, und kam zuletzt nicht vorbei an: "
        + (code?.explanation(in: .de) ?? failed.reason),
      layer: failed.check.layer, reasonCode: failed.reason, since: since, evidence: evidence(of: gate))
  }

  /// The limit that leaves no room for any order, where the risk check or the probe of the smoke check has found one.
  private func forbidden(by gate: GateReport) -> Diagnosis? {
    guard gate.awaitsPerson == nil, !gate.isHeld,
      // The first that fails is the answer.
      let limit = gate.checks.first(where: { $0.outcome == .fail })?.refusingLimit
    else { return nil }
    return answer(
      .blocked,
      en: "the limits leave no room for any order, and the gate does not open: \(limit.explanation(in: .en))",
      de: "die Limits lassen keiner Order Platz, und das Gate öffnet nicht: " + limit.explanation(in: .de),
      layer: .risk, reason: limit, since: status.startedAt, evidence: evidence(of: gate))
  }

  private func evidence(of gate: GateReport) -> [Evidence] {
    let passed = gate.checks.count { $0.outcome == .pass }
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
    let code: Substring?
    switch check {
    case .riskLayer: code = Substring(reason)
    case .smoke:
      let decision = evidence.first { $0.name == "decision" }?.value ?? ""
      code = decision.hasPrefix("refused: ") ? decision.dropFirst("refused: ".count) : nil
    default: code = nil
    }
    return code.flatMap { ReasonCode(code: String($0)) }
      .flatMap { code in RiskLayerName.allCases.contains { $0.reason == code } ? code : nil }
  }
}
