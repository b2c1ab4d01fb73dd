import CDBDomain

/// What must happen now and then in a market that lives, or somebody has to know why not.
public enum ActivityKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// A strategy has signalled.
  case signals
  /// The exchange has accepted an order; one that was refused on the way is none.
  case orders
  case fills
}

/// How long nothing has happened, in words.
public enum ZeroActivityLevel: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
  case none, notice, warning, high, critical

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .none: 0
    case .notice: 1
    case .warning: 2
    case .high: 3
    case .critical: 4
    }
  }
}

/// From how long on which level counts. Nanoseconds.
public struct ZeroActivityTiers: Sendable, Hashable {
  public var notice: Int64 = 3_600_000_000_000
  public var warning: Int64 = 14_400_000_000_000
  public var high: Int64 = 43_200_000_000_000
  public var critical: Int64 = 86_400_000_000_000
  public init() {}

  public func level(of idle: Int64) -> ZeroActivityLevel {
    switch idle {
    case critical...: .critical
    case high...: .high
    case warning...: .warning
    case notice...: .notice
    default: .none
    }
  }

  /// A market that is quiet for a night is no fault: a notice. Quiet for as long as would be critical, the strategies
  /// want looking after: a warning.
  func levelOfQuiet(_ idle: Int64) -> ZeroActivityLevel {
    idle >= critical ? .warning : min(level(of: idle), .notice)
  }
}

/// Counts for how long nothing has happened while the market lived, for each kind by itself. Whether the gate was open
/// makes no difference: that it was forgotten closed is a reason like any other.
///
/// A value: time comes with each look.
public struct ZeroActivity: Sendable {
  /// How much of each kind there has been; only differences count.
  public typealias Counts = [ActivityKind: UInt64]

  /// Nanoseconds of living market since it last happened.
  public private(set) var idle: [ActivityKind: Int64]
  /// The part of it that a quiet market does not explain.
  public private(set) var unexplained: [ActivityKind: Int64]
  public let tiers: ZeroActivityTiers
  private var counts: Counts = [:]
  private var lastLook: UInt64?

  /// - Parameters:
  ///   - idle: what is known from before this process began.
  ///   - unexplained: the part of it that was not quiet.
  public init(
    tiers: ZeroActivityTiers = ZeroActivityTiers(), idle: [ActivityKind: Int64] = [:],
    unexplained: [ActivityKind: Int64] = [:]
  ) {
    self.tiers = tiers
    func whole(_ some: [ActivityKind: Int64]) -> [ActivityKind: Int64] {
      Dictionary(uniqueKeysWithValues: ActivityKind.allCases.map { ($0, max(0, some[$0] ?? 0)) })
    }
    self.idle = whole(idle)
    self.unexplained = whole(unexplained)
  }

  /// Takes in what a look has found.
  ///
  /// - Parameters:
  ///   - isAlive: whether data are fresh and prices move.
  ///   - isQuiet: whether the strategies look at that market, say how near they came to a signal, and want nothing.
  ///   - monotonic: nanoseconds of a clock that goes evenly. A pause in which nobody looked does not count.
  /// - Returns: the level, where it has changed.
  public mutating func look(
    _ new: Counts, isAlive: Bool, isQuiet: Bool, monotonic: UInt64
  ) -> ZeroActivityLevel? {
    let before = level
    let passed = lastLook.map { Int64(clamping: monotonic >= $0 ? monotonic - $0 : 0) } ?? 0
    lastLook = monotonic
    for kind in ActivityKind.allCases {
      if new[kind] ?? 0 > counts[kind] ?? 0 {
        idle[kind] = 0
        unexplained[kind] = 0
      } else if isAlive, passed <= AnswerTimeline.longestPause {
        idle[kind] = Self.sum(idle[kind], passed)
        if !isQuiet { unexplained[kind] = Self.sum(unexplained[kind], passed) }
      }
    }
    counts = new
    return level == before ? nil : level
  }

  private static func sum(_ idle: Int64?, _ passed: Int64) -> Int64 {
    let (sum, overflow) = (idle ?? 0).addingReportingOverflow(passed)
    return overflow ? .max : sum
  }

  /// The highest level of all kinds.
  public var level: ZeroActivityLevel {
    ActivityKind.allCases.map {
      max(tiers.level(of: unexplained[$0] ?? 0), tiers.levelOfQuiet(idle[$0] ?? 0))
    }.max() ?? .none
  }

  public var report: ZeroActivityReport {
    ZeroActivityReport(
      level: level,
      seconds: Dictionary(uniqueKeysWithValues: idle.map { ($0.key.rawValue, Double($0.value) / 1e9) }))
  }
}

/// How long nothing has happened, for whoever asks.
public struct ZeroActivityReport: Sendable, Hashable, Codable {
  public var level: ZeroActivityLevel
  /// Of living market, by kind.
  public var seconds: [String: Double]

  public init(level: ZeroActivityLevel, seconds: [String: Double]) {
    self.level = level
    self.seconds = seconds
  }
}

extension ZeroActivity {
  /// How long the market has lived since an instant, as far as answers have been kept of it, and the part of that in which
  /// it was not quiet. Nanoseconds.
  public static func idle(
    since last: EventTime, in answers: [Answer], now: EventTime
  ) -> (idle: Int64, unexplained: Int64) {
    let living = TimelineReport(answers, since: last, now: now).intervals
      .filter { $0.verdict.isOfLivingMarket(layer: $0.layer) && !$0.isBetweenProcesses }
    func sum(_ intervals: [TimelineReport.Interval]) -> Int64 {
      intervals.reduce(0) { $0 &+ ($1.untilNs &- $1.sinceNs) }
    }
    return (sum(living), sum(living.filter { $0.verdict != .quiet }))
  }
}

extension Verdict {
  /// Whether data were fresh and prices moved where this was the answer.
  public func isOfLivingMarket(layer: Layer?) -> Bool {
    switch self {
    case .trading, .quiet, .blocked, .stopped, .gated: true
    case .broken: layer != .marketData && layer != .system
    case .starting, .ended, .restarting, .notObserved: false
    }
  }
}
