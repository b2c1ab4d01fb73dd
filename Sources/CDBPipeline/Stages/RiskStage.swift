import CDBDomain

/// risk: decides over every signal of one account, and makes orders of those it lets pass.
public struct RiskStage: FeedbackStage {
  public static let name = StageName.risk
  public private(set) var engine: RiskEngine
  private var exchange: PaperExchangeRules
  /// When an order went out while none was open; it stays until none is.
  public private(set) var awaitsFeedbackSince: EventTime?

  /// The smallest latency that was in force since then: an order that reached the exchange before a change is
  /// reported by the rules of before. Nil where it never was another than the one in force.
  private var earlierLatency: Int64?

  public init(configuration: PipelineConfiguration) {
    engine = RiskEngine(configuration: configuration)
    exchange = configuration.exchange
  }

  public var smallestFeedbackLatency: Int64 {
    min(earlierLatency ?? exchange.smallestLatency, exchange.smallestLatency)
  }

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    switch event {
    case .trade(let trade):
      engine.mark(trade)
      outbox.emit(event)
    case .quote(let quote):
      engine.mark(quote)
      outbox.emit(event)
    case .book, .kline, .summary, .alert:
      outbox.emit(event)
    case .tick:
      // Every partition brings its copy; partition 0's speaks for all.
      guard outbox.partition == 0 else { return .absorbed(.tick) }
      outbox.emit(.tick)
    case .control(let control):
      guard outbox.partition == 0 else { return .absorbed(.applied) }
      apply(control)
      outbox.emit(event)
    case .signal(let signal):
      outbox.emit(event)
      decide(signal, &outbox)
    case .result(let result):
      guard (try? engine.apply(result)) != nil else { return .dropped(.arithmeticOverflow) }
      if engine.account.openOrders.isEmpty {
        awaitsFeedbackSince = nil
        earlierLatency = nil
      }
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
      earlierLatency = awaitsFeedbackSince == nil ? nil : smallestFeedbackLatency
      exchange = configuration.exchange
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
    let order = Order(
      id: outbox.nextID, signalID: signal.id, account: engine.account.name,
      instrument: signal.instrument, side: signal.side, type: .market, quantity: proposal.quantity,
      referencePrice: signal.referencePrice, layers: ruling.layers)
    engine.opened(order, reserving: proposal.notional)
    awaitsFeedbackSince = awaitsFeedbackSince ?? outbox.time
    outbox.emit(.order(order))
  }
}
