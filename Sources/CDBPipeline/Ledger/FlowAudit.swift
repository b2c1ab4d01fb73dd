import CDBDomain

/// What one stage noted as a barrier passed.
public struct StageCut: Sendable, Codable {
  public var stage: StageName
  public var barrier: UInt64
  public var ledger: NodeLedger
  /// Events received whose fate is not decided at the cut.
  public var inFlight: UInt64
  /// Per edge into the stage and partition, the number of the last event accepted.
  public var accepted: [StreamName: [UInt64]]
  /// Per edge out of the stage and partition, the number of the last event emitted.
  public var emitted: [StreamName: [UInt64]]
  /// Per edge out of the stage, events emitted that the other end takes only after this cut.
  public var underway: [StreamName: UInt64]

  public init(
    stage: StageName, barrier: UInt64, ledger: NodeLedger, inFlight: UInt64,
    accepted: [StreamName: [UInt64]], emitted: [StreamName: [UInt64]],
    underway: [StreamName: UInt64] = [:]
  ) {
    self.stage = stage
    self.barrier = barrier
    self.ledger = ledger
    self.inFlight = inFlight
    self.accepted = accepted
    self.emitted = emitted
    self.underway = underway
  }
}

/// A place where the books do not balance.
public enum Imbalance: Sendable, Hashable, Codable, CustomStringConvertible {
  /// received − (acted + absorbed + dropped + in flight) of a stage is not zero.
  case node(StageName, Int64)
  /// emitted − accepted of an edge and partition is not zero.
  case edge(StreamName, partition: UInt16, Int64)

  public var events: Int64 {
    switch self {
    case .node(_, let events), .edge(_, _, let events): events
    }
  }

  public var description: String {
    switch self {
    case .node(let stage, let events):
      "stage \(stage.rawValue): \(events) events received and not accounted for"
    case .edge(let stream, let partition, let events):
      "edge \(stream.ends.from.rawValue) → \(stream.ends.to.rawValue), partition \(partition): "
        + "\(events.magnitude) events \(events > 0 ? "lost" : "doubled")"
    }
  }
}

/// The balance at one barrier.
public struct FlowReport: Sendable, Codable {
  public var barrier: UInt64
  public var imbalances: [Imbalance]
  public var isBalanced: Bool { imbalances.isEmpty }
}

/// Collects the stages' cuts and balances each barrier when its last one arrived.
public struct FlowAudit: Sendable {
  private var open: [UInt64: [StageName: StageCut]] = [:]
  /// The newest barrier that was balanced.
  private var balanced: UInt64 = 0
  private let limit: Int

  /// - Parameter limit: so many barriers may wait for a stage; of more the oldest are given up.
  public init(keeping limit: Int = .max) { self.limit = limit }

  /// Takes a cut; returns the barrier's report once every stage has passed it. Each barrier is balanced once: a cut of one
  /// that was, or of an earlier one, changes nothing.
  public mutating func add(_ cut: StageCut) -> FlowReport? {
    guard cut.barrier > balanced else { return nil }
    open[cut.barrier, default: [:]][cut.stage] = cut
    guard let cuts = open[cut.barrier], cuts.count == StageName.allCases.count else {
      if open.count > limit, let oldest = open.keys.min() { open[oldest] = nil }
      return nil
    }
    balanced = cut.barrier
    open = open.filter { $0.key > cut.barrier }
    return Self.balance(cuts, barrier: cut.barrier)
  }

  /// Gives up the cuts of a stage that begins again: it will pass what is open once more.
  public mutating func forget(_ stage: StageName) {
    for barrier in open.keys { open[barrier]?[stage] = nil }
  }

  /// Balances a complete set of cuts.
  public static func balance(_ cuts: [StageName: StageCut], barrier: UInt64) -> FlowReport {
    var imbalances: [Imbalance] = []
    for stage in StageName.allCases {
      guard let cut = cuts[stage] else { continue }
      let difference =
        Int64(bitPattern: cut.ledger.received)
        &- Int64(bitPattern: cut.ledger.accountedFor &+ cut.inFlight)
      if difference != 0 { imbalances.append(.node(stage, difference)) }
    }
    for stream in StreamName.allCases {
      let ends = stream.ends
      let emitted = cuts[ends.from]?.emitted[stream] ?? []
      let accepted = cuts[ends.to]?.accepted[stream] ?? []
      for partition in 0..<max(emitted.count, accepted.count) {
        let out = partition < emitted.count ? emitted[partition] : 0
        let into = partition < accepted.count ? accepted[partition] : 0
        let underway = partition == 0 ? cuts[ends.from]?.underway[stream] ?? 0 : 0
        let difference = Int64(bitPattern: out) &- Int64(bitPattern: into &+ underway)
        if difference != 0 {
          imbalances.append(.edge(stream, partition: UInt16(partition), difference))
        }
      }
    }
    return FlowReport(barrier: barrier, imbalances: imbalances)
  }
}
