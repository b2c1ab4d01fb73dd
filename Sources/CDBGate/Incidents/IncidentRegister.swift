import CDBDomain

/// Makes incidents of what is found wrong, and takes them through their life. A value: time comes with each input, and the
/// steps that follow come back; from these alone it can be made again.
///
/// ```
/// open ─► acknowledged ─► root cause written ─► verified ─► closed        a person's
///   └───────────── over for a while, cause known ──────────────► closed   an interruption, by itself
/// ```
public struct IncidentRegister: Sendable {
  /// How long something must be found before it is an incident, and be gone before it is over. Nanoseconds.
  public static let settling: Int64 = 1_000_000_000
  /// How long an interruption must be over before it closes itself; what comes back until then is the same one.
  public static let calm: Int64 = 60_000_000_000
  /// Closed ones that are kept for whoever asks; the store has all.
  public static let closedKept = 200

  /// Why a person's step was refused, and what to do.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
  }

  /// By number, ascending.
  public private(set) var incidents: [Incident] = []
  /// How many were opened, by layer and reason.
  public private(set) var opened: [Opened: UInt64] = [:]
  private var lastNumber: UInt64 = 0
  private let tiers: ZeroActivityTiers
  private var candidates: [Finding.Key: EventTime] = [:]
  /// The incidents whose cause is there, by number.
  private var ongoing: [UInt64: Occurrence] = [:]

  private struct Occurrence {
    var since: EventTime
    /// Since when it is not seen any more.
    var missingSince: EventTime?
  }

  public struct Opened: Hashable, Sendable, Comparable {
    public var layer: Layer?
    public var reason: String

    public static func < (left: Self, right: Self) -> Bool {
      (left.layer?.rawValue ?? "", left.reason) < (right.layer?.rawValue ?? "", right.reason)
    }
  }

  /// - Parameter tiers: how long a cause may last until it is a warning, high, or critical.
  public init(tiers: ZeroActivityTiers = ZeroActivityTiers()) { self.tiers = tiers }

  /// Takes over the steps of earlier processes, oldest first. A cause that was there then is over unless it is found again.
  public mutating func remember(_ past: [IncidentEvent], at now: EventTime) {
    for event in past { apply(event) }
    for incident in incidents where incident.state != .closed && incident.endedNs == nil {
      let began =
        incident.history.last { $0.step == .opened || $0.step == .recurred }?.atNs ?? incident.openedNs
      ongoing[incident.number] = Occurrence(since: EventTime(nanoseconds: began), missingSince: now)
    }
  }

  /// The worst that stands in the way of an open gate: nobody has written down what caused it.
  public var holding: Incident? {
    incidents.filter { $0.holdsGate && $0.awaitsRootCause }.max {
      ($0.severity, $1.number) < ($1.severity, $0.number)
    }
  }

  public subscript(number: UInt64) -> Incident? { incidents.first { $0.number == number } }

  /// Takes in what is wrong now.
  ///
  /// - Parameter gate: its state; open means that five checks have passed.
  public mutating func look(_ findings: [Finding], gate: GateState, at now: EventTime) -> [IncidentEvent] {
    var steps: [IncidentEvent] = []
    var present: Set<UInt64> = []
    for finding in findings {
      if finding.isSecondary, findings.count > 1, ongoing(finding) == nil { continue }
      notice(finding, now, &steps)
      if let incident = ongoing(finding) { present.insert(incident.number) }
    }
    let seen = Set(findings.map(\.key))
    candidates = candidates.filter { seen.contains($0.key) }
    for (number, var found) in ongoing.sorted(by: { $0.key < $1.key }) where !present.contains(number) {
      let since = found.missingSince ?? now
      found.missingSince = since
      ongoing[number] = found
      guard now.nanoseconds &- since.nanoseconds >= Self.settling else { continue }
      ongoing[number] = nil
      emit(.ended, of: number, at: since, &steps)
    }
    for incident in incidents {
      if incident.state == .rootCauseWritten, incident.endedNs != nil, gate == .open {
        emit(.verified, of: incident.number, at: now, &steps)
      }
      if closesItself(incident, now) { emit(.closed, of: incident.number, at: now, &steps) }
    }
    return steps
  }

  /// The incident whose cause is there and that a finding belongs to.
  private func ongoing(_ finding: Finding) -> Incident? {
    let there = incidents.filter { ongoing[$0.number] != nil }
    return there.last { $0.tells(of: finding.key) } ?? there.last { $0.isOutage(of: finding) }
      ?? there.last { $0.holdsUp(finding) }
  }

  /// The incident that is over and that a finding brings back: by the same reason as long as it is not closed, by another one
  /// within the time in which it would not close itself.
  private func earlier(_ finding: Finding, at since: EventTime) -> Incident? {
    let over = incidents.filter { $0.endedNs != nil && $0.state != .closed && $0.state != .verified }
    return over.last { $0.tells(of: finding.key) }
      ?? over.last {
        $0.isOutage(of: finding) && since.nanoseconds &- ($0.endedNs ?? 0) < Self.calm
      }
  }

  private mutating func notice(_ finding: Finding, _ now: EventTime, _ steps: inout [IncidentEvent]) {
    if let incident = ongoing(finding) {
      ongoing[incident.number]?.missingSince = nil
      if !incident.tells(of: finding.key),
        !(incident.holdsUp(finding) && incident.reasons.contains(finding.reason))
      {
        guard let since = settled(finding, now) else { return }
        change(incident, to: finding, at: since, &steps)
      }
      escalate(incident, to: severity(of: finding, in: incident, now), now, &steps)
      return
    }
    guard let since = settled(finding, now) else { return }
    guard let again = earlier(finding, at: since) else {
      open(finding, at: since, &steps)
      return
    }
    ongoing[again.number] = Occurrence(since: since)
    emit(.recurred, of: again.number, at: since, &steps)
    if !again.tells(of: finding.key) { change(again, to: finding, at: since, &steps) }
    escalate(again, to: severity(of: finding, in: again, now), now, &steps)
  }

  /// Since when a finding is there, once that is long enough.
  private mutating func settled(_ finding: Finding, _ now: EventTime) -> EventTime? {
    let since = candidates[finding.key] ?? now
    candidates[finding.key] = since
    guard now.nanoseconds &- since.nanoseconds >= Self.settling else { return nil }
    candidates[finding.key] = nil
    return since
  }

  /// How bad it is by now. That nothing was done for too long is as bad as the level of zero activity says, and no clock
  /// of incidents' own; so is what keeps it from being done, unless an incident says that already.
  private func severity(of finding: Finding, in incident: Incident, _ now: EventTime) -> IncidentSeverity {
    if finding.isSecondary { return finding.severity }
    let since = ongoing[incident.number]?.since ?? now
    let lasting = tiers.level(of: now.nanoseconds &- since.nanoseconds).severity ?? .notice
    return max(finding.severity, lasting, idleness(of: finding))
  }

  private func idleness(of finding: Finding) -> IncidentSeverity {
    let isToldOf = incidents.contains {
      $0.reason == ReasonCode.zeroActivity.code && $0.layer == .signal && $0.state != .closed
    }
    return isToldOf ? .notice : finding.idleness ?? .notice
  }

  private mutating func open(_ finding: Finding, at since: EventTime, _ steps: inout [IncidentEvent]) {
    let number = lastNumber + 1
    submit(
      .opened, finding, of: number, severity: max(finding.severity, idleness(of: finding)), at: since, &steps)
    ongoing[number] = Occurrence(since: since)
  }

  /// One outage shows itself by another reason.
  private mutating func change(
    _ incident: Incident, to finding: Finding, at since: EventTime, _ steps: inout [IncidentEvent]
  ) {
    submit(.changed, finding, of: incident.number, severity: nil, at: since, &steps)
  }

  private mutating func submit(
    _ step: IncidentEvent.Step, _ finding: Finding, of number: UInt64, severity: IncidentSeverity?,
    at since: EventTime, _ steps: inout [IncidentEvent]
  ) {
    let event = IncidentEvent(
      incident: number, step: step, at: since, actor: GateChange.policy, severity: severity,
      layer: finding.layer, reason: finding.reason, isCauseKnown: finding.isCauseKnown,
      holdsGate: finding.holdsGate,
      text: finding.summary, textDe: finding.summaryDe, evidence: finding.evidence)
    apply(event)
    steps.append(event)
  }

  private mutating func escalate(
    _ incident: Incident, to severity: IncidentSeverity, _ now: EventTime, _ steps: inout [IncidentEvent]
  ) {
    guard severity > incident.severity else { return }
    emit(.escalated, of: incident.number, severity: severity, at: now, &steps)
  }

  /// An interruption that is over: the machine knows why it came, or a person has seen it.
  private func closesItself(_ incident: Incident, _ now: EventTime) -> Bool {
    guard !incident.needsPerson, incident.state != .closed, let ended = incident.endedNs,
      now.nanoseconds &- ended >= Self.calm
    else { return false }
    return incident.isCauseKnown || incident.state != .open
  }

  // MARK: What a person does

  public mutating func acknowledge(
    _ number: UInt64, actor: String, words: String?, at now: EventTime
  ) throws(Refusal) -> IncidentEvent {
    let incident = try unclosed(number)
    guard incident.state == .open else {
      throw Refusal(description: "incident \(number) was acknowledged before")
    }
    return take(.acknowledged, of: number, actor, words, now)
  }

  /// - Parameter text: what caused it. Not empty.
  public mutating func writeRootCause(
    _ number: UInt64, actor: String, text: String, at now: EventTime
  ) throws(Refusal) -> IncidentEvent {
    _ = try unclosed(number)
    return take(.rootCause, of: number, actor, text, now)
  }

  public mutating func close(
    _ number: UInt64, actor: String, words: String?, at now: EventTime
  ) throws(Refusal) -> IncidentEvent {
    let incident = try unclosed(number)
    guard incident.endedNs != nil else {
      throw Refusal(description: "incident \(number) is not over: its cause is still there (cdb why)")
    }
    if incident.needsPerson {
      guard incident.rootCause != nil else {
        throw Refusal(
          description:
            "incident \(number) needs its root cause in writing first: cdb incident cause \(number) --text …")
      }
      guard incident.state == .verified else {
        throw Refusal(
          description: "incident \(number) is not verified: five checks must pass first (cdb gate checks)")
      }
    }
    return take(.closed, of: number, actor, words, now)
  }

  /// Somebody opens the gate and says why: that is the root cause of everything that holds it, and said so.
  public mutating func justify(actor: String, text: String, at now: EventTime) -> [IncidentEvent] {
    incidents.filter { $0.holdsGate && $0.awaitsRootCause }.map {
      take(.rootCause, of: $0.number, actor, SaidWhenOpening.text(text, by: actor), now)
    }
  }

  private func unclosed(_ number: UInt64) throws(Refusal) -> Incident {
    guard let incident = self[number] else { throw Refusal(description: "there is no incident \(number)") }
    guard incident.state != .closed else { throw Refusal(description: "incident \(number) is closed") }
    return incident
  }

  /// What was seen of an incident was kept as a file.
  public mutating func attach(_ file: EvidenceFile, to number: UInt64, at now: EventTime) -> IncidentEvent {
    let event = IncidentEvent(
      incident: number, step: .evidence, at: now, actor: GateChange.policy, file: file)
    apply(event)
    return event
  }

  // MARK: Steps

  private mutating func take(
    _ step: IncidentEvent.Step, of number: UInt64, _ actor: String, _ text: String?, _ now: EventTime
  ) -> IncidentEvent {
    let event = IncidentEvent(incident: number, step: step, at: now, actor: actor, text: text)
    apply(event)
    return event
  }

  private mutating func emit(
    _ step: IncidentEvent.Step, of number: UInt64, severity: IncidentSeverity? = nil, at time: EventTime,
    _ steps: inout [IncidentEvent]
  ) {
    let event = IncidentEvent(
      incident: number, step: step, at: time, actor: GateChange.policy, severity: severity)
    apply(event)
    steps.append(event)
  }

  private mutating func apply(_ event: IncidentEvent) {
    lastNumber = max(lastNumber, event.incident)
    if let incident = Incident(event) {
      guard self[event.incident] == nil else { return }
      incidents.append(incident)
      opened[Opened(layer: incident.layer, reason: incident.reason), default: 0] += 1
    } else if let index = incidents.firstIndex(where: { $0.number == event.incident }) {
      incidents[index].take(event)
    }
    let closed = incidents.indices.filter { incidents[$0].state == .closed }
    if closed.count > Self.closedKept, let oldest = closed.first { incidents.remove(at: oldest) }
  }
}
