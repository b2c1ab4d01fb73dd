import CDBDomain

/// What one process of a pipeline that runs as several says of itself: its part of ``PipelineStatus``, and the newest cuts
/// of its stage. The gate service gathers the parts of all.
public struct ServicePart: Sendable, Codable {
  /// The stage that the process runs.
  public var stage: StageName
  /// Tells this process from the one before it and the one beside it: a new one with each start.
  public var instance: String
  /// When it was written, by the wall clock of the process's machine.
  public var at: EventTime
  /// What the process knows. Of other stages it has nothing but names.
  public var status: PipelineStatus
  /// What the stage noted at the newest barriers, the oldest first; at most ``keptCuts``.
  public var cuts: [StageCut]
  /// What keeps the process from its bus, in words; nil while it has it.
  public var busFailure: String?
  /// Whose streams the process waits for to take over from, in words; nil while it has its own.
  public var standsBy: String?
  /// The partitions that the process is to take, where processes share the stage by them; nil for all that there are.
  public var partitions: [UInt16]?
  /// Whether it has them: its edges are open, and nobody else's.
  public var holds: Bool

  /// So many cuts are told: a gate that asks once a second misses none.
  public static let keptCuts = 32

  enum CodingKeys: String, CodingKey {
    case stage, instance, at, status, cuts, partitions, holds
    case busFailure = "bus_failure"
    case standsBy = "stands_by"
  }

  public init(
    stage: StageName, instance: String, at: EventTime, status: PipelineStatus, cuts: [StageCut],
    busFailure: String?, standsBy: String? = nil, partitions: [UInt16]? = nil, holds: Bool = true
  ) {
    self.stage = stage
    self.instance = instance
    self.at = at
    self.status = status
    self.cuts = cuts
    self.busFailure = busFailure
    self.standsBy = standsBy
    self.partitions = partitions
    self.holds = holds
  }
}
