import CDBDomain
import CDBGate
import OpenMetrics
import Synchronization

/// Blocks as metrics.
enum BlockMetrics {
  static let number = MetricDescriptor(
    "cdb_block_number", type: .gauge, help: "The newest block; 0 before the first.", owner: "CDBGate")
  static let state = MetricDescriptor(
    "cdb_block_state", type: .stateset, help: "Where the newest block stands.",
    states: BlockState.allCases.map(\.rawValue), owner: "CDBGate")
  static let elapsed = MetricDescriptor(
    "cdb_block_elapsed_seconds", type: .gauge, help: "How long the newest block has lasted.", unit: "seconds",
    owner: "CDBGate")
  static let planned = MetricDescriptor(
    "cdb_block_planned_seconds", type: .gauge, help: "How long the newest block is to last.",
    unit: "seconds", owner: "CDBGate")
  static let checkpoints = MetricDescriptor(
    "cdb_block_checkpoints", type: .gauge,
    help: "Checkpoints of the newest block: planned, made, and made late.", labels: ["kind"],
    owner: "CDBGate")
  static let all = [number, state, elapsed, planned, checkpoints]
}

/// The newest block as it was last seen, for scrapes and for those who cannot wait for an actor.
final class BlockBoard: MetricCollector, Sendable {
  private let latest = Mutex<BlockStatus?>(nil)
  private let whileRunning: @Sendable (Int?) -> Void

  /// - Parameter whileRunning: hears the number of the block that runs, nil where none does.
  init(whileRunning: @escaping @Sendable (Int?) -> Void = { _ in }) { self.whileRunning = whileRunning }

  func update(_ status: BlockStatus) {
    latest.withLock { $0 = status }
    whileRunning(status.state == .running ? status.block : nil)
  }

  /// Nil before the blocks of before are known.
  var status: BlockStatus? { latest.withLock { $0 } }

  var descriptors: [MetricDescriptor] { BlockMetrics.all }

  func collect() throws -> [MetricFamily] {
    guard let status else { return [] }
    let made = status.checkpoints.filter(\.isMade)
    let counts = [
      ("late", made.count { $0.lateSeconds > 0 }), ("made", made.count),
      ("planned", status.checkpoints.count),
    ]
    return [
      try .gauge(BlockMetrics.number, [([], Double(status.block))]),
      try .stateSet(BlockMetrics.state, [([], [status.state.rawValue])]),
      try .gauge(BlockMetrics.elapsed, [([], status.elapsedSeconds)]),
      try .gauge(BlockMetrics.planned, [([], status.plannedSeconds)]),
      try .gauge(BlockMetrics.checkpoints, counts.map { ([$0.0], Double($0.1)) }),
    ]
  }
}
