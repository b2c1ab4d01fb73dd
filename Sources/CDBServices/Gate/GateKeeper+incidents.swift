import CDBDomain
import CDBGate
import CDBPipeline
import Logging
import ServiceRuntime

// What the gate's keeper does about incidents. What becomes of them is ``CDBGate/IncidentRegister``'s to say.
extension GateKeeper {
  /// The most steps of earlier processes that are taken over.
  static let rememberedSteps = 50_000

  func rememberIncidents() async {
    let past = (try? await store.controls(["incident"], limit: Self.rememberedSteps)) ?? []
    incidents.remember(
      past.reversed().compactMap { record in
        if case .incident(let event) = record.control { event } else { nil }
      }, at: now)
    gateBoard.update(incidents)
    hold()
  }

  /// Looks at what is wrong now.
  func lookForIncidents(_ status: PipelineStatus) {
    let diagnosis = gateBoard.diagnosis(of: status)
    let findings = Finding.all(in: diagnosis, policy: machine.policy)
    for step in incidents.look(findings, gate: machine.state, at: now) { keep(step, diagnosis, status) }
    hold()
  }

  /// Keeps the gate shut while an incident waits for its root cause.
  private func hold() {
    guard incidents.holding != nil, machine.awaitsPerson == nil else { return }
    carryOut(machine.handle(.hold(.incidentOpen), at: now))
  }

  /// Somebody opens the gate and says why: that is the root cause of what holds it.
  func justify(actor: String, reason: String) {
    for step in incidents.justify(actor: actor, text: reason, at: now) { submit(step) }
  }

  private func keep(_ step: IncidentEvent, _ diagnosis: Diagnosis, _ status: PipelineStatus) {
    submit(step)
    guard step.step == .opened || step.step == .escalated else { return }
    sightings.append(EvidenceFolder.Sighting(step: step, diagnosis: diagnosis, status: status))
  }

  /// Keeps what was seen as a file. The rows have the figures whether that works or not.
  func keepEvidence(of sighting: EvidenceFolder.Sighting) async {
    do {
      guard let file = try await evidence.keep(sighting) else { return }
      submit(incidents.attach(file, to: sighting.step.incident, at: now))
    } catch {
      logger.warning(
        "evidence of incident \(sighting.step.incident) is not kept as a file",
        metadata: ["event.action": "incident", "error.message": "\(error)"])
    }
  }

  private func submit(_ step: IncidentEvent) {
    carryOut([.submit(.incident(step))])
    gateBoard.update(incidents)
  }

  func note(_ step: IncidentEvent) {
    var metadata: Logger.Metadata = [
      "event.action": "incident", "labels.incident": "\(step.incident)",
      "labels.step": "\(step.step.rawValue)",
      "labels.actor": "\(step.actor)",
    ]
    let incident = incidents[step.incident]
    // What it has come to show itself by is the news, and not what it began with.
    let isOther = step.step == .changed
    if let reason = (isOther ? step.reason : nil) ?? incident?.reason {
      metadata["event.reason"] = "\(reason)"
    }
    if let layer = incident?.layer { metadata["labels.layer"] = "\(layer.rawValue)" }
    if let severity = incident?.severity { metadata["labels.severity"] = "\(severity.rawValue)" }
    let isBad =
      step.step == .opened || step.step == .escalated || step.step == .recurred
      || step.step == .changed
    // An error would close the gate by the check of the logs.
    logger.log(
      level: isBad && incident?.needsPerson == true ? .warning : .notice,
      "incident \(step.incident) \(step.step.words): \((isOther ? step.text : nil) ?? incident?.summary ?? "")",
      metadata: metadata)
  }

  // MARK: What a person does

  func acknowledge(_ number: UInt64, actor: String, words: String?) async throws -> IncidentReport {
    try await person { try $0.acknowledge(number, actor: actor, words: words, at: now) }
  }

  func writeRootCause(_ number: UInt64, actor: String, text: String) async throws -> IncidentReport {
    let report = try await person { try $0.writeRootCause(number, actor: actor, text: text, at: now) }
    let awaited = machine.awaitsPerson
    if incidents.holding == nil,
      awaited == .incidentOpen
        || report.incident.reasons.contains(awaited?.code ?? "")
    {
      carryOut(machine.handle(.release, at: now))
    }
    return report
  }

  func close(_ number: UInt64, actor: String, words: String?) async throws -> IncidentReport {
    try await person { try $0.close(number, actor: actor, words: words, at: now) }
  }

  /// Takes a person's step; answers once the journal has it.
  private func person(
    _ act: (inout IncidentRegister) throws -> IncidentEvent
  ) async throws -> IncidentReport {
    let step: IncidentEvent
    do {
      step = try act(&incidents)
    } catch let refusal as IncidentRegister.Refusal {
      throw OperationError.conflict(refusal.description)
    }
    submit(step)
    guard let incident = incidents[step.incident] else {
      throw OperationError.notFound("there is no incident \(step.incident)")
    }
    guard let command = lastCommand else { return IncidentReport(incident: incident, isJournaled: false) }
    let isJournaled = await controls.journaled(command, within: Self.stopDeadline)
    return IncidentReport(incident: incident, isJournaled: isJournaled)
  }
}

/// What became of a person's step.
public struct IncidentReport: Codable, Sendable {
  public var incident: Incident
  /// Whether the journal has it, so that a crash does not lose it.
  public var isJournaled: Bool

  enum CodingKeys: String, CodingKey {
    case incident
    case isJournaled = "journaled"
  }
}
