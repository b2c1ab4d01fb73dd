import CDBDomain

/// execution: sends orders to the paper exchange and reports what came of them.
public struct ExecutionStage<Matching: MatchingModel>: Stage {
  public static var name: StageName { .execution }
  public private(set) var exchange: PaperExchange<Matching>
  /// When the newest report reaches the account. Reports come over one connection: where the latency has
  /// become shorter, the next one does not overtake this one.
  private var lastReport: EventTime?
  /// What the gate lets through, as far as the events have come.
  public var gate: GateState { exchange.gate }
  /// When the gate came into that state; nil where it began in it.
  public private(set) var gateSince: EventTime?
  private(set) var gateRules: GateRules

  public init(configuration: PipelineConfiguration, matching: Matching) {
    gateRules = configuration.gate
    exchange = PaperExchange(configuration: configuration, matching: matching)
  }

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    let time = outbox.time
    // What arrived by now met the market as it was before this event.
    advance(to: time, &outbox)
    switch event {
    case .quote(let quote):
      report(&outbox) { exchange, report in exchange.apply(quote, at: time, report) }
      return .absorbed(.marketState)
    case .book(let update):
      report(&outbox) { exchange, report in exchange.apply(update, at: time, report) }
      return .absorbed(.marketState)
    case .trade(let trade):
      report(&outbox) { exchange, report in exchange.apply(trade, at: time, report) }
      return .absorbed(.marketState)
    case .kline:
      return .absorbed(.marketState)
    case .tick:
      return .absorbed(.tick)
    case .order(let order):
      outbox.emit(event)
      exchange.submit(order, origin: outbox.origin, at: time)
      return .acted
    case .cancel(let cancel):
      outbox.emit(event)
      exchange.submit(cancel, origin: outbox.origin, at: time)
      return .acted
    case .signal, .decision, .summary, .alert:
      outbox.emit(event)
      return .acted
    case .control(let control):
      outbox.emit(event)
      apply(control, &outbox)
      return .acted
    case .result:
      return .dropped(.unexpectedEvent)
    }
  }

  private mutating func apply(_ control: Control, _ outbox: inout Outbox) {
    let time = outbox.time
    let next = gate.after(control, enforced: gateRules.enforced)
    if case .configure(let configuration) = control {
      exchange.rules = configuration.exchange
      gateRules = configuration.gate
    }
    guard next != gate else { return }
    gateSince = time
    report(&outbox) { exchange, report in exchange.set(gate: next, at: time, report) }
  }

  public mutating func advance(to time: EventTime, _ outbox: inout Outbox) {
    guard let next = exchange.nextArrival, next <= time else { return }
    report(&outbox) { exchange, report in exchange.advance(to: time, report) }
  }

  /// Emits what the exchange reports while `body` has it do something.
  private mutating func report(
    _ outbox: inout Outbox, _ body: (inout PaperExchange<Matching>, (ExchangeOutcome) -> Void) -> Void
  ) {
    var outcomes: [ExchangeOutcome] = []
    body(&exchange) { outcomes.append($0) }
    for outcome in outcomes {
      let reportedAt = max(outcome.reportedAt, lastReport ?? outcome.reportedAt)
      lastReport = reportedAt
      let result = OrderResult(
        id: outbox.nextID, orderID: outcome.order.id, account: outcome.order.account,
        instrument: outcome.order.instrument, side: outcome.order.side, status: outcome.status,
        executedAt: outcome.executedAt, reportedAt: reportedAt, fill: outcome.fill,
        reason: outcome.reason)
      outbox.emitResult(.result(result), at: reportedAt, origin: outcome.origin)
      if outcome.reason == .fillOutOfBounds { alert(outcome, &outbox) }
    }
  }

  private func alert(_ outcome: ExchangeOutcome, _ outbox: inout Outbox) {
    outbox.emit(
      .alert(
        Alert(
          id: outbox.nextID, level: .critical, reason: .fillOutOfBounds,
          message: "a fill outside the market at that instant was refused",
          context: ["order_id": outcome.order.id.description])))
  }
}
