import CDBDomain

/// Where the sink stands: which events of its input are in the store.
public struct SinkPosition: Sendable, Codable, Hashable {
  /// The number of the last event accepted.
  public var sequence: UInt64
  /// The sink's ledger at that event.
  public var ledger: NodeLedger
  /// The newest journal record that the store's rows follow from.
  public var origin: UInt64
  /// The identity of the journal that they follow from; zero where it is not known.
  public var journal: UInt64

  public init(
    sequence: UInt64 = 0, ledger: NodeLedger = NodeLedger(), origin: UInt64 = 0, journal: UInt64 = 0
  ) {
    self.sequence = sequence
    self.ledger = ledger
    self.origin = origin
    self.journal = journal
  }
}

/// What a commit did.
public struct CommitReceipt: Sendable, Hashable {
  /// How many of the events were not in the store before.
  public var newEvents: Int
  /// CPU time of the thread that wrote, nanoseconds.
  public var cpuNanoseconds: UInt64

  public init(newEvents: Int, cpuNanoseconds: UInt64) {
    self.newEvents = newEvents
    self.cpuNanoseconds = cpuNanoseconds
  }
}

/// Where the order path is kept. Rows and the position that they bring the sink to are one transaction.
public protocol PipelineStore: StoreView {
  /// Writes events and the position behind them, all or nothing. Writing an event again changes nothing.
  func commit(
    _ envelopes: [Envelope], position: SinkPosition, configuration: PipelineConfiguration
  ) async throws -> CommitReceipt
}

/// What a store is asked, by whoever does not write into it.
public protocol StoreView: Sendable {
  /// Where the last commit left the sink; the beginning for an empty store.
  func position() async throws -> SinkPosition

  /// A digest of every row that events made, the same wherever and however often they were processed.
  func digest() async throws -> String

  /// What is in the store, counted by id.
  func totals() async throws -> StoreTotals

  /// Holds the rows against each other.
  func audit(maximumSlippage: Ratio) async throws -> StoreAudit

  /// A probe order, read back; nil while it is not stored. The newest where no number is given.
  func probe(_ number: UInt64?) async throws -> ProbeRecord?

  /// The newest controls of these names (see ``CDBDomain/Control/name``), newest first.
  func controls(_ names: [String], limit: Int) async throws -> [ControlRecord]

  /// When something of the order path last happened; probes are not trading and count nowhere.
  func lastActivity() async throws -> LastActivity

  /// How often the pipeline was started again, by the reason of the answer that says so.
  func restarts() async throws -> [String: UInt64]

  /// The answers that held at or after an instant, in the order in which they began; of more than `limit`, the newest.
  func answers(since: EventTime, limit: Int) async throws -> [Answer]

  /// What happened from one instant until before another, for a report.
  func block(since: EventTime, until: EventTime) async throws -> BlockRows

  /// The newest orders and fills, at most `limit` of each.
  func latestTrades(limit: Int) async throws -> LatestTrades
}

/// When something of the order path last happened, by event time; nil where it never did.
public struct LastActivity: Sendable, Hashable {
  public var signal: EventTime?
  /// Of an order that the exchange has accepted.
  public var order: EventTime?
  public var fill: EventTime?
  public init() {}
}

/// What is in a store. All but the rows leave out the probes of the shadow account: they are not trading.
public struct StoreTotals: Sendable, Codable, Hashable {
  /// Rows by table.
  public var rows: [String: Int] = [:]
  /// Decisions that refused, by reason.
  public var refusals: [String: Int] = [:]
  /// Results by status.
  public var results: [String: Int] = [:]
  /// Signals by side.
  public var signals: [String: Int] = [:]
  /// Orders and fills of real accounts: probes of the shadow account count in ``rows`` alone.
  public var orders: Int = 0
  public var fills: Int = 0
  /// Fees paid, and what was bought and sold for, at ``Money/scale``.
  public var fees = Money.zero
  public var bought = Money.zero
  public var sold = Money.zero
  public init() {}
}
