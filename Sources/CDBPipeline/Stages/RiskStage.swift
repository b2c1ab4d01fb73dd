import CDBDomain

/// risk: decides over every signal of one account, and makes orders of those it lets pass.
public struct RiskStage: FeedbackStage {
  public static let name = StageName.risk
  public private(set) var engine: RiskEngine
  /// What the account has at the exchange. Whatever sends an order tells it.
  public private(set) var desk: OrderDesk

  /// The smallest latency that was in force since an order is open: what happened at the exchange before a change
  /// is reported by the rules of before. Nil where it never was another than the one in force.
  private var earlierLatency: Int64?

  public init(configuration: PipelineConfiguration) {
    engine = RiskEngine(configuration: configuration)
    desk = OrderDesk(configuration: configuration)
  }

  public mutating func awaitsAnswer(after known: EventTime) -> EventTime? {
    desk.mayHaveHappened(after: known)
  }

  public var smallestFeedbackLatency: Int64 {
    min(earlierLatency ?? desk.exchange.smallestLatency, desk.exchange.smallestLatency)
  }

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    switch event {
    case .trade(let trade):
      engine.mark(trade)
      desk.note(trade, at: outbox.time)
      outbox.emit(event)
    case .quote(let quote):
      engine.mark(quote)
      desk.note(quote, at: outbox.time)
      outbox.emit(event)
    case .book(let update):
      desk.note(update, at: outbox.time)
      outbox.emit(event)
    case .kline, .summary, .alert:
      outbox.emit(event)
    case .tick:
      // Every partition brings its copy; partition 0's speaks for all.
      guard outbox.partition == 0 else { return .absorbed(.tick) }
      outbox.emit(.tick)
      for order in desk.impatient(at: outbox.time) { cancel(order, .patienceExhausted, &outbox) }
    case .control(let control):
      guard outbox.partition == 0 else { return .absorbed(.applied) }
      apply(control)
      outbox.emit(event)
      if case .stop = control {
        for order in desk.resting { cancel(order, .killSwitch, &outbox) }
      }
    case .signal(let signal):
      outbox.emit(event)
      decide(signal, &outbox)
    case .result(let result):
      desk.learn(result)
      if desk.orders.isEmpty { earlierLatency = nil }
      guard (try? engine.apply(result)) != nil else { return .dropped(.arithmeticOverflow) }
      return .absorbed(.applied)
    case .decision, .order, .cancel:
      return .dropped(.unexpectedEvent)
    }
    return .acted
  }

  private mutating func apply(_ control: Control) {
    switch control {
    case .configure(let configuration):
      engine.limits = configuration.risk
      earlierLatency = desk.orders.isEmpty ? nil : smallestFeedbackLatency
      desk.exchange = configuration.exchange
      desk.rules = configuration.orders
    case .stop(let reason): engine.engageKillSwitch(reason: reason)
    case .resume: engine.releaseKillSwitch()
    }
  }

  private mutating func decide(_ signal: Signal, _ outbox: inout Outbox) {
    let ruling = engine.rule(on: signal)
    outbox.emit(
      .decision(
        RiskDecision(
          id: outbox.nextID, signalID: signal.id, account: engine.account.name,
          instrument: signal.instrument, side: signal.side, approved: ruling.approved != nil,
          reason: ruling.reason, layers: ruling.layers)))
    guard let proposal = ruling.approved else { return }
    let terms = desk.terms(for: signal.side, of: signal.instrument, reference: signal.referencePrice)
    let order = Order(
      id: outbox.nextID, signalID: signal.id, account: engine.account.name,
      instrument: signal.instrument, side: signal.side, type: terms.type, quantity: proposal.quantity,
      limitPrice: terms.limit, referencePrice: signal.referencePrice, layers: ruling.layers)
    engine.opened(order, reserving: proposal.notional)
    desk.sent(order, at: outbox.time)
    outbox.emit(.order(order))
  }

  private mutating func cancel(_ order: WorkingOrder, _ reason: ReasonCode, _ outbox: inout Outbox) {
    let request = CancelRequest(
      id: outbox.nextID, orderID: order.id, account: order.account, instrument: order.instrument,
      reason: reason)
    desk.sent(request, at: outbox.time)
    outbox.emit(.cancel(request))
  }
}
