import CDBDomain

/// The whole pipeline at an instant.
public struct PipelineStatus: Sendable, Codable {
  public var startedAt: EventTime
  public var profile: String
  public var fingerprint: String
  public var symbols: [String]
  public var feed: FeedStatus
  public var stages: [StageStatus]
  public var account: AccountStatus?
  public var gate: GateStatus?
  public var flow: FlowReport?
  public var checkpoint: CheckpointManifest?
  public var checkpointFailure: String?
  public var tally: OrderPathTally
  /// How near the strategies have come to a signal since the last one, the nearest first.
  public var nearness: [StrategyNearness] = []
  public var notices: [String]
  /// Frames that earlier runs accepted and this one did not work off again.
  public var framesBefore: UInt64
  /// Where this run went on; nil where the data directory was new.
  public var resumption: Resumption?
  /// Why the pipeline ended before its input did; nil while it runs, or where it did not.
  public var failure: String?
  /// What of the journal cannot be read, and nothing that runs needs.
  public var journalDamage: [JournalDamage] = []
  /// Which of the processes that run the stages were started with other settings than ws; none where they run in this one.
  public var configurations: [ConfigurationDifference] = []

  /// Frames accepted since the data directory began: what ws received but for ticks and controls.
  public var framesInTotal: UInt64 { framesBefore &+ feed.frames }

  public func stage(_ name: StageName) -> StageStatus? { stages.first { $0.stage == name } }
}

extension PipelineStatus {
  /// Reads what earlier versions told, too: what they did not have is as they had it.
  public init(from decoder: any Decoder) throws {
    let status = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      startedAt: try status.decode(EventTime.self, forKey: .startedAt),
      profile: try status.decode(.profile, or: ""),
      fingerprint: try status.decode(.fingerprint, or: ""),
      symbols: try status.decode([String].self, forKey: .symbols),
      feed: try status.decode(FeedStatus.self, forKey: .feed),
      stages: try status.decode([StageStatus].self, forKey: .stages),
      account: try status.decodeIfPresent(AccountStatus.self, forKey: .account),
      gate: try status.decodeIfPresent(GateStatus.self, forKey: .gate),
      flow: try status.decodeIfPresent(FlowReport.self, forKey: .flow),
      checkpoint: try status.decodeIfPresent(CheckpointManifest.self, forKey: .checkpoint),
      checkpointFailure: try status.decodeIfPresent(String.self, forKey: .checkpointFailure),
      tally: try status.decode(OrderPathTally.self, forKey: .tally),
      nearness: try status.decode(.nearness, or: []),
      notices: try status.decode(.notices, or: []), framesBefore: try status.decode(.framesBefore, or: 0),
      resumption: try status.decodeIfPresent(Resumption.self, forKey: .resumption),
      failure: try status.decodeIfPresent(String.self, forKey: .failure),
      journalDamage: try status.decode(.journalDamage, or: []),
      configurations: try status.decode(.configurations, or: []))
  }
}

extension KeyedDecodingContainer {
  /// What a key says, or what it is for a version that did not have the key.
  func decode<Value: Decodable>(_ key: Key, or absent: @autoclosure () -> Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? absent()
  }
}
