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
  /// Whether it has come to the end of what it takes in, has worked everything off, and is about to end; nil while it has not, and
  /// from earlier versions.
  public var ended: Bool?
  /// The settings that it was started with, as far as all processes of a pipeline must have the same; no secrets are among them.
  /// Nil from earlier versions.
  public var settings: [String: String]?

  /// So many cuts are told: a gate that asks once a second misses none.
  public static let keptCuts = 32

  enum CodingKeys: String, CodingKey {
    case stage, instance, at, status, cuts, partitions, holds, ended, settings
    case busFailure = "bus_failure"
    case standsBy = "stands_by"
  }

  public init(
    stage: StageName, instance: String, at: EventTime, status: PipelineStatus, cuts: [StageCut],
    busFailure: String?, standsBy: String? = nil, partitions: [UInt16]? = nil, holds: Bool = true,
    ended: Bool? = nil, settings: [String: String]? = nil
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
    self.ended = ended
    self.settings = settings
  }
}

extension ServicePart {
  /// Reads what earlier versions told, too.
  public init(from decoder: any Decoder) throws {
    let part = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      stage: try part.decode(StageName.self, forKey: .stage),
      instance: try part.decode(String.self, forKey: .instance),
      at: try part.decode(EventTime.self, forKey: .at),
      status: try part.decode(PipelineStatus.self, forKey: .status), cuts: try part.decode(.cuts, or: []),
      busFailure: try part.decodeIfPresent(String.self, forKey: .busFailure),
      standsBy: try part.decodeIfPresent(String.self, forKey: .standsBy),
      partitions: try part.decodeIfPresent([UInt16].self, forKey: .partitions),
      holds: try part.decode(.holds, or: true),
      ended: try part.decodeIfPresent(Bool.self, forKey: .ended),
      settings: try part.decodeIfPresent([String: String].self, forKey: .settings))
  }
}
