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
  /// The partitions that the cut is of, where several processes share the stage: numbers of others mean nothing. Nil for all.
  public var partitions: [UInt16]?

  public init(
    stage: StageName, barrier: UInt64, ledger: NodeLedger, inFlight: UInt64,
    accepted: [StreamName: [UInt64]], emitted: [StreamName: [UInt64]],
    underway: [StreamName: UInt64] = [:], partitions: [UInt16]? = nil
  ) {
    self.stage = stage
    self.barrier = barrier
    self.ledger = ledger
    self.inFlight = inFlight
    self.accepted = accepted
    self.emitted = emitted
    self.underway = underway
    self.partitions = partitions
  }

  /// Whether its numbers of a partition mean something.
  func isOf(_ partition: UInt16) -> Bool { partitions?.contains(partition) ?? true }

  /// Whether it is of a partition that another one is of too.
  fileprivate func overlaps(_ other: StageCut) -> Bool {
    guard let partitions, let others = other.partitions else { return true }
    return !Set(partitions).isDisjoint(with: others)
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

/// Collects the stages' cuts and balances each barrier when its last one arrived. A stage that several processes share has
/// passed a barrier when all of its partitions have.
public struct FlowAudit: Sendable {
  private var open: [UInt64: [StageName: [StageCut]]] = [:]
  /// The newest barrier that was balanced.
  private var balanced: UInt64 = 0
  private let limit: Int

  /// - Parameter limit: so many barriers may wait for a stage; of more the oldest are given up.
  public init(keeping limit: Int = .max) { self.limit = limit }

  /// Takes a cut; returns the barrier's report once every stage has passed it. Each barrier is balanced once: a cut of one
  /// that was, or of an earlier one, changes nothing.
  public mutating func add(_ cut: StageCut) -> FlowReport? {
    guard cut.barrier > balanced else { return nil }
    var ofStage = open[cut.barrier]?[cut.stage] ?? []
    ofStage.removeAll { $0.overlaps(cut) }
    ofStage.append(cut)
    open[cut.barrier, default: [:]][cut.stage] = ofStage
    guard let cuts = open[cut.barrier], Self.isComplete(cuts) else {
      if open.count > limit, let oldest = open.keys.min() { open[oldest] = nil }
      return nil
    }
    balanced = cut.barrier
    open = open.filter { $0.key > cut.barrier }
    return Self.balance(cuts, barrier: cut.barrier)
  }

  private static func isComplete(_ cuts: [StageName: [StageCut]]) -> Bool {
    StageName.allCases.allSatisfy { stage in
      guard let ofStage = cuts[stage], !ofStage.isEmpty else { return false }
      let input = StreamName.allCases.first { $0.ends.to == stage && $0 != .feedback }
      // What the stage before has emitted into has passed here too.
      let partitions = input.flatMap { cuts[$0.ends.from]?.emitted(on: $0).count } ?? 0
      return (0..<UInt16(clamping: partitions)).allSatisfy { partition in
        ofStage.contains { $0.isOf(partition) }
      }
    }
  }

  /// Gives up the cuts of a stage that begins again: it will pass what is open once more.
  ///
  /// - Parameter partitions: those that begin again; nil for all.
  public mutating func forget(_ stage: StageName, partitions: [UInt16]? = nil) {
    for barrier in open.keys {
      open[barrier]?[stage]?.removeAll { cut in partitions.map { $0.contains(where: cut.isOf) } ?? true }
    }
  }

  /// Balances a complete set of cuts, one a stage.
  public static func balance(_ cuts: [StageName: StageCut], barrier: UInt64) -> FlowReport {
    balance(cuts.mapValues { [$0] }, barrier: barrier)
  }

  /// Balances a complete set of cuts. The books of each process have to balance by themselves.
  static func balance(_ cuts: [StageName: [StageCut]], barrier: UInt64) -> FlowReport {
    var imbalances: [Imbalance] = []
    for cut in StageName.allCases.flatMap({ cuts[$0] ?? [] }) {
      let difference =
        Int64(bitPattern: cut.ledger.received)
        &- Int64(bitPattern: cut.ledger.accountedFor &+ cut.inFlight)
      if difference != 0 { imbalances.append(.node(cut.stage, difference)) }
    }
    for stream in StreamName.allCases {
      let ends = stream.ends
      let emitted = cuts[ends.from]?.emitted(on: stream) ?? []
      let accepted = cuts[ends.to]?.accepted(on: stream) ?? []
      for partition in 0..<max(emitted.count, accepted.count) {
        let out = partition < emitted.count ? emitted[partition] : 0
        let into = partition < accepted.count ? accepted[partition] : 0
        let underway =
          partition == 0 ? cuts[ends.from]?.reduce(0) { $0 &+ ($1.underway[stream] ?? 0) } ?? 0 : 0
        let difference = Int64(bitPattern: out) &- Int64(bitPattern: into &+ underway)
        if difference != 0 {
          imbalances.append(.edge(stream, partition: UInt16(partition), difference))
        }
      }
    }
    return FlowReport(barrier: barrier, imbalances: imbalances)
  }
}

extension [StageCut] {
  /// Of one stage: per partition, the number of the last event emitted.
  fileprivate func emitted(on stream: StreamName) -> [UInt64] { numbers { $0.emitted[stream] ?? [] } }

  /// Of one stage: per partition, the number of the last event accepted.
  fileprivate func accepted(on stream: StreamName) -> [UInt64] { numbers { $0.accepted[stream] ?? [] } }

  /// Each partition's number from the cut that is of it.
  private func numbers(_ of: (StageCut) -> [UInt64]) -> [UInt64] {
    var result: [UInt64] = []
    for cut in self {
      let numbers = of(cut)
      result += repeatElement(0, count: Swift.max(0, numbers.count - result.count))
      for (partition, number) in numbers.enumerated() where cut.isOf(UInt16(clamping: partition)) {
        result[partition] = number
      }
    }
    return result
  }
}
