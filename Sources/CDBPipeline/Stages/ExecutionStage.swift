import CDBDomain

/// execution: sends orders to the paper exchange and reports what came of them.
public struct ExecutionStage<Matching: MatchingModel>: Stage {
  public static var name: StageName { .execution }
  public private(set) var exchange: PaperExchange<Matching>
  /// When the newest report reaches the account. Reports come over one connection: where the latency has
  /// become shorter, the next one does not overtake this one.
  private var lastReport: EventTime?
  /// What the gate lets through, as far as the events have come.
  public private(set) var gate: GateState
  /// When the gate came into that state; nil where it began in it.
  public private(set) var gateSince: EventTime?
  private(set) var gateRules: GateRules

  public init(configuration: PipelineConfiguration, matching: Matching) {
    gateRules = configuration.gate
    gate = GateState(enforced: configuration.gate.enforced)
    exchange = PaperExchange(configuration: configuration, matching: matching)
  }

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    // Orders that arrived by now met the market as it was before this event.
    advance(to: outbox.time, &outbox)
    switch event {
    case .quote(let quote):
      exchange.apply(quote)
      return .absorbed(.marketState)
    case .book(let update):
      exchange.apply(update)
      return .absorbed(.marketState)
    case .trade, .kline:
      return .absorbed(.marketState)
    case .tick:
      return .absorbed(.tick)
    case .order(let order):
      outbox.emit(event)
      if let reason = gate.refusal(of: order) {
        refuse(order, reason, &outbox)
      } else {
        exchange.submit(order, origin: outbox.origin, at: outbox.time)
      }
      return .acted
    case .signal, .decision, .summary, .alert:
      outbox.emit(event)
      return .acted
    case .control(let control):
      apply(control, at: outbox.time)
      outbox.emit(event)
      return .acted
    case .result:
      return .dropped(.unexpectedEvent)
    }
  }

  private mutating func apply(_ control: Control, at time: EventTime) {
    let next = gate.after(control, enforced: gateRules.enforced)
    if next != gate {
      gate = next
      gateSince = time
    }
    if case .configure(let configuration) = control {
      exchange.rules = configuration.exchange
      gateRules = configuration.gate
    }
  }

  /// Answers an order that the gate does not let through: as soon as any answer may come, and no sooner.
  private mutating func refuse(_ order: Order, _ reason: ReasonCode, _ outbox: inout Outbox) {
    report(
      order, .rejected, reason, fill: nil, executedAt: outbox.time,
      reportedAt: outbox.time.advanced(by: exchange.rules.smallestLatency), origin: outbox.origin, &outbox)
  }

  public mutating func advance(to time: EventTime, _ outbox: inout Outbox) {
    guard let next = exchange.nextArrival, next <= time else { return }
    var outcomes: [PaperExchange<Matching>.Outcome] = []
    exchange.advance(to: time) { outcomes.append($0) }
    for outcome in outcomes {
      report(
        outcome.order, outcome.status, outcome.reason, fill: outcome.fill, executedAt: outcome.executedAt,
        reportedAt: outcome.reportedAt, origin: outcome.origin, &outbox)
      if outcome.reason == .fillOutOfBounds { alert(outcome, &outbox) }
    }
  }

  private mutating func report(
    _ order: Order, _ status: OrderStatus, _ reason: ReasonCode, fill: Fill?, executedAt: EventTime,
    reportedAt: EventTime, origin: UInt64, _ outbox: inout Outbox
  ) {
    let reportedAt = max(reportedAt, lastReport ?? reportedAt)
    lastReport = reportedAt
    let result = OrderResult(
      id: outbox.nextID, orderID: order.id, account: order.account, instrument: order.instrument,
      side: order.side, status: status, executedAt: executedAt, reportedAt: reportedAt, fill: fill,
      reason: reason)
    outbox.emitResult(.result(result), at: reportedAt, origin: origin)
  }

  private func alert(_ outcome: PaperExchange<Matching>.Outcome, _ outbox: inout Outbox) {
    outbox.emit(
      .alert(
        Alert(
          id: outbox.nextID, level: .critical, reason: .fillOutOfBounds,
          message: "a fill outside the market at that instant was refused",
          context: ["order_id": outcome.order.id.description])))
  }
}
