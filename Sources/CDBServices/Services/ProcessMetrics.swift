import CDBDomain
import CDBPipeline
import OpenMetrics

/// The processes of a pipeline that runs as several, as the gate service hears of them.
enum ProcessMetrics {
  static let state = MetricDescriptor(
    "cdb_process_state", type: .stateset,
    help: "How a process of a stage is, as the gate service hears of it at the address that is asked.",
    labels: ["stage", "process"], states: ProcessStatus.State.allCases.map(\.rawValue), owner: "CDBServices")
  static let all = [state]
}

/// Reads them off the board.
struct ServiceProcessCollector: MetricCollector {
  let board: PipelineBoard

  var descriptors: [MetricDescriptor] { ProcessMetrics.all }

  func collect() throws -> [MetricFamily] {
    let stages = board.status().stages
    return [
      try .stateSet(
        ProcessMetrics.state,
        stages.flatMap { stage in
          (stage.processes ?? []).map { ([stage.stage.rawValue, $0.address], [$0.state.rawValue]) }
        })
    ]
  }
}
