import CDBDomain
import CDBPipeline
import OpenMetrics

/// The processes of a pipeline that runs as several, as the gate service hears of them.
enum ProcessMetrics {
  /// The state of a process that is well.
  private static let well = "answers"

  static let state = MetricDescriptor(
    "cdb_process_state", type: .stateset,
    help: "How the process of a stage is, as the gate service hears of it.",
    labels: ["stage"], states: [well] + StageOutage.Kind.allCases.map(\.rawValue), owner: "CDBServices")
  static let all = [state]

  static func state(of stage: StageStatus) -> String { stage.outage?.kind.rawValue ?? well }
}

/// Reads them off the board.
struct ServiceProcessCollector: MetricCollector {
  let board: PipelineBoard

  var descriptors: [MetricDescriptor] { ProcessMetrics.all }

  func collect() throws -> [MetricFamily] {
    let stages = board.status().stages
    return [
      try .stateSet(
        ProcessMetrics.state, stages.map { ([$0.stage.rawValue], [ProcessMetrics.state(of: $0)]) })
    ]
  }
}
