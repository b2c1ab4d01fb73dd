import CDBDomain

/// Something that is wrong now, as an answer tells of it.
public struct Finding: Sendable, Hashable {
  public var severity: IncidentSeverity
  public var layer: Layer?
  /// A reason code, or the reason of an answer.
  public var reason: String
  public var isCauseKnown: Bool
  /// Whether the gate must not open before a person has written down the cause, should that be needed.
  public var holdsGate: Bool
  public var summary: String
  public var summaryDe: String
  public var evidence: [Evidence]
  /// Whether it opens no incident while anything else is found: that is likely its cause.
  public var isSecondary = false
  /// Of what is found in a market that lives: how bad it is already that nothing is done in it; nil where that is nothing.
  public var idleness: IncidentSeverity?

  /// What a finding is, whatever its figures are.
  struct Key: Hashable {
    var layer: Layer?
    var reason: String
  }

  var key: Key { Key(layer: layer, reason: reason) }

  /// Whether a reason makes an incident of its own: something was lost or wrong, or nothing was done for too long. All else
  /// that is found in one layer without a pause is one outage, which shows itself by one reason after another.
  static func standsAlone(_ reason: String) -> Bool {
    guard let code = ReasonCode(code: reason) else { return false }
    return code == .zeroActivity || GatePolicy.alwaysNeedsPerson.contains(code)
  }

  /// What is wrong at this instant: what only a person may let the gate open after, and what the answer itself is.
  ///
  /// Trading, a quiet market, a start and an end are nothing wrong, nor is what somebody chose: a stop, or a gate closed by
  /// hand. How long that lasts is told by the level of zero activity.
  public static func all(in diagnosis: Diagnosis, policy: GatePolicy) -> [Finding] {
    var found: [Finding] = []
    if let awaited = diagnosis.gate?.awaitsPerson.flatMap(ReasonCode.init(code:)),
      policy.needsPerson.contains(awaited)
    {
      found.append(
        Finding(
          severity: policy.severity(of: awaited), layer: diagnosis.gate?.awaitedLayer ?? awaited.layer,
          reason: awaited.code,
          isCauseKnown: true,
          holdsGate: true, summary: awaited.explanation(in: .en), summaryDe: awaited.explanation(in: .de),
          evidence: diagnosis.gateEvidence))
    }
    // That an incident holds the gate is no further incident.
    if let reason = diagnosis.reason, diagnosis.isFailure, reason != ReasonCode.incidentOpen.code,
      !found.contains(where: { $0.reason == reason })
    {
      found.append(
        Finding(
          severity: ReasonCode(code: reason).map(policy.severity) ?? .notice, diagnosis: diagnosis,
          reason: reason,
          layer: diagnosis.layer, holdsGate: true))
    }
    // A stop mends nothing.
    found += diagnosis.behind.map { broken in
      Finding(
        severity: ReasonCode(code: broken.reason).map(policy.severity) ?? .notice, layer: broken.layer,
        reason: broken.reason, isCauseKnown: Self.explains(broken.reason, broken.isCauseKnown),
        holdsGate: true,
        summary: broken.summary,
        summaryDe: broken.summaryDe, evidence: broken.evidence)
    }
    if let level = diagnosis.zeroActivity?.level.severity, level >= .warning, !diagnosis.isChosen {
      if diagnosis.isMarketAlive {
        for index in found.indices { found[index].idleness = level }
      }
      // A quiet market that is left alone for a day is no reason to close the gate: only an order could end it.
      var idle = Finding(
        severity: level, diagnosis: diagnosis, reason: ReasonCode.zeroActivity.code, layer: .signal,
        holdsGate: diagnosis.verdict != .quiet)
      idle.isSecondary = true
      found.append(idle)
    }
    return found
  }

  init(
    severity: IncidentSeverity, layer: Layer?, reason: String, isCauseKnown: Bool, holdsGate: Bool,
    summary: String,
    summaryDe: String, evidence: [Evidence]
  ) {
    self.severity = severity
    self.layer = layer
    self.reason = reason
    self.isCauseKnown = isCauseKnown
    self.holdsGate = holdsGate
    self.summary = summary
    self.summaryDe = summaryDe
    self.evidence = evidence
  }

  /// Whether an interruption is explained by what is known: that nothing listens any more says why nobody answers, and not why
  /// the process has ended.
  private static func explains(_ reason: String?, _ isCauseKnown: Bool) -> Bool {
    isCauseKnown && reason != ReasonCode.processLost.code
  }

  private init(
    severity: IncidentSeverity, diagnosis: Diagnosis, reason: String, layer: Layer?, holdsGate: Bool
  ) {
    self.init(
      severity: severity, layer: layer, reason: reason,
      isCauseKnown: Self.explains(diagnosis.reason, diagnosis.isCauseKnown), holdsGate: holdsGate,
      summary: diagnosis.summary, summaryDe: diagnosis.summaryDe, evidence: diagnosis.evidence)
  }
}

extension Diagnosis {
  /// Whether something does not work, or a failure keeps the gate shut.
  var isFailure: Bool {
    switch verdict {
    case .broken: true
    case .blocked, .gated: gate?.isKeptShut ?? false
    case .trading, .quiet, .stopped, .starting, .ended, .restarting, .notObserved: false
    }
  }

  /// Whether somebody chose that nothing is traded.
  var isChosen: Bool { verdict == .stopped || verdict == .gated && gate?.isHeld == true }

  /// The figures of the first check that did not pass.
  var gateEvidence: [Evidence] {
    guard let check = gate?.checks.first(where: { $0.outcome == .fail }) else { return evidence }
    return [Evidence(check.check.rawValue, check.reason, ageSeconds: check.ageSeconds)]
      + check.evidence.map { Evidence($0.name, $0.value) }
  }
}

extension ZeroActivityLevel {
  /// Nil where there is nothing to tell.
  var severity: IncidentSeverity? { IncidentSeverity(rawValue: rawValue) }
}

extension GatePolicy {
  /// How bad a cause is while it has not lasted.
  func severity(of reason: ReasonCode) -> IncidentSeverity {
    guard needsPerson.contains(reason) else { return .notice }
    return switch reason {
    case .flowImbalance, .storeInconsistent, .fillOutOfBounds: .high
    default: .warning
    }
  }
}
