import Testing

@testable import CDBDomain

/// A paper exchange and all that it reported. Unless told otherwise 30 ms there, 30 ms back.
struct ExchangeHarness<Matching: MatchingModel> {
  var exchange: PaperExchange<Matching>
  var outcomes: [ExchangeOutcome] = []
  /// The time of the market data that is applied without one.
  var now = at(0)

  init(
    matching: Matching, instruments: InstrumentCatalogue? = nil,
    _ change: (inout PaperExchangeRules) -> Void = { _ in }
  ) throws {
    var configuration = PipelineConfiguration(
      profile: "default", instruments: try instruments ?? Fixture.catalogue())
    configuration.exchange.orderLatency = LatencyDistribution(constant: 30 * millisecond)
    configuration.exchange.cancelLatency = LatencyDistribution(constant: 30 * millisecond)
    configuration.exchange.reportLatency = LatencyDistribution(constant: 30 * millisecond)
    change(&configuration.exchange)
    exchange = PaperExchange(configuration: configuration, matching: matching)
  }

  mutating func quote(_ bid: String, _ ask: String, size: String = "1", updateID: Int64 = 1) throws {
    quote(try Fixture.quote(btc, bid, ask, size: size, updateID: updateID))
  }

  mutating func quote(_ quote: Quote) {
    var reported: [ExchangeOutcome] = []
    exchange.apply(quote, at: now) { reported.append($0) }
    outcomes += reported
  }

  mutating func book(_ update: BookUpdate) {
    var reported: [ExchangeOutcome] = []
    exchange.apply(update, at: now) { reported.append($0) }
    outcomes += reported
  }

  /// A snapshot of levels such as `("50001", "0.2")`.
  mutating func snapshot(
    bids: [(String, String)], asks: [(String, String)], updateID: Int64 = 1
  ) throws {
    book(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: updateID, lastUpdateID: updateID,
        bids: try bids.map { try Fixture.level($0.0, $0.1) },
        asks: try asks.map { try Fixture.level($0.0, $0.1) }))
  }

  mutating func trade(_ trade: Trade) {
    var reported: [ExchangeOutcome] = []
    exchange.apply(trade, at: now) { reported.append($0) }
    outcomes += reported
  }

  mutating func trade(_ price: String, _ quantity: String, _ aggressor: Side) throws {
    trade(
      Trade(
        instrument: btc, aggressor: aggressor, exchangeTime: nil, tradeID: 1, price: try Fixture.price(price),
        quantity: try Fixture.quantity(quantity)))
  }

  mutating func advance(to time: EventTime) {
    var reported: [ExchangeOutcome] = []
    exchange.advance(to: time) { reported.append($0) }
    outcomes += reported
    now = time
  }

  /// Submits at time zero and lets everything on its way arrive.
  mutating func execute(_ orders: Order...) {
    for order in orders { exchange.submit(order, origin: 7, at: at(0)) }
    advance(to: .distantFuture)
  }

  var statuses: [OrderStatus] { outcomes.map(\.status) }
  var reasons: [ReasonCode] { outcomes.map(\.reason) }
  var fills: [Fill] { outcomes.compactMap(\.fill) }

  /// The fills of one order.
  func fills(of sequence: UInt64) -> [Fill] {
    outcomes.filter { $0.order.id.sequence == sequence }.compactMap(\.fill)
  }
}

extension ExchangeHarness where Matching == BookMatching {
  init(
    instruments: InstrumentCatalogue? = nil, _ change: (inout PaperExchangeRules) -> Void = { _ in }
  ) throws {
    try self.init(matching: BookMatching(), instruments: instruments, change)
  }
}
