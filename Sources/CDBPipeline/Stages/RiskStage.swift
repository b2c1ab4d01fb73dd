import CDBDomain

/// risk: decides over every signal of one account, and makes orders of those it lets pass.
public struct RiskStage: FeedbackStage {
  public static let name = StageName.risk
  /// The strategy that protective exits name.
  public static let stopLossStrategy = "stop_loss"

  public private(set) var engine: RiskEngine
  /// What the account has at the exchange. Whatever sends an order tells it.
  public private(set) var desk: OrderDesk

  /// The smallest latency that was in force since an order is open: what happened at the exchange before a change
  /// is reported by the rules of before. Nil where it never was another than the one in force.
  private var earlierLatency: Int64?
  /// What the layers last proved of themselves; nil before the first tick.
  public private(set) var selfTest: RiskSelfTestReport?

  public init(configuration: PipelineConfiguration, chain: RiskLayerChain = .standard) {
    engine = RiskEngine(configuration: configuration, chain: chain)
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
      engine.mark(trade, at: outbox.time)
      desk.note(trade, at: outbox.time)
      outbox.emit(event)
    case .quote(let quote):
      engine.mark(quote, at: outbox.time)
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
      engine.look(at: outbox.time)
      stopLosses(&outbox)
      for order in desk.impatient(at: outbox.time) { cancel(order, .patienceExhausted, &outbox) }
      if isSelfTestDue(at: outbox.time) { runSelfTest(&outbox) }
    case .control(let control):
      guard outbox.partition == 0 else { return .absorbed(.applied) }
      outbox.emit(event)
      apply(control, &outbox)
    case .signal(let signal):
      outbox.emit(event)
      decide(signal, &outbox)
    case .result(let result):
      guard engine.role(of: result.account) != nil else { return .dropped(.unexpectedEvent) }
      desk.learn(result)
      if desk.orders.isEmpty { earlierLatency = nil }
      guard (try? engine.apply(result, at: outbox.time)) != nil else { return .dropped(.arithmeticOverflow) }
      return .absorbed(.applied)
    case .decision, .order, .cancel:
      return .dropped(.unexpectedEvent)
    }
    return .acted
  }

  private mutating func apply(_ control: Control, _ outbox: inout Outbox) {
    switch control {
    case .configure(let configuration):
      earlierLatency = desk.orders.isEmpty ? nil : smallestFeedbackLatency
      desk.exchange = configuration.exchange
      desk.rules = configuration.orders
      desk.noteIntervention(at: outbox.time)
      guard engine.limits != configuration.risk else { return }
      engine.limits = configuration.risk
      engine.look(at: outbox.time)
      // Other limits are other layers: what was proved of the old ones says nothing.
      runSelfTest(&outbox)
    case .stop(let reason, _):
      engine.engageKillSwitch(reason: reason)
      engine.look(at: outbox.time)
      desk.noteIntervention(at: outbox.time)
      for order in desk.resting { cancel(order, .killSwitch, &outbox) }
    case .resume:
      engine.releaseKillSwitch()
      engine.look(at: outbox.time)
    case .probe(let number, let instrument):
      _ = probe(number: number, instrument: instrument, &outbox)
      runSelfTest(&outbox)
    case .gate: desk.noteIntervention(at: outbox.time)
    case .verdict, .answer, .incident, .block: return
    }
  }

  private mutating func decide(
    _ signal: Signal, account role: AccountRole = .trading, sizing: RiskEngine.Sizing = .configured,
    _ outbox: inout Outbox
  ) {
    let ruling = engine.rule(on: signal, account: role, sizing: sizing, at: outbox.time)
    let account = engine[role].account.name
    outbox.emit(
      .decision(
        RiskDecision(
          id: outbox.nextID, signalID: signal.id, account: account, instrument: signal.instrument,
          side: signal.side, approved: ruling.approved != nil, reason: ruling.reason,
          layers: ruling.layers)))
    guard let proposal = ruling.approved else { return }
    // Probes and protective exits take what is there: neither has time to wait in a queue.
    let isUrgent = role == .canary || signal.strategy == Self.stopLossStrategy
    let terms =
      isUrgent
      ? (type: OrderType.market, limit: nil)
      : desk.terms(for: signal.side, of: signal.instrument, reference: signal.referencePrice)
    let order = Order(
      id: outbox.nextID, signalID: signal.id, account: account, instrument: signal.instrument,
      side: signal.side, type: terms.type, quantity: proposal.quantity, limitPrice: terms.limit,
      referencePrice: signal.referencePrice, layers: ruling.layers)
    engine.opened(order, reserving: proposal.notional, at: outbox.time)
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

// MARK: Signals of its own

extension RiskStage {
  /// Sells what the stop-loss asks for: a signal and its decision like any other.
  private mutating func stopLosses(_ outbox: inout Outbox) {
    for exit in engine.takeProtectiveExits() {
      let signal = Signal(
        id: outbox.nextID, instrument: exit.instrument, side: .sell, strategy: Self.stopLossStrategy,
        strength: exit.strength, referencePrice: exit.referencePrice,
        features: ["loss": exit.loss, "limit": exit.limit])
      outbox.emit(.signal(signal))
      decide(signal, &outbox)
    }
  }

  /// Sends a probe through the layers in the shadow account: a signal, its decision and, where approved, an
  /// order of the smallest size. It buys when it holds nothing, and otherwise sells what it holds.
  ///
  /// - Parameter number: the probe's number, which its signal names.
  public mutating func probe(
    number: UInt64, instrument: InstrumentID, _ outbox: inout Outbox
  ) -> Disposition {
    guard engine.instruments.contains(instrument) else { return .dropped(.unknownSymbol) }
    let signal = Signal(
      id: outbox.nextID, instrument: instrument, side: engine.probeSide(for: instrument),
      strategy: RiskEngine.canaryName, strength: .one,
      referencePrice: engine.market.mark(of: instrument) ?? Price(mantissa: 0),
      features: ["probe": Ratio(count: Int64(clamping: number))])
    outbox.emit(.signal(signal))
    decide(signal, account: .canary, sizing: .smallest, &outbox)
    return .acted
  }
}

// MARK: The self-test

extension RiskStage {
  private func isSelfTestDue(at time: EventTime) -> Bool {
    guard let selfTest else { return true }
    return time >= selfTest.time.advanced(by: engine.limits.selfTestInterval)
  }

  /// Lets every layer prove itself, and alerts of each failure that is new.
  public mutating func runSelfTest(_ outbox: inout Outbox) {
    let report = RiskSelfTestReport(time: outbox.time, results: engine.selfTest())
    for failure in report.failures(newSince: selfTest) {
      outbox.emit(
        .alert(
          Alert(
            id: outbox.nextID, level: .critical, reason: .riskSelfTestFailed,
            message: "the self-test of \(failure.name) failed",
            context: [
              "layer": failure.name, "expected": failure.expected.code,
              "got": failure.got?.code ?? ReasonCode.none.code,
            ])))
    }
    selfTest = report
  }
}
