import CDBDomain

/// What a store has of a span of time, as a report of it needs it. Probes of the shadow account are left out: they are
/// not trading. Times are event times.
public struct BlockRows: Sendable {
  /// A fill as the account books it.
  public struct Fill: Sendable, Hashable {
    public var time: EventTime
    public var instrument: InstrumentID
    public var side: Side
    public var price: Price
    public var quantity: Quantity
    public var notional: Money
    public var fee: Money
    /// From the order to its execution, and from there to the account, nanoseconds.
    public var execution: Int64
    public var report: Int64

    public init(
      time: EventTime, instrument: InstrumentID, side: Side, price: Price, quantity: Quantity,
      notional: Money,
      fee: Money, execution: Int64 = 0, report: Int64 = 0
    ) {
      self.time = time
      self.instrument = instrument
      self.side = side
      self.price = price
      self.quantity = quantity
      self.notional = notional
      self.fee = fee
      self.execution = execution
      self.report = report
    }
  }

  /// The price that an instrument's interval ended with.
  public struct Close: Sendable, Hashable {
    public var time: EventTime
    public var instrument: InstrumentID
    public var price: Price

    public init(time: EventTime, instrument: InstrumentID, price: Price) {
      self.time = time
      self.instrument = instrument
      self.price = price
    }
  }

  /// What the account had done before ``fills`` begin.
  public struct Opening: Sendable, Hashable {
    public var fills = 0
    public var bought = Money.zero
    public var sold = Money.zero
    public var fees = Money.zero
    public var positions: [InstrumentID: Quantity] = [:]
    /// The newest close of each instrument.
    public var closes: [InstrumentID: Price] = [:]
    public init() {}
  }

  /// What the sink counted of a kind of event, and how many rows there are of it: the whole store, in one look.
  public struct Tally: Sendable, Hashable {
    public var table: String
    public var counted: Int64
    public var rows: Int64

    public init(table: String, counted: Int64, rows: Int64) {
      self.table = table
      self.counted = counted
      self.rows = rows
    }
  }

  public var since: EventTime
  public var until: EventTime
  /// The configuration that held when the span ended; nil where the store has none.
  public var configuration: PipelineConfiguration?
  public var signals: [EventTime] = []
  public var signalsByStrategy: [String: Int] = [:]
  public var approved = 0
  /// Of decisions, by reason.
  public var refusals: [String: Int] = [:]
  public var orders: [EventTime] = []
  /// When the exchange had accepted an order, as the account learned of it.
  public var acceptances: [EventTime] = []
  /// Results by status.
  public var results: [String: Int] = [:]
  /// Orders that were rejected, by reason.
  public var rejections: [String: Int] = [:]
  /// In the order in which they were booked, from ``margin`` before the span on.
  public var fills: [Fill] = []
  public var opening = Opening()
  /// Of market summaries that ended in the span, in the order of their ends.
  public var closes: [Close] = []
  public var trades: Int64 = 0
  public var quotes: Int64 = 0
  public var bookUpdates: Int64 = 0
  /// Alerts by reason.
  public var alerts: [String: Int] = [:]
  /// The answer that held when the span began, and those that began in it.
  public var answers: [Answer] = []
  /// All steps of incidents until the span ended: what stood open when it began is told by steps of before.
  public var incidents: [IncidentEvent] = []
  /// What the gate did, in order.
  public var gate: [ControlRecord] = []
  public var tallies: [Tally] = []

  /// How long before the span fills are given one by one, nanoseconds: figures that a process noted at its beginning may
  /// be a little older than it.
  public static let margin: Int64 = 60_000_000_000

  public init(since: EventTime, until: EventTime) {
    self.since = since
    self.until = until
  }
}
