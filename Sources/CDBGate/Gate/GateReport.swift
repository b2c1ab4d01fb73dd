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

    enum CodingKeys: String, CodingKey {
      case check, outcome, reason, evidence
      case ageSeconds = "age_seconds"
    }
  }

  public var state: GateState
  public var actor: String
  public var reason: String
  public var sinceNs: Int64
  /// In the order in which they are checked.
  public var checks: [Check]
  public var running: GateCheck?
  /// Why only a person may open it.
  public var awaitsPerson: String?
  public var isHeld: Bool
  /// Whether five passes open it without anybody asking.
  public var opensByItself: Bool

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
    case state, actor, reason, checks, running
    case sinceNs = "since_ns"
    case awaitsPerson = "awaits_person"
    case isHeld = "held"
    case opensByItself = "opens_by_itself"
  }

  public init(_ machine: GateStateMachine, at now: EventTime) {
    state = machine.state
    actor = machine.change.actor
    reason = machine.change.reason
    sinceNs = machine.changedAt.nanoseconds
    running = machine.running
    awaitsPerson = machine.awaitsPerson?.code
    isHeld = machine.isHeld
    opensByItself = machine.policy.opensByItself
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
        evidence: verdict.evidence)
    }
  }

  /// The first check that has not passed, in their order.
  public var firstMissing: Check? { checks.first { $0.outcome != .pass } }
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
