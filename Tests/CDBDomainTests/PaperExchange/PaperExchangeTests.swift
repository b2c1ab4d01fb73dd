import Testing

@testable import CDBDomain

@Suite("Paper exchange")
struct PaperExchangeTests {
  @Test(
    "a buy takes the ask, a sell the bid, pays the fee, and is accepted before it is filled",
    arguments: [
      (Side.buy, "50001", "25000.5", "25.0005"), (Side.sell, "49999", "24999.5", "24.9995"),
    ])
  func fill(side: Side, price: String, notional: String, fee: String) throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order(1, side, "0.5"))
    #expect(harness.statuses == [.accepted, .filled])
    #expect(harness.reasons == [.none, .filledCompletely])
    #expect(harness.outcomes.allSatisfy { $0.origin == 7 })
    let fill = try #require(harness.fills.first)
    #expect(fill.number == 1 && fill.liquidity == .taker)
    #expect(try fill.price == Fixture.price(price) && fill.quantity == Fixture.quantity("0.5"))
    #expect(try fill.notional == Fixture.money(notional) && fill.fee == Fixture.money(fee))
    #expect(try fill.bid == Fixture.price("49999") && fill.ask == Fixture.price("50001"))
  }

  @Test("notional and fee are rounded against the account, on both sides")
  func rounding() throws {
    for (side, notional, fee) in [(Side.buy, 3 as Int64, 1 as Int64), (.sell, 2, 1)] {
      var harness = try ExchangeHarness(instruments: Fixture.free())
      try harness.quote("2.50", "2.51")
      harness.execute(try Fixture.order(1, side, "0.00000001"))
      #expect(harness.fills.map(\.notional.mantissa) == [notional])
      #expect(harness.fills.map(\.fee.mantissa) == [fee])
    }
  }

  @Test("an order meets the market at its arrival, not the one it was decided in")
  func marketAtArrival() throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.exchange.submit(try Fixture.order(), origin: 1, at: at(0))
    harness.advance(to: at(20 * millisecond))
    #expect(harness.outcomes.isEmpty && harness.exchange.pendingOrders == 1)
    try harness.quote("51999", "52001", updateID: 2)
    harness.advance(to: at(30 * millisecond))
    #expect(harness.fills.map(\.price) == [try Fixture.price("52001")])
  }

  @Test("latency is respected to the nanosecond, there and back")
  func latency() throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.exchange.submit(try Fixture.order(), origin: 1, at: at(second))
    let arrival = at(second + 30 * millisecond)
    #expect(harness.exchange.nextArrival == arrival)
    harness.advance(to: arrival.advanced(by: -1))
    #expect(harness.outcomes.isEmpty)
    harness.advance(to: arrival)
    #expect(harness.outcomes.allSatisfy { $0.executedAt == arrival })
    #expect(harness.outcomes.allSatisfy { $0.reportedAt == arrival.advanced(by: 30 * millisecond) })
    #expect(harness.exchange.nextArrival == nil && harness.exchange.pendingOrders == 0)
  }

  @Test("a walk through the book pays each level its price, best first")
  func walk() throws {
    var harness = try ExchangeHarness()
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: 1, lastUpdateID: 1,
        bids: [try Fixture.level("49999", "1")],
        asks: [
          try Fixture.level("50020", "5"), try Fixture.level("50001", "0.2"),
          try Fixture.level("50010", "0.3"),
        ]))
    harness.execute(try Fixture.order(1, .buy, "1"))
    #expect(harness.statuses == [.accepted, .partiallyFilled, .partiallyFilled, .filled])
    #expect(harness.fills.map(\.number) == [1, 2, 3])
    #expect(
      harness.fills.map(\.price) == [
        try Fixture.price("50001"), try Fixture.price("50010"), try Fixture.price("50020"),
      ])
    #expect(
      harness.fills.map(\.quantity)
        == [try Fixture.quantity("0.2"), try Fixture.quantity("0.3"), try Fixture.quantity("0.5")])
  }

  @Test("slippage_bound: what stands beyond the bound is left, and the rest cancelled")
  func slippageBound() throws {
    var harness = try ExchangeHarness { $0.maximumSlippage = Ratio(basisPoints: 10) }
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: 1, lastUpdateID: 1,
        bids: [try Fixture.level("49999", "1")],
        asks: [
          try Fixture.level("50000", "0.2"), try Fixture.level("50050", "0.2"),
          try Fixture.level("50050.01", "9"),
        ]))
    harness.execute(try Fixture.order(1, .buy, "1"))
    #expect(harness.statuses == [.accepted, .partiallyFilled, .partiallyFilled, .cancelled])
    #expect(harness.reasons.last == .slippageBound)
    #expect(harness.outcomes.last?.fill == nil)
    #expect(harness.fills.last?.price == (try Fixture.price("50050")))
  }

  @Test("insufficient_liquidity: where the known book ends no price is invented")
  func insufficientLiquidity() throws {
    var harness = try ExchangeHarness()
    try harness.snapshot(bids: [("49999", "1")], asks: [("50001", "0.2")])
    harness.execute(try Fixture.order(1, .buy, "1"))
    #expect(harness.statuses == [.accepted, .partiallyFilled, .cancelled])
    #expect(harness.reasons.last == .insufficientLiquidity)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.2")])
  }

  @Test("where no book is known, levels a spread apart of the quote's size are supposed, within the bound")
  func impactModel() throws {
    var harness = try ExchangeHarness { $0.maximumSlippage = Ratio(basisPoints: 1) }
    try harness.quote("49999", "50001", size: "0.2")
    harness.execute(try Fixture.order(1, .buy, "0.5"), try Fixture.order(2, .buy, "0.5"))
    #expect(
      try harness.fills(of: 1).map(\.price) == ["50001", "50003", "50005"].map(Fixture.price))
    #expect(
      try harness.fills(of: 1).map(\.quantity) == ["0.2", "0.2", "0.1"].map(Fixture.quantity))
    // The second order meets what the first left, up to the bound of 5.0001 beyond the ask.
    #expect(try harness.fills(of: 2).map(\.price) == [Fixture.price("50005")])
    #expect(harness.reasons.last == .slippageBound)
    try harness.quote("49999", "50001", size: "0.2", updateID: 2)
    harness.execute(try Fixture.order(3, .sell, "0.3"))
    #expect(try harness.fills(of: 3).map(\.price) == [Fixture.price("49999"), Fixture.price("49997")])
  }

  @Test("a spread of nothing still costs a tick a level, and a tiny quote is not walked for ever")
  func impactModelEnds() throws {
    var harness = try ExchangeHarness()
    try harness.quote("50000", "50000", size: "0.00001")
    harness.execute(try Fixture.order(1, .buy, "1"))
    #expect(harness.fills.count == 1 + LiquidityWalk.modelledLevels)
    #expect(harness.fills.last?.price == (try Fixture.price("50001")))
    #expect(harness.reasons.last == .insufficientLiquidity)
  }

  @Test("no_market: without a quote an order is rejected")
  func noMarket() throws {
    var harness = try ExchangeHarness()
    harness.execute(try Fixture.order())
    #expect(harness.statuses == [.rejected] && harness.reasons == [.noMarket])
  }

  @Test(
    "invalid_order: no such instrument, or nothing to trade",
    arguments: [
      (nowhere, "1"), (btc, "0"), (btc, "-1"),
    ])
  func invalidOrder(instrument: InstrumentID, quantity: String) throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order(1, .buy, quantity, instrument: instrument))
    #expect(harness.statuses == [.rejected] && harness.reasons == [.invalidOrder])
    #expect(harness.exchange.market(of: nowhere) == nil)
  }

  @Test("arithmetic_overflow: amounts beyond 64 bits are a rejection, never a trap")
  func arithmeticOverflow() throws {
    var harness = try ExchangeHarness(instruments: Fixture.free())
    let size = Quantity(mantissa: .max)
    harness.quote(
      Quote(
        instrument: btc, updateID: 1, bid: Price(mantissa: 1 << 60), bidQuantity: size,
        ask: Price(mantissa: 1 << 60), askQuantity: size))
    var order = try Fixture.order()
    order.quantity = size
    harness.execute(order)
    #expect(harness.statuses == [.rejected] && harness.reasons == [.arithmeticOverflow])
  }

  @Test(
    "a limit order takes nothing beyond its limit",
    arguments: [
      (Side.buy, "50000.99", 0), (.buy, "50001", 1), (.sell, "49999.01", 0), (.sell, "49999", 1),
    ] as [(Side, String, Int)])
  func limit(side: Side, limit: String, fills: Int) throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order(1, side, "0.5", type: .limit, limit: limit))
    #expect(harness.fills.count == fills)
    #expect(harness.statuses.last == (fills == 0 ? .accepted : .filled))
    #expect(harness.exchange.waitingOrders == 1 - fills)
  }

  @Test("orders execute by arrival; equal arrivals in the order in which they came")
  func fifo() throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    for (sequence, time) in [(1, 5), (2, 0), (3, 5), (4, 0), (5, 3)] as [(UInt64, Int64)] {
      harness.exchange.submit(try Fixture.order(sequence), origin: 1, at: at(time))
    }
    harness.advance(to: .distantFuture)
    let order = harness.outcomes.filter { $0.status == .filled }.map(\.order.id.sequence)
    #expect(order == [2, 4, 5, 1, 3])
  }

  @Test("invalid_order: a limit order that names no limit")
  func limitWithoutLimit() throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001")
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit))
    #expect(harness.statuses == [.rejected] && harness.reasons == [.invalidOrder])
  }

  @Test("a market order takes, and pays what takers pay")
  func takerFee() throws {
    var harness = try ExchangeHarness { $0.makerFee = .zero }
    try harness.quote("49999", "50000")
    harness.execute(try Fixture.order(1, .buy, "1"))
    #expect(harness.fills.map(\.fee) == [try Fixture.money("50")])
  }

  @Test("a quote of no size is passed over for the level behind it")
  func emptyTop() throws {
    var harness = try ExchangeHarness()
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: true, exchangeTime: nil, firstUpdateID: 1, lastUpdateID: 1,
        bids: [try Fixture.level("49999", "1")], asks: [try Fixture.level("50002", "1")]))
    try harness.quote("49999", "50001", size: "0", updateID: 2)
    harness.execute(try Fixture.order())
    #expect(harness.statuses == [.accepted, .filled])
    #expect(harness.fills.map(\.price) == [try Fixture.price("50002")])
  }
}
