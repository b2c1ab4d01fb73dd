/// An exchange that executes on paper against the market as it was recorded.
///
/// An order reaches the exchange after its latency, meets the market as it is *then*, pays fees, and is
/// reported back after another latency. Every fill is checked against the market of that instant
/// (``FillBounds``), independently of how it was priced; a fill outside is refused and alerts.
public struct PaperExchange<Matching: MatchingModel>: Sendable, Hashable, Codable {
  /// What happened to an order, before it has an identity.
  public struct Outcome: Sendable, Hashable {
    public var order: Order
    public var origin: UInt64
    public var status: OrderStatus
    public var executedAt: EventTime
    public var reportedAt: EventTime
    public var fill: Fill?
    public var reason: ReasonCode
  }

  private struct Pending: Sendable, Hashable, Codable {
    var order: Order
    var origin: UInt64
    var arrival: EventTime
  }

  public var rules: PaperExchangeRules
  private let instruments: InstrumentCatalogue
  private let matching: Matching
  private var markets: [MarketView]
  /// Orders on their way, ascending by arrival; equal arrivals in order of submission.
  private var pending: [Pending] = []

  public init(configuration: PipelineConfiguration, matching: Matching) {
    rules = configuration.exchange
    instruments = configuration.instruments
    self.matching = matching
    markets = Array(repeating: MarketView(), count: configuration.instruments.instruments.count)
  }

  public var pendingOrders: Int { pending.count }
  public func market(of id: InstrumentID) -> MarketView? {
    instruments.contains(id) ? markets[Int(id.index)] : nil
  }

  /// When the next order arrives; nil when none is on its way.
  public var nextArrival: EventTime? { pending.first?.arrival }

  public mutating func apply(_ quote: Quote) {
    guard instruments.contains(quote.instrument) else { return }
    markets[Int(quote.instrument.index)].apply(quote)
  }

  public mutating func apply(_ update: BookUpdate) {
    guard instruments.contains(update.instrument) else { return }
    markets[Int(update.instrument.index)].apply(update)
  }

  /// Takes an order that was decided at `time`.
  public mutating func submit(_ order: Order, origin: UInt64, at time: EventTime) {
    let arrival = time.advanced(by: rules.orderLatency(of: order.id))
    let place = pending.firstIndex { $0.arrival > arrival } ?? pending.endIndex
    pending.insert(Pending(order: order, origin: origin, arrival: arrival), at: place)
  }

  /// Executes the orders that arrive up to and including `time`, against the market as it stands. Call
  /// it before applying market data of that time.
  public mutating func advance(to time: EventTime, _ report: (Outcome) -> Void) {
    while let first = pending.first, first.arrival <= time {
      pending.removeFirst()
      execute(first, report)
    }
  }

  private func execute(_ pending: Pending, _ report: (Outcome) -> Void) {
    let order = pending.order
    var outcome = Outcome(
      order: order, origin: pending.origin, status: .accepted, executedAt: pending.arrival,
      reportedAt: pending.arrival.advanced(by: rules.smallestLatency), fill: nil, reason: .none)
    func finish(_ status: OrderStatus, _ reason: ReasonCode) {
      outcome.status = status
      outcome.reason = reason
      outcome.fill = nil
      report(outcome)
    }
    let hasItsLimit = order.type == .market || order.limitPrice != nil
    guard instruments.contains(order.instrument), order.quantity.mantissa > 0, hasItsLimit else {
      return finish(.rejected, .invalidOrder)
    }
    let market = markets[Int(order.instrument.index)]
    guard let quote = market.quote else { return finish(.rejected, .noMarket) }
    do throws(ArithmeticOverflow) {
      let match = try matching.match(order, in: market, rules: rules)
      let fills = try fills(of: order, match, quote)
      let bounds = try FillBounds(quote: quote, maximumSlippage: rules.maximumSlippage)
      let isWithinBounds = fills.allSatisfy {
        bounds.allows($0.price, side: order.side) && order.allows($0.price)
      }
      guard isWithinBounds, try match.accounts(for: order) else {
        return finish(.rejected, .fillOutOfBounds)
      }
      report(outcome)
      for fill in fills {
        let isLast = fill.number == fills.count && match.remainder == .filledCompletely
        outcome.status = isLast ? .filled : .partiallyFilled
        outcome.reason = isLast ? .filledCompletely : .none
        outcome.fill = fill
        report(outcome)
      }
      if match.remainder != .filledCompletely { finish(.cancelled, match.remainder) }
    } catch {
      finish(.rejected, .arithmeticOverflow)
    }
  }

  private func fills(of order: Order, _ match: Match, _ quote: Quote) throws(ArithmeticOverflow) -> [Fill] {
    let instrument = instruments[order.instrument]
    var fills: [Fill] = []
    for piece in match.pieces {
      let notional = try instrument.notional(
        piece.price, piece.quantity, rounding: order.side == .buy ? .up : .down)
      fills.append(
        Fill(
          number: fills.count + 1, price: piece.price, quantity: piece.quantity, notional: notional,
          fee: try notional.times(rules.takerFee, rounding: .up), liquidity: .taker, bid: quote.bid,
          ask: quote.ask))
    }
    return fills
  }
}
