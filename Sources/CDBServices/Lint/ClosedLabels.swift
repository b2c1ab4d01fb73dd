import CDBDomain
import CDBGate
import CDBPipeline
import OpenMetrics
import StructuredLogging

/// Labels whose values the code names all, family by family. `cdb lint --metrics` holds a scrape against it.
enum ClosedLabels {
  /// Of the labels of a family that have closed values, what they are.
  static func values(
    of descriptor: MetricDescriptor, source: MetricVocabulary.Source
  ) -> [String: MetricVocabulary.ClosedValues] {
    // What a scrape shows of other labels is what happened so far, and not all that can.
    guard source == .catalogue else { return [:] }
    return descriptor.labels.reduce(into: [:]) { closed, label in
      guard let values = values(of: label, in: descriptor.name) else { return }
      closed[label] = MetricVocabulary.ClosedValues(values: values, source: .catalogue)
    }
  }

  private static let stages = Set(StageName.allCases.map(\.rawValue))
  private static let streams = Set(StreamName.allCases.map(\.rawValue))
  private static let riskLayers = Set(RiskLayerName.allCases.map(\.rawValue))
  private static let reasons = Set(ReasonCode.allCases.map(\.code))

  private static func values(of label: String, in family: String) -> Set<String>? {
    guard family.hasPrefix("cdb_") else { return nil }
    return switch (label, family) {
    case ("stage", _), ("group", _), ("from", _), ("to", _): stages
    // The first stage takes from the journal.
    case ("stream", _): streams.union(["journal"])
    case ("check", _): Set(GateCheck.allCases.map(\.rawValue))
    case ("side", _): Set(Side.allCases.map(\.code))
    case ("severity", _): Set(IncidentSeverity.allCases.map(\.rawValue))
    case ("decision", _): ["approved", "refused"]
    case ("outcome", "cdb_feed_snapshots"): ["ok", "failed"]
    case ("kind", "cdb_restarts"): ["planned", "unplanned"]
    case ("kind", "cdb_block_checkpoints"): ["late", "made", "planned"]
    case ("kind", "cdb_zero_activity_seconds"): Set(ActivityKind.allCases.map(\.rawValue))
    case ("layer", "cdb_risk_self_test"): riskLayers.union(["sane_order"])
    case ("layer", "cdb_incidents"): Set(Layer.allCases.map(\.rawValue)).union(["none"])
    case ("layer", "cdb_alerts"): [StageName.risk.rawValue, StageName.execution.rawValue]
    case ("layer", _): riskLayers
    case ("reason", "cdb_log_lines_dropped"): Set(LogDropReason.allCases.map(\.rawValue))
    case ("reason", "cdb_stage_events_dropped"), ("reason", "cdb_stage_events_absorbed"),
      ("reason", "cdb_risk_decisions"), ("reason", "cdb_feed_undecodable"), ("reason", "cdb_alerts"):
      reasons
    default: nil
    }
  }
}
