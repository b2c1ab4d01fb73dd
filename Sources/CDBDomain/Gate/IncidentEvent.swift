/// How bad an incident is. From ``warning`` on a person writes down what caused it.
public enum IncidentSeverity: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
  case notice, warning, high, critical

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .notice: 0
    case .warning: 1
    case .high: 2
    case .critical: 3
    }
  }
}

/// A file that was kept as evidence, and what it must still be.
public struct EvidenceFile: Sendable, Hashable, Codable {
  /// Below the data directory.
  public var path: String
  /// Hexadecimal.
  public var sha256: String

  public init(path: String, sha256: String) {
    self.path = path
    self.sha256 = sha256
  }
}

/// A step in an incident's life. What an incident is follows from its steps alone.
public struct IncidentEvent: Sendable, Hashable, Codable {
  public enum Step: String, Sendable, Hashable, CaseIterable, Codable {
    /// A cause was seen for long enough.
    case opened
    /// It has become worse.
    case escalated
    /// It shows itself by another reason as well.
    case changed
    /// What was seen then was kept as a file.
    case evidence
    /// The cause is there again.
    case recurred
    /// The cause is gone.
    case ended
    /// A person has seen it.
    case acknowledged
    /// A person has written down what caused it.
    case rootCause = "root_cause"
    /// Five checks have passed since.
    case verified
    /// Nothing is left to be done.
    case closed
  }

  /// From 1 in a data directory.
  public var incident: UInt64
  public var step: Step
  /// By the clock of whoever saw it.
  public var at: EventTime
  /// `operator`, `policy` or `agent`, with a name where one is known.
  public var actor: String
  /// Of ``Step/opened`` and ``Step/escalated``.
  public var severity: IncidentSeverity?
  /// The first layer that broke; of ``Step/opened`` and ``Step/changed``, as all that follows but the words.
  public var layer: Layer?
  /// A reason code, or the reason of an answer.
  public var reason: String?
  /// Whether the machine knows why, and not only where.
  public var isCauseKnown: Bool?
  /// Whether the gate stays shut until a person has written down the cause.
  public var holdsGate: Bool?
  /// What was seen in English, or a person's words.
  public var text: String?
  public var textDe: String?
  public var evidence: [Evidence]
  /// Of ``Step/evidence``.
  public var file: EvidenceFile?

  enum CodingKeys: String, CodingKey {
    case incident, step, actor, severity, layer, reason, text, evidence, file
    case at = "at_ns"
    case isCauseKnown = "cause_known"
    case holdsGate = "holds_gate"
    case textDe = "text_de"
  }

  public init(
    incident: UInt64, step: Step, at: EventTime, actor: String, severity: IncidentSeverity? = nil,
    layer: Layer? = nil, reason: String? = nil, isCauseKnown: Bool? = nil, holdsGate: Bool? = nil,
    text: String? = nil, textDe: String? = nil, evidence: [Evidence] = [], file: EvidenceFile? = nil
  ) {
    self.incident = incident
    self.step = step
    self.at = at
    self.actor = actor
    self.severity = severity
    self.layer = layer
    self.reason = reason
    self.isCauseKnown = isCauseKnown
    self.holdsGate = holdsGate
    self.text = text
    self.textDe = textDe
    self.evidence = evidence
    self.file = file
  }
}
