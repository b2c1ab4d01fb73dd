import CDBDomain

@testable import CDBGate

/// What can go wrong in a world.
enum FaultKind: Hashable, CustomStringConvertible {
  case feedCut, silentFeed, frozenPrices, undecodableFrames, otherNames
  case skew
  case clockForward, clockBack
  case stall(StageName)
  case lostEvents(StageName)
  case crash
  case limitBlocksAll, missingAllocation
  case storeLocked, storeFull, storeTampered
  case stopForgotten
  case logPathDead

  static let all: [FaultKind] =
    [
      .feedCut, .silentFeed, .frozenPrices, .undecodableFrames, .otherNames, .skew, .clockForward, .clockBack,
      .crash, .limitBlocksAll, .missingAllocation, .storeLocked, .storeFull, .storeTampered, .stopForgotten,
      .logPathDead,
    ] + StageName.allCases.map(FaultKind.stall)
    + [StageName.core, .risk, .execution, .dbWriter].map(FaultKind.lostEvents)

  var description: String {
    switch self {
    case .feedCut: "feed_cut"
    case .silentFeed: "silent_feed"
    case .frozenPrices: "frozen_prices"
    case .undecodableFrames: "undecodable_frames"
    case .otherNames: "config_mismatch"
    case .skew: "skew"
    case .clockForward: "clock_forward"
    case .clockBack: "clock_back"
    case .stall(let stage): "stall_\(stage.rawValue)"
    case .lostEvents(let stage): "lost_events_\(stage.rawValue)"
    case .crash: "crash"
    case .limitBlocksAll: "limit_blocks_all"
    case .missingAllocation: "missing_allocation"
    case .storeLocked: "store_locked"
    case .storeFull: "store_full"
    case .storeTampered: "store_tampered"
    case .stopForgotten: "stop_forgotten"
    case .logPathDead: "log_path_dead"
    }
  }
}

/// A layer and a reason: what an answer says.
struct Finding: Hashable, Comparable, CustomStringConvertible {
  var layer: Layer?
  var reason: String

  init(_ layer: Layer?, _ reason: String) {
    self.layer = layer
    self.reason = reason
  }

  init(_ layer: Layer?, _ reason: ReasonCode) { self.init(layer, reason.code) }

  var description: String { layer.map { "\($0.rawValue)/\(reason)" } ?? reason }

  static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// What reopens the gate after a cure.
enum Reopening: Hashable {
  /// The policy, by itself.
  case byItself
  /// `cdb resume`, and then the policy.
  case byResume
  /// `cdb gate open`.
  case byOpening
  /// A start with the cured settings, or of a process that has ended; and then the policy.
  case byRestart
}

// The table of what is expected.
extension FaultKind {
  /// What the answer must be while the fault is the first in the order of the layers; empty where nothing is wrong.
  var findings: Set<Finding> {
    switch self {
    case .feedCut: [Finding(.marketData, .feedFailed)]
    case .silentFeed: [Finding(.marketData, .silentFeed)]
    case .frozenPrices: [Finding(.marketData, .frozenPrices)]
    case .undecodableFrames: [Finding(.marketData, .malformedFrame)]
    case .otherNames: [Finding(.marketData, .unknownSymbol), Finding(.marketData, .unknownStream)]
    case .skew: []
    case .clockForward, .clockBack: [Finding(.system, .clockJump)]
    case .stall(let stage): [Finding(stage.layer, .stageStalled)]
    case .lostEvents(let stage): [Finding(stage.layer, .stageFailed)]
    case .crash: [Finding(.system, "unplanned_restart")]
    case .limitBlocksAll: [Finding(.risk, .exposureLimit), Finding(.risk, .positionSizeLimit)]
    case .missingAllocation: [Finding(.risk, .exposureLimit)]
    // SQLite waits for a lock before it says that it has not got it.
    case .storeLocked: [Finding(.database, .stageFailed), Finding(.database, .stageStalled)]
    case .storeFull: [Finding(.database, .stageFailed)]
    case .storeTampered: [Finding(.database, .storeInconsistent)]
    case .stopForgotten: [Finding(.risk, .killSwitch)]
    case .logPathDead: [Finding(.system, .logPathSilent)]
    }
  }

  /// What the gate may say that it is closed for: it keeps what tripped it first.
  var gateReasons: Set<String> {
    let own = Set(findings.map(\.reason))
    // The silence is noticed before the connection is given up.
    return self == .feedCut ? own.union([ReasonCode.silentFeed.code]) : own
  }

  /// How long it may go on before there is anything to see, seconds: a store is looked at, and db_writer has something
  /// to do, with the next commit, at the latest that of a barrier; a lost event is missed when the next one comes.
  var hidden: Double {
    switch self {
    case .storeLocked, .storeFull, .lostEvents, .stall(.dbWriter): 5
    default: 0
    }
  }

  var reopening: Reopening {
    switch self {
    case .stopForgotten: .byResume
    case .storeTampered: .byOpening
    case .limitBlocksAll, .missingAllocation, .lostEvents: .byRestart
    default: .byItself
    }
  }

  /// Whether only a check of the gate can find it: it is visible where nothing else keeps the gate from checking, from the
  /// next time on that the check is due.
  var isFoundByCheck: Bool {
    switch self {
    case .limitBlocksAll, .missingAllocation, .storeTampered, .logPathDead: true
    default: false
    }
  }

  /// Where it stands in the order in which layers are walked; lower comes first. A pipeline that has ended sees nothing of
  /// what comes in any more.
  var rank: Int {
    switch self {
    case .lostEvents: -1
    case .skew: 100
    default: findings.first?.layer.flatMap { Layer.allCases.firstIndex(of: $0) } ?? 100
    }
  }

  /// Whether nothing can be seen of the other while it lasts. A feed is seen by ws alone; a stop is in force once risk has
  /// taken it in, and risk does not go on where execution does not.
  func hides(_ other: FaultKind) -> Bool {
    switch (self, other) {
    case (.stall(.ws), .feedCut), (.stall(.ws), .silentFeed), (.stall(.ws), .frozenPrices),
      (.stall(.ws), .undecodableFrames), (.stall(.ws), .otherNames):
      true
    // Without frames there is no price that could stand still. A new connection brings the books, whatever comes after.
    case (.silentFeed, .frozenPrices), (.feedCut, .frozenPrices), (.feedCut, .silentFeed): true
    case (.stall(.risk), .stopForgotten), (.stall(.execution), .stopForgotten): true
    default: false
    }
  }

  /// How long it may go on being the answer after the cure, seconds.
  var aftermath: Double {
    switch self {
    // The next attempt to connect, at most ``SessionTiming/longestWait`` later and a half more by chance.
    case .feedCut: 50
    // A jump is reported for 15 s; one back, until time has caught up.
    case .clockForward: 4
    case .clockBack: 30
    // Health is judged over 10 s.
    case .undecodableFrames, .otherNames: 12
    // The store is tried again every 5 s.
    case .storeLocked, .storeFull: 8
    // The gate looks again at least every 10 s, and may take 5.
    case .logPathDead, .storeTampered, .limitBlocksAll, .missingAllocation: 20
    default: 3
    }
  }

  /// The settings that a process must be started with; nil where any do.
  var isInSettings: Bool { self == .limitBlocksAll || self == .missingAllocation }

  /// Kinds that cannot be together: two of one place, or one that ends what the other needs.
  func excludes(_ other: FaultKind) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (.clockForward, .clockBack), (.limitBlocksAll, .missingAllocation), (.storeLocked, .storeFull),
      (.lostEvents, .lostEvents):
      return true
    // A start with other settings, or after an end, is a start too.
    case (.lostEvents, .crash), (.limitBlocksAll, .lostEvents), (.missingAllocation, .lostEvents),
      (.limitBlocksAll, .crash), (.missingAllocation, .crash):
      return true
    // A process that begins anew has not seen the clock jump.
    case (.clockForward, .crash), (.clockForward, .lostEvents), (.clockForward, .limitBlocksAll),
      (.clockForward, .missingAllocation), (.clockBack, .crash), (.clockBack, .lostEvents),
      (.clockBack, .limitBlocksAll), (.clockBack, .missingAllocation):
      return true
    // A stage that stands still passes over nothing.
    case (.stall, .lostEvents), (.lostEvents, .storeLocked), (.lostEvents, .storeFull),
      (.stall(.dbWriter), .storeLocked), (.stall(.dbWriter), .storeFull):
      return true
    // What a person must open for hides what only a check can find, and rightly so.
    case (.storeTampered, .logPathDead), (.storeTampered, .limitBlocksAll),
      (.storeTampered, .missingAllocation),
      (.storeTampered, .lostEvents), (.storeTampered, .crash):
      return true
    default: return false
    }
  }
}
