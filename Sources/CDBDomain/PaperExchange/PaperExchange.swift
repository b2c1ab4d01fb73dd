/// What happened to an order at the exchange, before it has an identity.
public struct ExchangeOutcome: Sendable, Hashable {
  public var order: Order
  public var origin: UInt64
  public var status: OrderStatus
  public var executedAt: EventTime
  public var reportedAt: EventTime
  public var fill: Fill?
  public var reason: ReasonCode
}

/// An exchange that executes on paper against the market as it was recorded.
///
/// An order reaches the exchange after its latency and meets the market as it is *then*. What it can take it
/// takes; the rest of an order with a limit waits in the book, in its place in the queue, until trades or
/// quotes come to it or a cancel takes it out; a stop waits for the market to reach it. What happens is
/// reported back after another latency. Every fill is checked against the market of that instant
/// (``FillBounds``), independently of how it was priced; a fill outside is refused and alerts.
///
/// Paper orders do not move the recorded market. What they take stays taken (``MarketView/take(_:at:side:)``), and
/// a trade fills them with no more than was traded.
public struct PaperExchange<Matching: MatchingModel>: Sendable, Hashable, Codable {
  public typealias Outcome = ExchangeOutcome

  private enum Request: Sendable, Hashable, Codable {
    case order(Order)
    case cancel(CancelRequest)
  }

  private struct Pending: Sendable, Hashable, Codable {
    var request: Request
    var origin: UInt64
    var arrival: EventTime
  }

  public var rules: PaperExchangeRules
  let instruments: InstrumentCatalogue
  let matching: Matching
  var venues: [Venue]
  /// Requests on their way, ascending by arrival; equal arrivals in order of submission.
  private var pending: [Pending] = []
  /// What the gate lets through: looked at when an order arrives, and again when it changes.
  public private(set) var gate: GateState
  /// Cancels that found nothing to take out: their order had come to its end.
  public private(set) var lateCancels: UInt64 = 0

  public init(configuration: PipelineConfiguration, matching: Matching) {
    rules = configuration.exchange
    gate = GateState(enforced: configuration.gate.enforced)
    instruments = configuration.instruments
    self.matching = matching
    venues = configuration.instruments.instruments.map { Venue(tick: $0.tickSize) }
  }

  /// Orders and cancels on their way.
  public var pendingOrders: Int { pending.count }
  /// Orders that wait at the exchange: in the book, or for their stop.
  public var waitingOrders: Int { venues.reduce(0) { $0 + $1.waitingOrders } }
  public func market(of id: InstrumentID) -> MarketView? {
    instruments.contains(id) ? venues[Int(id.index)].market : nil
  }

  /// When the next order or cancel arrives; nil when none is on its way.
  public var nextArrival: EventTime? { pending.first?.arrival }

  /// Takes an order that was decided at `time`.
  public mutating func submit(_ order: Order, origin: UInt64, at time: EventTime) {
    submit(.order(order), origin, rules.arrival(of: order.id, sentAt: time))
  }

  /// Takes a request to cancel that was made at `time`.
  public mutating func submit(_ cancel: CancelRequest, origin: UInt64, at time: EventTime) {
    let order = pending.first { pending in
      if case .order(let order) = pending.request { order.id == cancel.orderID } else { false }
    }
    let arrival = rules.arrival(ofCancel: cancel.id, sentAt: time, after: order?.arrival)
    submit(.cancel(cancel), origin, arrival)
  }

  private mutating func submit(_ request: Request, _ origin: UInt64, _ arrival: EventTime) {
    let place = pending.firstIndex { $0.arrival > arrival } ?? pending.endIndex
    pending.insert(Pending(request: request, origin: origin, arrival: arrival), at: place)
  }

  /// Carries out what arrives up to and including `time`, against the market as it stands. Call it before
  /// applying market data of that time.
  public mutating func advance(to time: EventTime, _ report: (Outcome) -> Void) {
    while let first = pending.first, first.arrival <= time {
      pending.removeFirst()
      switch first.request {
      case .order(let order): arrive(order, origin: first.origin, at: first.arrival, report)
      case .cancel(let cancel): withdraw(cancel, at: first.arrival, report)
      }
    }
  }

  /// Changes what is let through. Orders that wait and would be refused now are taken out at once: nothing is
  /// executed that the gate does not let through.
  public mutating func set(gate: GateState, at time: EventTime, _ report: (Outcome) -> Void) {
    self.gate = gate
    for index in venues.indices where !venues[index].isIdle {
      for waiting in venues[index].waiting {
        guard let reason = gate.refusal(of: waiting.order), venues[index].withdraw(waiting.order.id) != nil
        else {
          continue
        }
        report(outcome(of: waiting.order, origin: waiting.origin, at: time, .cancelled, reason))
      }
    }
  }

  private mutating func withdraw(_ cancel: CancelRequest, at time: EventTime, _ report: (Outcome) -> Void) {
    guard instruments.contains(cancel.instrument),
      let found = venues[Int(cancel.instrument.index)].withdraw(cancel.orderID)
    else {
      lateCancels += 1
      return
    }
    report(outcome(of: found.order, origin: found.origin, at: time, .cancelled, cancel.reason))
  }

  func outcome(
    of order: Order, origin: UInt64, at time: EventTime, _ status: OrderStatus, _ reason: ReasonCode
  ) -> Outcome {
    Outcome(
      order: order, origin: origin, status: status, executedAt: time,
      reportedAt: rules.report(on: order.id, at: time), fill: nil, reason: reason)
  }
}
