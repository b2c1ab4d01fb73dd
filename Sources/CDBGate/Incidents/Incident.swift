import CDBDomain

/// A case of zero activity, or of something that was lost or wrong, from its first sign until nothing is left to be done.
///
/// An *interruption* (a notice) closes itself: it is over, and the machine knows why it came. What is worse needs a person,
/// who writes down what caused it; then five checks verify, and then it can be closed.
public struct Incident: Sendable, Hashable, Codable {
  public enum State: String, Sendable, Hashable, CaseIterable, Codable {
    case open
    case acknowledged
    case rootCauseWritten = "root_cause_written"
    case verified
    case closed
  }

  /// One line of its life.
  public struct Entry: Sendable, Hashable, Codable {
    public var step: IncidentEvent.Step
    public var atNs: Int64
    public var actor: String
    public var severity: IncidentSeverity?
    public var text: String?

    enum CodingKeys: String, CodingKey {
      case step, actor, severity, text
      case atNs = "at_ns"
    }
  }

  public var number: UInt64
  public var state: State
  public var severity: IncidentSeverity
  public var layer: Layer?
  /// The first that was seen.
  public var reason: String
  /// All that were seen, as they came.
  public var reasons: [String]
  /// Whether the machine knows of any of them why it came.
  public var isCauseKnown: Bool
  public var holdsGate: Bool
  public var summary: String
  public var summaryDe: String
  public var openedNs: Int64
  /// When the cause was last gone; nil while it is there.
  public var endedNs: Int64?
  /// How often the cause was there.
  public var occurrences: Int
  public var rootCause: String?
  public var evidence: [Evidence]
  public var files: [EvidenceFile]
  /// Oldest first.
  public var history: [Entry]

  enum CodingKeys: String, CodingKey {
    case number, state, severity, layer, reason, reasons, summary, occurrences, evidence, files, history
    case isCauseKnown = "cause_known"
    case holdsGate = "holds_gate"
    case summaryDe = "summary_de"
    case openedNs = "opened_ns"
    case endedNs = "ended_ns"
    case rootCause = "root_cause"
  }

  /// Whether a reason in a layer is what it shows itself by.
  func tells(of key: Finding.Key) -> Bool { layer == key.layer && reasons.contains(key.reason) }

  /// Whether a finding is another sign of it: of the same layer, and nothing that stands alone.
  func isOutage(of finding: Finding) -> Bool {
    layer == finding.layer && !Finding.standsAlone(finding.reason) && !Finding.standsAlone(reason)
  }

  /// Whether it is what a pause of the whole process comes of, as long as its cause is there: a disk that is full or does not
  /// answer holds up whoever writes to it.
  func holdsUp(_ finding: Finding) -> Bool {
    finding.reason == ReasonCode.processHeldUp.code && !Finding.standsAlone(reason)
  }

  /// Whether a person must write down what caused it.
  public var needsPerson: Bool { severity >= .warning }

  /// Whether nobody has written down yet what somebody must.
  public var awaitsRootCause: Bool { needsPerson && (state == .open || state == .acknowledged) }

  /// The sentence in a language.
  public func summary(in language: Language) -> String { language == .de ? summaryDe : summary }

  /// The page that says step by step what to do, from the repository's root; nil where the reason has none.
  public func playbook(in language: Language) -> String? {
    Diagnosis.playbook(ofReason: reason, in: language)
  }

  /// - Parameter opening: nil comes of any other step.
  init?(_ opening: IncidentEvent) {
    guard opening.step == .opened, let reason = opening.reason, let severity = opening.severity else {
      return nil
    }
    number = opening.incident
    state = .open
    self.severity = severity
    layer = opening.layer
    self.reason = reason
    reasons = [reason]
    isCauseKnown = opening.isCauseKnown ?? true
    holdsGate = opening.holdsGate ?? true
    summary = opening.text ?? ""
    summaryDe = opening.textDe ?? summary
    openedNs = opening.at.nanoseconds
    occurrences = 1
    evidence = opening.evidence
    files = []
    history = []
    note(opening)
  }

  /// Takes a later step.
  mutating func take(_ event: IncidentEvent) {
    switch event.step {
    case .opened: return
    case .evidence: break
    case .escalated: severity = max(severity, event.severity ?? severity)
    case .changed:
      if let reason = event.reason, !reasons.contains(reason) {
        reasons.append(reason)
        evidence += [Evidence("then", reason)] + event.evidence
      }
      isCauseKnown = isCauseKnown || event.isCauseKnown ?? false
      holdsGate = holdsGate || event.holdsGate ?? false
    case .recurred:
      occurrences += 1
      endedNs = nil
      // What was written did not end it.
      if state == .rootCauseWritten { state = .acknowledged }
    case .ended: endedNs = event.at.nanoseconds
    case .acknowledged: if state == .open { state = .acknowledged }
    case .rootCause:
      rootCause = event.text
      if state == .open || state == .acknowledged { state = .rootCauseWritten }
    case .verified: if state == .rootCauseWritten { state = .verified }
    case .closed: state = .closed
    }
    note(event)
  }

  private mutating func note(_ event: IncidentEvent) {
    if let file = event.file { files.append(file) }
    let text = event.step == .opened ? nil : event.step == .changed ? event.reason : event.text
    history.append(
      Entry(
        step: event.step, atNs: event.at.nanoseconds, actor: event.actor, severity: event.severity, text: text
      ))
    // One that comes and goes all day is told by its count.
    if history.count > Self.longestHistory { history.remove(at: 1) }
  }

  private static let longestHistory = 200
}
