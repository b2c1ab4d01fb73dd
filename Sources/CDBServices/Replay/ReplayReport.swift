import CDBDomain
import CDBPipeline
import DurableQueue
import Foundation

/// What a replay came to: totals, rate, and a digest of the store.
public struct ReplayReport: Codable, Sendable {
  public struct Stage: Codable, Sendable {
    public var stage: String
    public var received: UInt64
    public var acted: UInt64
    public var absorbed: [String: UInt64]
    public var dropped: [String: UInt64]
    public var redeliveries: UInt64
    public var cpuMicrosecondsPerFrame: Double

    enum CodingKeys: String, CodingKey {
      case stage, received, acted, absorbed, dropped, redeliveries
      case cpuMicrosecondsPerFrame = "cpu_us_per_frame"
    }
  }

  /// The journal that was replayed, and how much of it.
  public struct Journal: Codable, Sendable, Equatable {
    /// Bytes at the journal's end that are no whole record and were left out.
    public struct TornTail: Codable, Sendable, Equatable {
      public var file: String
      public var offset: Int
      public var bytes: Int
      /// The sequence that a record there would have had.
      public var sequence: UInt64
      public var reason: String
    }

    /// Of the records that the figures are about; nil where there was none.
    public var firstSequence: UInt64?
    public var lastSequence: UInt64?
    /// Why it could not be read any further.
    public var damage: String?
    public var tornTail: TornTail?

    enum CodingKeys: String, CodingKey {
      case damage
      case firstSequence = "first_sequence"
      case lastSequence = "last_sequence"
      case tornTail = "torn_tail"
    }

    init(_ reading: JournalSource.Reading) {
      firstSequence = reading.firstSequence
      lastSequence = reading.lastSequence
      damage = reading.damage
      tornTail = reading.tail.map {
        TornTail(
          file: $0.file, offset: $0.offset, bytes: $0.bytes, sequence: $0.sequence, reason: "\($0.reason)")
      }
    }
  }

  public var profile: String
  /// Nil where recordings were replayed.
  public var journal: Journal?
  /// Frames accepted into the journal, over all runs of the data directory.
  public var frames: UInt64
  /// What became of them in ws.
  public var framesActed: UInt64
  public var framesAbsorbed: [String: UInt64]
  public var framesDropped: [String: UInt64]
  /// Market events by kind.
  public var events: [String: UInt64]
  public var signals: [String: Int]
  public var refusals: [String: Int]
  /// Orders of the trading account; like signals, refusals, results and fills without the gate's probes.
  public var orders: Int
  /// The gate's probe orders, in the shadow account.
  public var probes: Int
  public var results: [String: Int]
  public var fills: Int
  /// Money as decimal text.
  public var fees: String
  public var startingCash: String
  public var equity: String
  public var profit: String
  public var positions: [String: String]
  public var openOrders: Int
  public var tradeGaps: UInt64
  public var bookGaps: UInt64
  public var clockSkewSeconds: Double
  public var balanced: Bool
  /// False where a source failed: frames of it are missing.
  public var complete: Bool
  public var imbalances: [String]
  public var barrier: UInt64
  public var notices: [String]
  public var seconds: Double
  public var framesPerSecond: Double
  public var stages: [Stage]
  public var digest: String
  public var configFingerprint: String

  enum CodingKeys: String, CodingKey {
    case profile, journal, frames, events, signals, refusals, orders, probes, results, fills, fees, equity,
      profit,
      positions
    case balanced, complete, imbalances, barrier, notices, seconds, stages, digest
    case framesActed = "frames_acted"
    case framesAbsorbed = "frames_absorbed"
    case framesDropped = "frames_dropped"
    case startingCash = "starting_cash"
    case openOrders = "open_orders"
    case tradeGaps = "trade_gaps"
    case bookGaps = "book_gaps"
    case clockSkewSeconds = "clock_skew_seconds"
    case framesPerSecond = "frames_per_second"
    case configFingerprint = "config_fingerprint"
  }

  init(
    status: PipelineStatus, totals: StoreTotals, digest: String, seconds: Double, newFrames: UInt64,
    feed: OpenFeed? = nil
  ) {
    let ws = status.stage(.ws)?.total ?? NodeLedger()
    // What is no frame among ws's inputs, ticks and controls, acts.
    let others = ws.received &- min(ws.received, status.framesInTotal)
    profile = status.profile
    frames = status.framesInTotal
    framesActed = ws.acted &- min(ws.acted, others)
    framesAbsorbed = Self.byCode(ws.absorbed)
    framesDropped = Self.byCode(ws.dropped)
    let core = status.stage(.core)?.total.receivedByKind ?? KindCounts()
    events = Dictionary(uniqueKeysWithValues: core.byKind.map { ($0.kind.code, $0.count) })
    signals = totals.signals
    refusals = totals.refusals
    orders = totals.orders
    probes = (totals.rows["orders"] ?? 0) - totals.orders
    results = totals.results
    fills = totals.fills
    fees = Self.text(totals.fees)
    startingCash = Self.text(status.account?.startingCash ?? .zero)
    equity = Self.text(status.account?.equity ?? .zero)
    profit = status.account.flatMap { try? $0.equity - $0.startingCash }.map(Self.text) ?? "0"
    positions = Dictionary(
      uniqueKeysWithValues: (status.account?.positions ?? []).map {
        ($0.symbol, DecimalText.render($0.quantity.mantissa, scale: $0.scale))
      })
    openOrders = status.account?.openOrders ?? 0
    tradeGaps = status.feed.tradeGaps.values.reduce(0, +)
    bookGaps = status.feed.bookGaps.values.reduce(0, +)
    clockSkewSeconds = Double(status.feed.skewNanoseconds) / 1e9
    complete = status.feed.faults == 0
    balanced = status.flow?.isBalanced ?? false
    imbalances = status.flow?.imbalances.map { "\($0)" } ?? ["no barrier was passed"]
    barrier = status.flow?.barrier ?? 0
    notices = status.notices + (feed?.notices ?? [])
    journal = (feed?.journal?.reading).map(Journal.init)
    self.seconds = seconds
    framesPerSecond = seconds > 0 ? Double(newFrames) / seconds : 0
    stages = status.stages.map { stage in
      Stage(
        stage: stage.stage.rawValue, received: stage.total.received, acted: stage.total.acted,
        absorbed: Self.byCode(stage.total.absorbed), dropped: Self.byCode(stage.total.dropped),
        redeliveries: stage.total.redeliveries,
        cpuMicrosecondsPerFrame: newFrames > 0 ? Double(stage.cpuNanoseconds) / 1e3 / Double(newFrames) : 0)
    }
    self.digest = digest
    configFingerprint = status.fingerprint
  }

  private static func byCode(_ counts: ReasonCounts) -> [String: UInt64] {
    Dictionary(uniqueKeysWithValues: counts.byReason.map { ($0.reason.code, $0.count) })
  }

  private static func text(_ money: Money) -> String {
    DecimalText.render(money.mantissa, scale: Money.scale)
  }

  /// The report as JSON, keys sorted.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
