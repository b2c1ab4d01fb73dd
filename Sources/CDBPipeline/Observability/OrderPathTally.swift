import CDBDomain

/// Counts of the order path since the process began, of what was committed to the store: each event once,
/// however often it was delivered. Probes in the shadow account are not trading and count nowhere.
public struct OrderPathTally: Sendable, Codable {
  public struct SignalKey: Sendable, Hashable, Codable {
    public var instrument: InstrumentID
    public var side: Side
    public var strategy: String
  }
  public struct DecisionKey: Sendable, Hashable, Codable {
    public var approved: Bool
    public var reason: ReasonCode
  }
  public struct InstrumentSide: Sendable, Hashable, Codable {
    public var instrument: InstrumentID
    public var side: Side
  }

  public private(set) var signals: [SignalKey: UInt64] = [:]
  public private(set) var decisions: [DecisionKey: UInt64] = [:]
  public private(set) var orders: [InstrumentSide: UInt64] = [:]
  public private(set) var cancels: [ReasonCode: UInt64] = [:]
  public private(set) var results: [OrderStatus: UInt64] = [:]
  /// Of the results, the orders that a gate which was not open refused: they say nothing of execution.
  public private(set) var gateRefusals: [ReasonCode: UInt64] = [:]
  public private(set) var fills: [InstrumentSide: UInt64] = [:]
  public private(set) var fees = Money.zero
  public private(set) var lastSignal: EventTime?
  public private(set) var lastApproval: EventTime?
  public private(set) var lastFill: EventTime?
  public private(set) var lastFillWall: EventTime?
  /// When the fills began that have come since without a pause of ``longestPause`` or more, by the wall clock.
  public private(set) var fillingSince: EventTime?
  public private(set) var latestFills: [OrderResult] = []
  /// When each refusal was last committed, by the wall clock.
  public private(set) var lastRefusal: [ReasonCode: EventTime] = [:]
  public private(set) var incidents: [ReasonCode: UInt64] = [:]
  /// Refusals since the last approval or resume, but for harmless ones, and the first of them by the wall clock.
  public private(set) var refusedInARow: [ReasonCode: UInt64] = [:]
  public private(set) var refusedSince: EventTime?
  public var refusalsInARow: UInt64 { refusedInARow.values.reduce(0, +) }

  static let latestFillsKept = 20

  /// From one fill to the next, after which trading counts as begun anew. Nanoseconds.
  public static let longestPause: Int64 = 3_600_000_000_000

  /// Counts a committed event; `wall` is when it was committed, nanoseconds since the epoch.
  public mutating func add(_ envelope: Envelope, wall: Int64) {
    // The shadow account shows that the path works; it never counts as a trade.
    guard !envelope.event.isProbe else { return }
    let wall = EventTime(nanoseconds: wall)
    switch envelope.event {
    case .signal(let signal):
      signals[
        SignalKey(instrument: signal.instrument, side: signal.side, strategy: signal.strategy), default: 0] +=
        1
      lastSignal = envelope.time
    case .decision(let decision):
      decisions[DecisionKey(approved: decision.approved, reason: decision.reason), default: 0] += 1
      if decision.approved {
        lastApproval = envelope.time
        endRow()
      } else {
        lastRefusal[decision.reason] = wall
        guard !decision.reason.isHarmlessRefusal else { return }
        refusedInARow[decision.reason, default: 0] += 1
        refusedSince = refusedSince ?? wall
      }
    case .order(let order):
      orders[InstrumentSide(instrument: order.instrument, side: order.side), default: 0] += 1
    case .cancel(let request):
      cancels[request.reason, default: 0] += 1
    case .result(let result):
      results[result.status, default: 0] += 1
      if result.status == .rejected, result.reason.isGateRefusal {
        gateRefusals[result.reason, default: 0] += 1
      }
      guard let fill = result.fill else { return }
      fills[InstrumentSide(instrument: result.instrument, side: result.side), default: 0] += 1
      if let sum = try? fees + fill.fee { fees = sum }
      lastFill = envelope.time
      if lastFillWall.map({ wall.nanoseconds - $0.nanoseconds >= Self.longestPause }) ?? true {
        fillingSince = wall
      }
      lastFillWall = wall
      latestFills.append(result)
      if latestFills.count > Self.latestFillsKept { latestFills.removeFirst() }
    case .alert(let alert):
      incidents[alert.reason, default: 0] += 1
    case .control(.resume): endRow()
    case .trade, .quote, .book, .kline, .tick, .summary, .control:
      return
    }
  }

  /// Counts what was journaled before this process began and is committed again, or only now: an alert still waits for
  /// somebody; all else has happened before.
  public mutating func addEarlier(_ envelope: Envelope) {
    if case .alert(let alert) = envelope.event { incidents[alert.reason, default: 0] += 1 }
  }

  private mutating func endRow() {
    refusedInARow = [:]
    refusedSince = nil
  }
}

extension OrderPathTally {
  /// Reads what earlier versions told, too.
  public init(from decoder: any Decoder) throws {
    let tally = try decoder.container(keyedBy: CodingKeys.self)
    signals = try tally.decode(.signals, or: [:])
    decisions = try tally.decode(.decisions, or: [:])
    orders = try tally.decode(.orders, or: [:])
    cancels = try tally.decode(.cancels, or: [:])
    results = try tally.decode(.results, or: [:])
    gateRefusals = try tally.decode(.gateRefusals, or: [:])
    fills = try tally.decode(.fills, or: [:])
    fees = try tally.decode(.fees, or: .zero)
    lastSignal = try tally.decodeIfPresent(EventTime.self, forKey: .lastSignal)
    lastApproval = try tally.decodeIfPresent(EventTime.self, forKey: .lastApproval)
    lastFill = try tally.decodeIfPresent(EventTime.self, forKey: .lastFill)
    lastFillWall = try tally.decodeIfPresent(EventTime.self, forKey: .lastFillWall)
    fillingSince = try tally.decodeIfPresent(EventTime.self, forKey: .fillingSince)
    latestFills = try tally.decode(.latestFills, or: [])
    lastRefusal = try tally.decode(.lastRefusal, or: [:])
    incidents = try tally.decode(.incidents, or: [:])
    refusedInARow = try tally.decode(.refusedInARow, or: [:])
    refusedSince = try tally.decodeIfPresent(EventTime.self, forKey: .refusedSince)
  }
}

extension ReasonCode {
  /// Whether a refusal says nothing of a block: there was nothing to sell, or an order is under way already.
  public var isHarmlessRefusal: Bool { self == .nothingToReduce || self == .openOrderPending }

  /// Whether the gate gave it, as ``GateState/refusal(of:)``.
  public var isGateRefusal: Bool {
    [.gateClosed, .gateVerifying, .gateTripped, .gateStopped].contains(self)
  }
}
