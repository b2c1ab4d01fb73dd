import CDBDomain
import CDBPipeline

@testable import CDBGate

/// Drives a machine of blocks on a clock of its own.
struct BlockDrive {
  static let second: Int64 = 1_000_000_000
  static let hour: Int64 = 3_600 * second
  static let plan = BlockPlan(duration: 72 * hour)
  static let person = "operator:http"

  var machine = BlockStateMachine()
  var now = EventTime(nanoseconds: 1_795_507_200_000_000_000)
  var events: [BlockEvent] = []
  var gate = Self.openGate()
  var incidents: [Incident] = []

  /// A gate that five passes have opened.
  static func openGate(without missing: GateCheck? = nil, in state: GateState = .open) -> GateReport {
    let start = EventTime(nanoseconds: 1_795_507_200_000_000_000)
    var report = GateReport(GateStateMachine(policy: GatePolicy(), observed: .closed, at: start), at: start)
    report.state = state
    for index in report.checks.indices where report.checks[index].check != missing {
      report.checks[index].outcome = .pass
    }
    return report
  }

  @discardableResult
  mutating func give(
    _ input: BlockStateMachine.Input, figures: BlockFigures = BlockFigures()
  ) throws(BlockRefusal) -> [BlockEvent] {
    let new = try machine.handle(input, figures: figures, at: now)
    events += new
    return new
  }

  mutating func start(_ plan: BlockPlan = Self.plan) throws(BlockRefusal) {
    try give(.start(actor: Self.person, plan, gate: gate, incidents: incidents))
  }

  mutating func pass(_ duration: Int64, every step: Int64 = 600 * second) {
    let end = now.advanced(by: duration)
    while now < end {
      now = min(end, now.advanced(by: step))
      _ = try? give(.tick)
    }
  }

  mutating func analyse() throws(BlockRefusal) {
    try give(.learned(actor: Self.person, BlockLessons(lessons: ["patience"])))
    try give(.reported(actor: Self.person, BlockSeal(judgement: .ok, files: ["report.md": "0"])))
  }

  var names: [String] { events.map(\.change.name) }

  /// What was refused, nil where nothing was.
  mutating func refusal(of input: BlockStateMachine.Input) -> BlockRefusal? {
    do {
      try give(input)
      return nil
    } catch {
      return error
    }
  }
}
