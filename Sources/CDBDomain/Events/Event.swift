/// One message on the bus.
///
/// The frequent kinds are stored in place and hold no reference; the rare or large ones are boxed, so
/// that moving a batch of market data along is a copy of bytes.
public enum Event: Sendable, Hashable, Codable {
  case trade(Trade)
  case quote(Quote)
  indirect case book(BookUpdate)
  indirect case kline(Kline)
  /// Time has come this far; nothing else happened. No stage reads a clock: this is how it learns.
  case tick
  indirect case summary(MarketSummary)
  indirect case signal(Signal)
  indirect case decision(RiskDecision)
  indirect case order(Order)
  indirect case result(OrderResult)
  indirect case alert(Alert)
  indirect case control(Control)
  indirect case cancel(CancelRequest)
}

/// The kinds of events, for counting and for CloudEvents types.
public enum EventKind: UInt8, Sendable, Hashable, CaseIterable, Codable {
  case trade, quote, book, kline, tick, summary, signal, decision, order, result, alert, control, cancel

  /// The kind as metrics and reports name it.
  public var code: String { String(describing: self) }
}

extension Event {
  @inlinable
  public var kind: EventKind {
    switch self {
    case .trade: .trade
    case .quote: .quote
    case .book: .book
    case .kline: .kline
    case .tick: .tick
    case .summary: .summary
    case .signal: .signal
    case .decision: .decision
    case .order: .order
    case .result: .result
    case .alert: .alert
    case .control: .control
    case .cancel: .cancel
    }
  }
}

/// Something an operator must hear of.
public struct Alert: Sendable, Hashable, Codable {
  public enum Level: UInt8, Sendable, Hashable, Codable {
    case notice = 1
    case warning = 2
    case critical = 3
    public var code: String { String(describing: self) }
  }
  public var id: EventID
  public var level: Level
  public var reason: ReasonCode
  public var message: String
  public var context: [String: String]

  public init(id: EventID, level: Level, reason: ReasonCode, message: String, context: [String: String]) {
    self.id = id
    self.level = level
    self.reason = reason
    self.message = message
    self.context = context
  }
}

/// A command or a change of configuration: an input like any frame, with its place in the journal.
public enum Control: Sendable, Hashable, Codable {
  /// What the stages decide by, from here on.
  case configure(PipelineConfiguration)
  /// The kill switch: refuse every order, until ``resume(justification:actor:)``. The actor is `operator`, `policy`
  /// or `agent`, with a name where one is known; nil in what versions before wrote.
  case stop(reason: String, actor: String? = nil)
  case resume(justification: String, actor: String? = nil)
  /// The gate goes into another state.
  case gate(GateChange)
  /// What a check of the gate found, where it differs from what it found before.
  case verdict(GateVerdict)
  /// The answer to *why is nothing traded* has become another. Nothing acts on it: it is kept.
  case answer(Answer)
  /// A step in an incident's life. No stage acts on it: it is kept.
  case incident(IncidentEvent)
  /// Something happened to a block. Nothing acts on it: it is kept.
  case block(BlockEvent)
  /// An order of the shadow account is to take the way of every order.
  case probe(number: UInt64, instrument: InstrumentID)
}

/// An event with its place in time and its cause.
public struct Envelope: Sendable, Hashable, Codable {
  public var time: EventTime
  /// The number of the journal record that, in the end, caused this event; its trace derives from it.
  public var origin: UInt64
  public var event: Event

  @inlinable
  public init(time: EventTime, origin: UInt64, event: Event) {
    self.time = time
    self.origin = origin
    self.event = event
  }
}
