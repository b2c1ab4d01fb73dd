/// The gate's conditions, in the order in which they are checked.
public enum GateCheck: String, Sendable, Hashable, CaseIterable, Codable {
  case logs
  case eventFlow = "event_flow"
  case riskLayer = "risk_layer"
  case dbConsistency = "db_consistency"
  case smoke
}

/// What a check found. Unknown is not a pass.
public enum GateOutcome: String, Sendable, Hashable, CaseIterable, Codable {
  case pass, fail, unknown
}

/// A check's answer with the figures that it rests on.
public struct GateVerdict: Sendable, Hashable, Codable {
  /// A figure and where it was read.
  public struct Evidence: Sendable, Hashable, Codable {
    public var name: String
    public var value: String
    public var source: String

    public init(_ name: String, _ value: String, source: String) {
      self.name = name
      self.value = value
      self.source = source
    }
  }

  public var check: GateCheck
  public var outcome: GateOutcome
  /// ``ReasonCode/none`` where it passed.
  public var reason: ReasonCode
  /// When the check ended, by the clock of whoever checked.
  public var at: EventTime
  public var evidence: [Evidence]
  /// The layer in which it was found, where that is another than the check looks at: the stage that a barrier stuck in,
  /// or the limit that refused a probe.
  public var layer: Layer?

  public init(
    check: GateCheck, outcome: GateOutcome, reason: ReasonCode = .none, at: EventTime,
    evidence: [Evidence] = [], layer: Layer? = nil
  ) {
    self.check = check
    self.outcome = outcome
    self.reason = reason
    self.at = at
    self.evidence = evidence
    self.layer = layer
  }
}
