import CDBDomain
import CDBPipeline

// Reads what services of earlier versions answer too: what they did not have is as they had it.

extension Diagnosis {
  public init(from decoder: any Decoder) throws {
    let answer = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      trading: try answer.decode(Bool.self, forKey: .trading),
      verdict: try answer.decode(Verdict.self, forKey: .verdict),
      summary: try answer.decode(String.self, forKey: .summary),
      summaryDe: try answer.decodeIfPresent(String.self, forKey: .summaryDe)
        ?? answer.decode(String.self, forKey: .summary),
      layer: try answer.decodeIfPresent(Layer.self, forKey: .layer),
      reason: try answer.decodeIfPresent(String.self, forKey: .reason),
      sinceNs: try answer.decodeIfPresent(Int64.self, forKey: .sinceNs),
      evidence: try answer.decode([Evidence].self, forKey: .evidence),
      isCauseKnown: try answer.decodeIfPresent(Bool.self, forKey: .isCauseKnown) ?? true,
      cause: try answer.decodeIfPresent(String.self, forKey: .cause),
      causeDe: try answer.decodeIfPresent(String.self, forKey: .causeDe),
      hypotheses: try answer.decodeIfPresent([Hypothesis].self, forKey: .hypotheses) ?? [],
      behind: try answer.decodeIfPresent([BrokenBehind].self, forKey: .behind) ?? [],
      remarks: try answer.decodeIfPresent(KnownRemarks.self, forKey: .remarks)?.remarks ?? [],
      layers: try answer.decodeIfPresent([LayerReport].self, forKey: .layers) ?? [],
      stages: try answer.decode([StageReport].self, forKey: .stages),
      refusals: try answer.decodeIfPresent([String: UInt64].self, forKey: .refusals) ?? [:],
      profile: try answer.decodeIfPresent(String.self, forKey: .profile) ?? "",
      gate: try answer.decodeIfPresent(GateReport.self, forKey: .gate),
      zeroActivity: try answer.decodeIfPresent(ZeroActivityReport.self, forKey: .zeroActivity),
      incidents: try answer.decodeIfPresent([IncidentReference].self, forKey: .incidents) ?? [],
      asOfNs: try answer.decode(Int64.self, forKey: .asOfNs))
  }
}

/// The remarks of an answer whose kinds are known here: those of a later version are its own to tell.
private struct KnownRemarks: Decodable {
  var remarks: [Remark] = []

  private struct Candidate: Decodable {
    var remark: Remark?
    init(from decoder: any Decoder) throws {
      let kind = try decoder.container(keyedBy: Remark.CodingKeys.self).decode(String.self, forKey: .kind)
      remark = Remark.Kind(rawValue: kind) == nil ? nil : try Remark(from: decoder)
    }
  }

  init(from decoder: any Decoder) throws {
    remarks = try decoder.singleValueContainer().decode([Candidate].self).compactMap(\.remark)
  }
}

extension IncidentReference {
  public init(from decoder: any Decoder) throws {
    let incident = try decoder.container(keyedBy: CodingKeys.self)
    number = try incident.decode(UInt64.self, forKey: .number)
    severity = try incident.decode(IncidentSeverity.self, forKey: .severity)
    state = try incident.decode(Incident.State.self, forKey: .state)
    layer = try incident.decodeIfPresent(Layer.self, forKey: .layer)
    reason = try incident.decode(String.self, forKey: .reason)
    reasons = try incident.decodeIfPresent([String].self, forKey: .reasons) ?? [reason]
    isOver = try incident.decodeIfPresent(Bool.self, forKey: .isOver) ?? false
  }
}

extension Incident {
  public init(from decoder: any Decoder) throws {
    let incident = try decoder.container(keyedBy: CodingKeys.self)
    number = try incident.decode(UInt64.self, forKey: .number)
    state = try incident.decode(State.self, forKey: .state)
    severity = try incident.decode(IncidentSeverity.self, forKey: .severity)
    layer = try incident.decodeIfPresent(Layer.self, forKey: .layer)
    reason = try incident.decode(String.self, forKey: .reason)
    reasons = try incident.decodeIfPresent([String].self, forKey: .reasons) ?? [reason]
    isCauseKnown = try incident.decodeIfPresent(Bool.self, forKey: .isCauseKnown) ?? true
    holdsGate = try incident.decodeIfPresent(Bool.self, forKey: .holdsGate) ?? true
    summary = try incident.decode(String.self, forKey: .summary)
    summaryDe = try incident.decodeIfPresent(String.self, forKey: .summaryDe) ?? summary
    openedNs = try incident.decode(Int64.self, forKey: .openedNs)
    endedNs = try incident.decodeIfPresent(Int64.self, forKey: .endedNs)
    occurrences = try incident.decodeIfPresent(Int.self, forKey: .occurrences) ?? 1
    rootCause = try incident.decodeIfPresent(String.self, forKey: .rootCause)
    evidence = try incident.decodeIfPresent([Evidence].self, forKey: .evidence) ?? []
    files = try incident.decodeIfPresent([EvidenceFile].self, forKey: .files) ?? []
    history = try incident.decodeIfPresent([Entry].self, forKey: .history) ?? []
  }
}
