import CDBDomain
import Synchronization

/// The feed as ws sees it.
public struct FeedStatus: Sendable, Codable {
  /// From one frame to the next, after which the flow of frames counts as begun anew. Nanoseconds.
  static let longestPause: Int64 = 5_000_000_000

  public var frames: UInt64 = 0
  /// When ws last worked on a frame, by the wall clock.
  public var lastFrameWall: EventTime?
  /// Since when frames have come without a pause of ``longestPause`` or more, by the wall clock.
  public var flowingSinceWall: EventTime?
  /// When a price last moved, by the wall clock; nil before the first price.
  public var lastMoveWall: EventTime?
  /// The newest price change that ws has seen, in event time.
  var lastMove: EventTime?
  public var skewNanoseconds: Int64 = 0
  /// How long the newest message with a time of the exchange's was on its way, by both clocks; nil before the first.
  public var delayNanoseconds: Int64?
  /// This machine's clock minus the exchange's time of that message, whatever the skew; nil before the first.
  public var offsetNanoseconds: Int64?
  /// By instrument symbol.
  public var tradeGaps: [String: UInt64] = [:]
  public var bookGaps: [String: UInt64] = [:]
  /// Journal and source trouble, in words; nil while there is none.
  public var failure: String?
  public var isConnected = false
  /// Whether the feed is a market that lives, and not a recording.
  public var isLive = false
  /// How often the source failed.
  public var faults: UInt64 = 0
  /// The symbols whose books wait for a snapshot that somebody has to ask for.
  public var unsynchronised: [String] = []
  /// Of a feed that comes over a connection; nil for all others.
  public var connection: FeedConnection?

  /// Whether a recording has come to its end.
  public var hasEnded: Bool { !isConnected && frames > 0 && !isLive }
}

extension FeedStatus {
  /// Reads what earlier versions told, too.
  public init(from decoder: any Decoder) throws {
    let feed = try decoder.container(keyedBy: CodingKeys.self)
    frames = try feed.decode(UInt64.self, forKey: .frames)
    lastFrameWall = try feed.decodeIfPresent(EventTime.self, forKey: .lastFrameWall)
    flowingSinceWall = try feed.decodeIfPresent(EventTime.self, forKey: .flowingSinceWall)
    lastMoveWall = try feed.decodeIfPresent(EventTime.self, forKey: .lastMoveWall)
    lastMove = try feed.decodeIfPresent(EventTime.self, forKey: .lastMove)
    skewNanoseconds = try feed.decode(.skewNanoseconds, or: 0)
    delayNanoseconds = try feed.decodeIfPresent(Int64.self, forKey: .delayNanoseconds)
    offsetNanoseconds = try feed.decodeIfPresent(Int64.self, forKey: .offsetNanoseconds)
    tradeGaps = try feed.decode(.tradeGaps, or: [:])
    bookGaps = try feed.decode(.bookGaps, or: [:])
    failure = try feed.decodeIfPresent(String.self, forKey: .failure)
    isConnected = try feed.decode(Bool.self, forKey: .isConnected)
    isLive = try feed.decode(.isLive, or: false)
    faults = try feed.decode(.faults, or: 0)
    unsynchronised = try feed.decode(.unsynchronised, or: [])
    connection = try feed.decodeIfPresent(FeedConnection.self, forKey: .connection)
  }
}

/// The account as risk sees it.
public struct AccountStatus: Sendable, Codable {
  public var name: String
  public var cash: Money
  public var equity: Money
  public var startingCash: Money
  public var fees: Money
  public var peakEquity: Money
  public var exposure: Money
  public var openOrders: Int
  public var openOrderIDs: [EventID]
  /// Fills booked since the account began.
  public var fills: Int
  public var positions: [PositionStatus]
  public var killSwitch: String?
  public var tradingState = TradingState.active
  /// The layers that refuse at the moment, in order.
  public var tripped: [TrippedLayer] = []
  /// Every layer's figure and limit as risk last looked at them.
  public var layers: [LayerStanding] = []
  /// What the layers last proved of themselves; nil before the first self-test.
  public var selfTest: RiskSelfTestReport?
  /// The shadow account of probes; nil where the account is not known.
  public var canaryState: TradingState?
}

extension AccountStatus {
  /// Reads what earlier versions told, too.
  public init(from decoder: any Decoder) throws {
    let account = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try account.decode(String.self, forKey: .name),
      cash: try account.decode(Money.self, forKey: .cash),
      equity: try account.decode(Money.self, forKey: .equity),
      startingCash: try account.decode(Money.self, forKey: .startingCash),
      fees: try account.decode(Money.self, forKey: .fees),
      peakEquity: try account.decode(Money.self, forKey: .peakEquity),
      exposure: try account.decode(Money.self, forKey: .exposure),
      openOrders: try account.decode(Int.self, forKey: .openOrders),
      openOrderIDs: try account.decode(.openOrderIDs, or: []), fills: try account.decode(.fills, or: 0),
      positions: try account.decode([PositionStatus].self, forKey: .positions),
      killSwitch: try account.decodeIfPresent(String.self, forKey: .killSwitch),
      tradingState: try account.decode(.tradingState, or: .active),
      tripped: try account.decode(.tripped, or: []),
      layers: try account.decode(.layers, or: []),
      selfTest: try account.decodeIfPresent(RiskSelfTestReport.self, forKey: .selfTest),
      canaryState: try account.decodeIfPresent(TradingState.self, forKey: .canaryState))
  }
}

/// The gate as execution sees it: what it lets through.
public struct GateStatus: Sendable, Codable, Equatable {
  public var state: GateState
  /// Whether orders need an open gate at all.
  public var enforced: Bool
  /// Since when, in event time; nil where the directory began in that state.
  public var since: EventTime?
}

/// What is held of one instrument.
public struct PositionStatus: Sendable, Codable {
  public var symbol: String
  public var quantity: Quantity
  /// Digits after the point of the quantity.
  public var scale: Int
  public var mark: Price?
  public var priceScale: Int

  /// For gauges and pictures; never for books.
  public var approximate: Double {
    Double(quantity.mantissa) / Double(DecimalText.powerOfTen(scale))
  }
}

/// What everyone may know of the running pipeline.
public final class PipelineBoard: Sendable {
  struct State: Sendable {
    var feed = FeedStatus()
    var account: AccountStatus?
    var lastReport: FlowReport?
    var checkpoint: CheckpointManifest?
    var checkpointFailure: String?
    var tally = OrderPathTally()
    var nearness = NearnessRecord()
    var gate: GateStatus?
    var configuration: PipelineConfiguration?
    var fingerprint = ""
    var notices: [String] = []
    var journalDamage: [JournalDamage] = []
    var framesBefore: UInt64 = 0
    var resumption: Resumption?
    var pipelineFailure: String?
    var journaling: Journaling?
  }

  /// A batch that the journal was given and has not taken yet.
  struct Journaling: Sendable {
    /// What the journal takes at once has not waited. Nanoseconds.
    static let patience: UInt64 = 1_000_000_000

    var records: Int
    /// Monotonic nanoseconds.
    var since: UInt64
  }

  public let startedAt: EventTime
  public let monitors: [StageName: StageMonitor]
  private let state = Mutex(State())
  /// The number of the block that runs; 0 while none does.
  private let runningBlock = Atomic<Int>(0)
  /// What other processes say of themselves; nil where the stages run in this one.
  let gathering: Mutex<ServiceGathering?>
  let clock: PipelineClock

  /// A board of stages that run in other processes: it shows what ``take(_:from:)`` is given.
  ///
  /// - Parameter processes: by stage, the addresses of those that are asked.
  public init(gatheringBy clock: PipelineClock = .process, asking processes: [StageName: [String]] = [:]) {
    startedAt = clock.wall()
    monitors = [:]
    self.clock = clock
    gathering = Mutex(
      ServiceGathering(wall: startedAt, monotonic: clock.monotonic(), asking: processes))
  }

  init(thresholds: HealthThresholds, startedAt: EventTime) {
    self.startedAt = startedAt
    clock = .process
    gathering = Mutex(nil)
    monitors = Dictionary(
      uniqueKeysWithValues: StageName.allCases.map { ($0, StageMonitor(stage: $0, thresholds: thresholds)) })
  }

  func monitor(_ stage: StageName) -> StageMonitor {
    // Every stage has one: the dictionary is made from all cases.
    monitors[stage] ?? StageMonitor(stage: stage, thresholds: HealthThresholds())
  }

  func configured(_ configuration: PipelineConfiguration, fingerprint: String) {
    state.withLock {
      $0.configuration = configuration
      $0.fingerprint = fingerprint
    }
  }

  func balanced(_ report: FlowReport) { state.withLock { $0.lastReport = report } }

  func checkpointed(_ manifest: CheckpointManifest) {
    state.withLock {
      $0.checkpoint = manifest
      $0.checkpointFailure = nil
    }
  }

  func checkpointFailed(_ reason: String) { state.withLock { $0.checkpointFailure = reason } }
  func updateFeed(_ change: (inout FeedStatus) -> Void) { state.withLock { change(&$0.feed) } }
  func updateAccount(_ account: AccountStatus) { state.withLock { $0.account = account } }
  /// Takes over how near each instrument's strategies are to a signal.
  func noteNearness(_ stages: some Sequence<CoreStage>) {
    state.withLock { state in
      for stage in stages { state.nearness.note(stage.strategies.nearness, of: stage.instrument) }
    }
  }
  /// A batch goes to the journal; nil when the journal has taken or refused it.
  func journals(_ batch: Journaling?) { state.withLock { $0.journaling = batch } }

  /// The batch that waits for the journal for longer than ``Journaling/patience``; nil while none does.
  func heldByJournal(at now: UInt64) -> Journaling? {
    let journaling = state.withLock { $0.journaling }
    guard let journaling, journaling.since < now, now - journaling.since >= Journaling.patience else {
      return nil
    }
    return journaling
  }

  func updateGate(_ gate: GateStatus) { state.withLock { $0.gate = gate } }
  /// - Parameter earlier: the last record of the journal that this process did not write.
  func committed(_ envelopes: [Envelope], wall: Int64, after earlier: UInt64) {
    state.withLock { state in
      for envelope in envelopes {
        if envelope.origin > earlier {
          state.tally.add(envelope, wall: wall)
          if case .signal(let signal) = envelope.event { state.nearness.forget(signal) }
        } else {
          state.tally.addEarlier(envelope)
        }
      }
    }
  }
  func resumed(_ resumption: Resumption?, after frames: UInt64) {
    state.withLock {
      $0.resumption = resumption
      $0.framesBefore = frames
    }
  }

  /// Notes that a stage could not go on and the pipeline has ended.
  public func failed(_ reason: String) { state.withLock { $0.pipelineFailure = reason } }

  /// Why the pipeline ended before its input did; nil while it runs, or where it did not.
  public var pipelineFailure: String? { state.withLock { $0.pipelineFailure } }

  /// Keeps what a person has to be told; the same words once.
  func notice(_ text: String) {
    state.withLock { if !$0.notices.contains(text) { $0.notices.append(text) } }
  }

  /// Keeps what of the journal cannot be read and is not needed.
  func damaged(_ parts: [JournalDamage]) { state.withLock { $0.journalDamage = parts } }

  /// The journal was shortened: what is gone from it is no damage any more.
  func journalBegins(at first: UInt64) {
    state.withLock { $0.journalDamage.removeAll { ($0.lastLost ?? .max) < first } }
  }

  /// The block that runs, for the lines of the log; nil while none does.
  public var block: Int? {
    let number = runningBlock.load(ordering: .relaxed)
    return number > 0 ? number : nil
  }

  public func runs(block: Int?) { runningBlock.store(block ?? 0, ordering: .relaxed) }

  /// The symbols whose books wait for a snapshot.
  public var unsynchronisedSymbols: [String] { state.withLock { $0.feed.unsynchronised } }

  /// The state of everything, for a report. Cheap: a few locks, each held for a copy.
  public func status() -> PipelineStatus {
    let state = state.withLock { $0 }
    if var gathered {
      gathered.notices += state.notices.filter { !gathered.notices.contains($0) }
      gathered.failure = gathered.failure ?? state.pipelineFailure
      return gathered
    }
    let symbols = state.configuration?.instruments.instruments.map(\.symbol) ?? []
    return PipelineStatus(
      startedAt: startedAt, profile: state.configuration?.profile ?? "",
      fingerprint: state.fingerprint,
      symbols: symbols, feed: state.feed,
      stages: StageName.allCases.compactMap { monitors[$0]?.status }, account: state.account,
      gate: state.gate, flow: state.lastReport, checkpoint: state.checkpoint,
      checkpointFailure: state.checkpointFailure,
      tally: state.tally, nearness: state.nearness.report(symbols), notices: state.notices,
      framesBefore: state.framesBefore,
      resumption: state.resumption, failure: state.pipelineFailure, journalDamage: state.journalDamage)
  }
}
