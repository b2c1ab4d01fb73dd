import Testing

@testable import CDBDomain

@Suite("Stop orders, cancels and the rules of admission")
struct StopAndCancelTests {
  private func market() throws -> ExchangeHarness<BookMatching> {
    var harness = try ExchangeHarness()
    try harness.snapshot(
      bids: [("49999", "1"), ("49990", "3")], asks: [("50001", "1"), ("50010", "3")])
    return harness
  }

  @Test(
    "a stop waits until a trade reaches its price, then takes the market, once",
    arguments: [
      (Side.buy, "50050", "50049.99", "50050", "50001"), (.sell, "49950", "49950.01", "49949", "49999"),
    ])
  func stop(side: Side, stop: String, near: String, reached: String, price: String) throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, side, "0.5", type: .stop, stop: stop))
    #expect(harness.statuses == [.accepted])
    try harness.trade(near, "1", side)
    #expect(harness.statuses == [.accepted] && harness.exchange.waitingOrders == 1)
    try harness.trade(reached, "1", side)
    try harness.trade(reached, "1", side)
    #expect(harness.statuses == [.accepted, .filled])
    #expect(harness.fills.map(\.price) == [try Fixture.price(price)])
    #expect(harness.fills.map(\.liquidity) == [.taker])
    #expect(harness.exchange.waitingOrders == 0)
  }

  @Test("while there was no trade the quote's opposite side speaks; once there was one, it does not")
  func stopByQuote() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .stop, stop: "50050"))
    try harness.quote("50040", "50049", updateID: 2)
    #expect(harness.fills.isEmpty)
    try harness.quote("50040", "50050", updateID: 3)
    #expect(harness.fills.map(\.price) == [try Fixture.price("50050")])

    var trading = try market()
    try trading.trade("50000", "1", .buy)
    trading.execute(try Fixture.order(1, .buy, "0.5", type: .stop, stop: "50050"))
    try trading.quote("50060", "50070", updateID: 2)
    #expect(trading.fills.isEmpty)
  }

  @Test("a stop whose price is reached already acts at its arrival")
  func stopAtArrival() throws {
    var harness = try market()
    try harness.trade("50100", "1", .buy)
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .stop, stop: "50050"))
    #expect(harness.statuses == [.accepted, .filled])
  }

  @Test("a stop limit becomes a limit order: it takes within its limit, and its rest waits")
  func stopLimit() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "1.5", type: .stopLimit, limit: "50005", stop: "50050"))
    try harness.trade("50005", "9", .sell)
    #expect(harness.fills.isEmpty)
    try harness.trade("50050", "9", .buy)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("1")])
    try harness.trade("50005", "0.2", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("1"), try Fixture.quantity("0.2")])
    #expect(harness.statuses == [.accepted, .partiallyFilled, .partiallyFilled])
  }

  @Test("what a stop cannot take is cancelled, not rejected: it was accepted")
  func stopRemainder() throws {
    var harness = try ExchangeHarness()
    try harness.snapshot(bids: [("49999", "1")], asks: [("50001", "0.2")])
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .stop, stop: "50050"))
    try harness.trade("50050", "1", .buy)
    #expect(harness.statuses == [.accepted, .partiallyFilled, .cancelled])
    #expect(harness.reasons.last == .insufficientLiquidity)
  }

  private func cancel(_ sequence: UInt64, of order: UInt64, _ instrument: InstrumentID = btc) -> CancelRequest
  {
    CancelRequest(
      id: Fixture.id(.risk, sequence), orderID: Fixture.id(.risk, order), account: "paper",
      instrument: instrument, reason: .patienceExhausted)
  }

  @Test(
    "a cancel takes out what is left, after its latency, with its reason",
    arguments: [OrderType.limit, .stop, .stopLimit])
  func cancels(type: OrderType) throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: type, limit: "49000", stop: "60000"))
    harness.now = at(second)
    harness.exchange.submit(cancel(2, of: 1), origin: 8, at: at(second))
    harness.advance(to: at(second + 30 * millisecond - 1))
    #expect(harness.exchange.waitingOrders == 1)
    harness.advance(to: at(second + 30 * millisecond))
    #expect(harness.statuses == [.accepted, .cancelled] && harness.reasons.last == .patienceExhausted)
    #expect(harness.outcomes.last?.executedAt == at(second + 30 * millisecond))
    #expect(harness.outcomes.last?.reportedAt == at(second + 60 * millisecond))
    #expect(harness.outcomes.last?.origin == 7)
    #expect(harness.exchange.waitingOrders == 0 && harness.exchange.lateCancels == 0)
  }

  @Test("a cancel that loses the race is answered by nothing, and counted")
  func lateCancel() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    harness.exchange.submit(cancel(2, of: 1), origin: 8, at: at(second))
    harness.exchange.submit(cancel(3, of: 99), origin: 8, at: at(second))
    harness.exchange.submit(cancel(4, of: 1, nowhere), origin: 8, at: at(second))
    try harness.trade("49998", "1", .sell)
    harness.advance(to: .distantFuture)
    #expect(harness.statuses == [.accepted, .filled])
    #expect(harness.exchange.lateCancels == 3)
  }

  @Test("a cancel on the heels of its order arrives after it")
  func cancelAfterOrder() throws {
    var harness = try ExchangeHarness { $0.cancelLatency = LatencyDistribution(constant: 1_000) }
    try harness.quote("49999", "50001")
    harness.exchange.submit(
      try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49000"), origin: 7, at: at(0))
    harness.exchange.submit(cancel(2, of: 1), origin: 8, at: at(1))
    harness.advance(to: .distantFuture)
    #expect(harness.statuses == [.accepted, .cancelled])
  }

  @Test(
    "the instrument's rules refuse with their reasons",
    arguments: [
      (OrderType.market, "0.000011", nil, nil, .lotSize), (.limit, "0.001", "50000.005", nil, .tickSize),
      (.stop, "0.001", nil, "50000.005", .tickSize), (.market, "0.00009", nil, nil, .minimumNotional),
      (.limit, "0.00009", "50000", nil, .minimumNotional), (.limit, "0.001", "0", nil, .invalidOrder),
      (.limit, "0.001", nil, nil, .invalidOrder), (.stop, "0.001", nil, nil, .invalidOrder),
      (.stopLimit, "0.001", nil, "50000", .invalidOrder), (.stopLimit, "0.001", "50000", nil, .invalidOrder),
      (.limit, "0.0001", "50000", nil, nil), (.market, "0.0001", nil, nil, nil),
    ] as [(OrderType, String, String?, String?, ReasonCode?)])
  func admission(type: OrderType, quantity: String, limit: String?, stop: String?, reason: ReasonCode?) throws
  {
    // Two digits more than usual, so that a price can be off the tick.
    var instrument = Instrument.binanceSpot("BTCUSDT")
    instrument.priceScale = 4
    instrument.tickSize = Price(mantissa: 100)
    var harness = try ExchangeHarness(instruments: InstrumentCatalogue([instrument]))
    let price = { (text: String) in Price(mantissa: try DecimalText.parse(text, scale: 4)) }
    harness.quote(
      Quote(
        instrument: btc, updateID: 1, bid: try price("50000"), bidQuantity: try Fixture.quantity("1"),
        ask: try price("50001"), askQuantity: try Fixture.quantity("1")))
    var order = try Fixture.order(1, .buy, quantity, type: type)
    order.limitPrice = try limit.map(price)
    order.stopPrice = try stop.map(price)
    harness.execute(order)
    if let reason {
      #expect(harness.statuses == [.rejected] && harness.reasons == [reason])
    } else {
      #expect(harness.statuses.first == .accepted)
    }
  }
}
