import CDBDomain
import CDBPipeline

// The form of an answer.
extension Diagnostician {
  func age(of instant: EventTime) -> Double {
    max(0, Double(now.nanoseconds &- instant.nanoseconds) / 1e9)
  }

  static func rounded(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

  /// The same for a German sentence.
  static func roundedDe(_ seconds: Double) -> String { DecimalText.localized(rounded(seconds), in: .de) }

  func answer(
    _ verdict: Verdict, en: String, de: String, layer: Layer? = nil, reason: ReasonCode,
    since: EventTime? = nil, evidence: [Evidence] = []
  ) -> Diagnosis {
    answer(
      verdict, en: en, de: de, layer: layer, reasonCode: reason.code, since: since, evidence: evidence)
  }

  func answer(
    _ verdict: Verdict, en: String, de: String, layer: Layer? = nil, reasonCode: String? = nil,
    since: EventTime? = nil, evidence: [Evidence] = []
  ) -> Diagnosis {
    Diagnosis(
      trading: verdict == .trading, verdict: verdict, summary: en, summaryDe: de, layer: layer,
      reason: reasonCode, sinceNs: since?.nanoseconds, evidence: evidence, stages: status.stages.map(report),
      refusals: Dictionary(
        status.tally.decisions.filter { !$0.key.approved }.map { ($0.key.reason.code, $0.value) }
          + status.tally.gateRefusals.map { ($0.key.code, $0.value) },
        uniquingKeysWith: +),
      profile: status.profile, gate: gate, asOfNs: now.nanoseconds)
  }

  private func report(_ stage: StageStatus) -> StageReport {
    StageReport(
      stage: stage.stage.rawValue, health: stage.health.rawValue, received: stage.sinceStart.received,
      emitted: stage.sinceStart.emittedByKind.total,
      dropped: Dictionary(
        uniqueKeysWithValues: stage.sinceStart.dropped.byReason.map { ($0.reason.code, $0.count) }),
      ageSeconds: stage.lastEventWall.map(age), failure: stage.failure,
      beganAnewSeconds: stage.beganAnewAt.map(age), unusableShare: unusableShare(of: stage.stage))
  }
}

extension StageName {
  /// The layer that a stage belongs to.
  public var layer: Layer {
    switch self {
    case .ws: .marketData
    case .core: .signal
    case .risk: .risk
    case .execution: .execution
    case .dbWriter: .database
    }
  }
}
