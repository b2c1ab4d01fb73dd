import CDBDomain

/// The gate at an instant, for whoever asks.
public struct GateReport: Sendable, Hashable, Codable {
  public struct Check: Sendable, Hashable, Codable {
    public var check: GateCheck
    public var outcome: GateOutcome
    /// A reason code; `none` where it passed.
    public var reason: String
    /// Seconds since the verdict; nil where there is none yet.
    public var ageSeconds: Double?
    public var evidence: [GateVerdict.Evidence]
    /// Where it was found; nil where nothing was.
    public var layer: Layer?

    enum CodingKeys: String, CodingKey {
      case check, outcome, reason, evidence, layer
      case ageSeconds = "age_seconds"
    }
  }

  /// What keeps it shut, and where that was found.
  public struct Cause: Sendable, Hashable, Codable {
    /// A reason code.
    public var reason: String
    /// Nil where the reason alone says it.
    public var layer: Layer?

    init(_ condition: GateCondition) {
      reason = condition.reason.code
      layer = condition.layer
    }
  }

  public var state: GateState
  public var actor: String
  public var reason: String
  public var sinceNs: Int64
  /// In the order in which they are checked.
  public var checks: [Check]
  public var running: GateCheck?
  /// How many passes count: while it verifies, those of this verification; nil from a service that does not say it.
  public var passes: Int?
  /// Why only a person may open it.
  public var awaitsPerson: String?
  /// Where that was found; nil where the reason alone says it.
  public var awaitedLayer: Layer?
  /// Until it is open again; nil where it has only begun, and where somebody chose it.
  public var cause: Cause?
  public var isHeld: Bool
  /// Whether five passes open it without anybody asking.
  public var opensByItself: Bool
  /// When five passes may open it by themselves at the earliest, if nothing new comes; nil where that is now, or not known,
  /// and where a limit from the settings keeps it shut.
  public var opensAtNs: Int64?
  /// Whether it waits for the store to have what was decided before its process began, and checks nothing until then; nil where
  /// it does not.
  public var waitsForStore: Bool?
  /// The newest emergency stops since the process began, oldest first; not part of the JSON, which has the history.
  public var stops: [GateStop] = []

  /// The transition into its state.
  public var change: GateChange { GateChange(state: state, actor: actor, reason: reason) }

  /// Whether it stays as it is until somebody opens it.
  public var waitsForPerson: Bool { isHeld || awaitsPerson != nil || !opensByItself }

  /// Whether a failure keeps it shut: it tripped, a check has failed, or a person has to see to something. Closed by
  /// hand, stopped, or still before its first checks is what somebody chose.
  public var isKeptShut: Bool {
    switch state {
    case .open, .stopped: false
    case .tripped: true
    case .closed, .verifying:
      awaitsPerson != nil || !isHeld && checks.contains { $0.outcome == .fail }
    }
  }

  enum CodingKeys: String, CodingKey {
    case state, actor, reason, checks, running, passes, cause
    case sinceNs = "since_ns"
    case awaitsPerson = "awaits_person"
    case awaitedLayer = "awaited_layer"
    case isHeld = "held"
    case opensByItself = "opens_by_itself"
    case opensAtNs = "opens_at_ns"
    case waitsForStore = "waits_for_store"
  }

  public init(_ machine: GateStateMachine, at now: EventTime) {
    state = machine.state
    actor = machine.change.actor
    reason = machine.change.reason
    sinceNs = machine.changedAt.nanoseconds
    running = machine.running
    passes = machine.passes(at: now)
    awaitsPerson = machine.awaitsPerson?.code
    awaitedLayer = machine.awaited?.layer
    cause = machine.cause.map(Cause.init)
    isHeld = machine.isHeld
    opensByItself = machine.policy.opensByItself
    opensAtNs = machine.nextVerification.flatMap { $0 > now ? $0.nanoseconds : nil }
    stops = machine.stops
    checks = GateCheck.allCases.map { check in
      guard let verdict = machine.verdicts[check] else {
        return Check(check: check, outcome: .unknown, reason: ReasonCode.none.code, evidence: [])
      }
      // An old pass is no pass: it becomes unknown.
      let isCurrent = verdict.outcome != .pass || machine.holds(check, at: now)
      return Check(
        check: check, outcome: isCurrent ? verdict.outcome : .unknown,
        reason: isCurrent ? verdict.reason.code : ReasonCode.checkExpired.code,
        ageSeconds: max(0, Double(now.nanoseconds - verdict.at.nanoseconds) / 1e9),
        evidence: verdict.evidence, layer: verdict.outcome == .pass ? nil : verdict.foundIn)
    }
    // Verifying again changes nothing of a setting.
    if forbiddingLayer != nil { opensAtNs = nil }
  }

  /// The first check that has not passed, in their order.
  public var firstMissing: Check? { checks.first { $0.outcome != .pass } }

  /// The layer whose limit, as it is set, leaves no room for any order and keeps it shut: the layers' own proof says so
  /// again and again, until the process runs with another value. Nil where it is not that.
  public var forbiddingLayer: RiskLayerName? {
    guard state != .open, state != .stopped, awaitsPerson == nil, !isHeld,
      // The first that fails is the answer.
      let failed = checks.first(where: { $0.outcome == .fail }), failed.check == .riskLayer
    else { return nil }
    return RiskLayerName(refusingWith: ReasonCode(code: failed.reason))
  }
}

extension GateCheck {
  /// The layer that the check looks at.
  public var layer: Layer {
    switch self {
    case .logs, .eventFlow: .system
    case .riskLayer: .risk
    case .dbConsistency: .database
    case .smoke: .execution
    }
  }
}
