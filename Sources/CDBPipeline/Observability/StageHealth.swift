/// How a stage is, by what it did last.
public enum StageHealth: String, Sendable, Hashable, CaseIterable, Codable {
  /// Events leave it.
  case healthy
  /// Nothing came in for a while.
  case idle
  /// It works, but most of what comes in cannot be used.
  case degraded
  /// Input waits, and nothing leaves.
  case stalled
  /// It stopped with an error, or everything that comes in is lost.
  case failed

  /// Whether the stage does its work. An idle stage would.
  public var doesItsWork: Bool { self == .healthy || self == .idle }
}

/// When a stage counts as idle, stalled or degraded.
public struct HealthThresholds: Sendable, Hashable {
  /// Nanoseconds without input until idle.
  public var idleAfter: UInt64 = 10_000_000_000
  /// Nanoseconds with waiting input and no progress until stalled.
  public var stalledAfter: UInt64 = 5_000_000_000
  /// The share of dropped events from which on a stage is degraded.
  public var degradedShare = 0.5
  /// Fewer events than this in a window say nothing about shares.
  public var smallestSample: UInt64 = 5
  /// The length of the window that shares are taken over, nanoseconds.
  public var window: UInt64 = 10_000_000_000
  public init() {}
}

/// Derives a stage's health from what was counted: never from its own opinion.
public struct StageHealthStateMachine: Sendable {
  /// What was measured at an instant.
  public struct Sample: Sendable, Hashable {
    /// Monotonic nanoseconds.
    public var now: UInt64
    public var received: UInt64
    public var dropped: UInt64
    /// When the stage last finished a batch; nil before the first.
    public var lastProgress: UInt64?
    /// Since when input has been waiting without progress; nil while none waits.
    public var waitingSince: UInt64?
    public var failure: String?
  }

  public private(set) var health = StageHealth.idle
  private let thresholds: HealthThresholds
  /// Samples of the window, oldest first.
  private var history: [(now: UInt64, received: UInt64, dropped: UInt64)] = []
  private var lastReceived: UInt64 = 0
  private var lastInput: UInt64?

  public init(thresholds: HealthThresholds = HealthThresholds()) { self.thresholds = thresholds }

  @discardableResult
  public mutating func observe(_ sample: Sample) -> StageHealth {
    if sample.received != lastReceived {
      lastReceived = sample.received
      lastInput = sample.now
    }
    history.append((sample.now, sample.received, sample.dropped))
    while history.count > 1, sample.now &- history[1].now >= thresholds.window { history.removeFirst() }
    health = judge(sample)
    return health
  }

  private func judge(_ sample: Sample) -> StageHealth {
    if sample.failure != nil { return .failed }
    // The stage may have begun after the look did: then nothing waits yet.
    if let waiting = sample.waitingSince, waiting < sample.now,
      sample.now - waiting >= thresholds.stalledAfter
    {
      return .stalled
    }
    let received = sample.received &- history[0].received
    let dropped = sample.dropped &- history[0].dropped
    if received >= thresholds.smallestSample, dropped > 0 {
      if dropped >= received { return .failed }
      if Double(dropped) >= thresholds.degradedShare * Double(received) { return .degraded }
    }
    guard let lastInput, sample.now &- lastInput < thresholds.idleAfter else { return .idle }
    return .healthy
  }
}
