import Testing

@testable import CDBDomain

@Suite("Limit orders at the paper exchange")
struct RestingOrderTests {
  /// A market of 1 at 49,999 and 1 at 50,001, with makers' fee of one basis point.
  private func market() throws -> ExchangeHarness<BookMatching> {
    var harness = try ExchangeHarness { $0.makerFee = Ratio(basisPoints: 1) }
    try harness.snapshot(
      bids: [("49999", "1"), ("49990", "3")], asks: [("50001", "1"), ("50010", "3")])
    return harness
  }

  @Test("what is marketable is taken at once as a taker, the rest waits as a maker and pays its own price")
  func takesThenRests() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "1.5", type: .limit, limit: "50005"))
    #expect(harness.statuses == [.accepted, .partiallyFilled])
    #expect(harness.exchange.waitingOrders == 1)
    // The only one at its price: the whole trade is for it.
    try harness.trade("50005", "2", .sell)
    #expect(harness.statuses.last == .filled && harness.exchange.waitingOrders == 0)
    #expect(harness.fills.map(\.liquidity) == [.taker, .maker])
    #expect(harness.fills.map(\.number) == [1, 2])
    #expect(harness.fills.map(\.price) == [try Fixture.price("50001"), try Fixture.price("50005")])
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("1"), try Fixture.quantity("0.5")])
    #expect(harness.fills.map(\.fee) == [try Fixture.money("50.001"), try Fixture.money("2.50025")])
  }

  @Test("a limit far beyond the slippage bound takes up to the limit: that is its bound")
  func limitIsTheBound() throws {
    var harness = try ExchangeHarness { $0.maximumSlippage = Ratio(basisPoints: 1) }
    try harness.snapshot(bids: [("49999", "1")], asks: [("50001", "1"), ("50100", "1"), ("50101", "1")])
    harness.execute(try Fixture.order(1, .buy, "3", type: .limit, limit: "50100"))
    #expect(harness.fills.map(\.price) == [try Fixture.price("50001"), try Fixture.price("50100")])
    #expect(harness.exchange.waitingOrders == 1)
  }

  @Test("trades at its price first use up what was there before it")
  func queue() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    try harness.trade("49999", "0.4", .sell)
    try harness.trade("49999", "0.6", .sell)
    #expect(harness.fills.isEmpty)
    try harness.trade("49999", "0.2", .sell)
    try harness.trade("49999", "0.5", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.2"), try Fixture.quantity("0.3")])
    #expect(harness.statuses == [.accepted, .partiallyFilled, .filled])
    #expect(harness.fills.allSatisfy { $0.liquidity == .maker })
  }

  @Test("a trade that uses up the queue fills with its rest, and with no more")
  func rest() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .sell, "0.5", type: .limit, limit: "50001"))
    try harness.trade("50001", "1.3", .buy)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.3")])
  }

  @Test("a trade of the wrong aggressor at its price, or one that does not come to it, changes nothing")
  func otherTrades() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    try harness.trade("49999", "9", .buy)
    try harness.trade("49999.01", "9", .sell)
    #expect(harness.fills.isEmpty)
    try harness.trade("49999", "1", .sell)
    #expect(harness.fills.isEmpty)
  }

  @Test("a trade through its price fills it, queue or not, with no more than was traded")
  func through() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    try harness.trade("49998", "0.2", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.2")])
    #expect(harness.fills.map(\.price) == [try Fixture.price("49999")])
    // What was ahead of it is gone with that.
    try harness.trade("49999", "0.1", .sell)
    #expect(harness.fills.last?.quantity == (try Fixture.quantity("0.1")))
  }

  @Test("the queue shrinks as far as quotes and book prove it, and never grows")
  func shrinks() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49990"))
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: 2, lastUpdateID: 2,
        bids: [try Fixture.level("49990", "0.7")], asks: []))
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: 3, lastUpdateID: 3,
        bids: [try Fixture.level("49990", "5")], asks: []))
    // Older news than the last, and a quote elsewhere, prove nothing.
    try harness.quote("49999", "50001", updateID: 4)
    try harness.trade("49990", "0.6", .sell)
    #expect(harness.fills.isEmpty)
    try harness.trade("49990", "0.2", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.1")])
    // A best bid below it: nobody else is left at its price.
    harness.execute(try Fixture.order(2, .buy, "0.5", type: .limit, limit: "49990"))
    try harness.quote("49980", "50001", updateID: 5)
    try harness.trade("49990", "0.9", .sell)
    #expect(harness.fills(of: 1).last?.quantity == (try Fixture.quantity("0.4")))
    #expect(harness.fills(of: 2).map(\.quantity) == [try Fixture.quantity("0.5")])
  }

  @Test("news that are older than the order say nothing of its queue")
  func oldNews() throws {
    var harness = try ExchangeHarness()
    try harness.snapshot(bids: [("49999", "1")], asks: [("50001", "1")])
    try harness.quote("49999", "50001", updateID: 9)
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: 2, lastUpdateID: 8,
        bids: [try Fixture.level("49999", "0.1")], asks: []))
    try harness.trade("49999", "1", .sell)
    #expect(harness.fills.isEmpty)
  }

  @Test("an order that improves the price is the first in line")
  func improves() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "50000"))
    try harness.trade("50000", "0.1", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.1")])
  }

  @Test("where nobody knows what waits at its price, as much as at the best counts as before it")
  func unknownQueue() throws {
    var harness = try ExchangeHarness()
    try harness.quote("49999", "50001", size: "0.7")
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49900"))
    try harness.trade("49900", "0.8", .sell)
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.1")])
  }

  @Test(
    "own orders: the better price first, at one price the one that came first; a trade is for all together")
  func fifo() throws {
    var harness = try market()
    harness.execute(
      try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49990"),
      try Fixture.order(2, .buy, "0.5", type: .limit, limit: "49999"),
      try Fixture.order(3, .buy, "0.5", type: .limit, limit: "49999"))
    // One was ahead at 49,999: 0.2 is left for the first of the two.
    try harness.trade("49999", "1.2", .sell)
    #expect(harness.fills(of: 2).map(\.quantity) == [try Fixture.quantity("0.2")])
    try harness.trade("49999", "0.4", .sell)
    #expect(harness.fills(of: 2).last?.quantity == (try Fixture.quantity("0.3")))
    #expect(harness.fills(of: 3).map(\.quantity) == [try Fixture.quantity("0.1")])
    // Through both prices: 0.4 for the better, the rest of the trade for the other.
    try harness.trade("49980", "0.6", .sell)
    #expect(harness.fills(of: 3).last?.quantity == (try Fixture.quantity("0.4")))
    #expect(harness.fills(of: 1).map(\.quantity) == [try Fixture.quantity("0.2")])
  }

  @Test("market orders between two own ones are consumed between them")
  func between() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    harness.now = at(0)
    try harness.quote("49999", "50001", size: "1.4", updateID: 2)
    harness.execute(try Fixture.order(2, .buy, "0.5", type: .limit, limit: "49999"))
    // One ahead of the first, then the first, then 0.4 more, then the second.
    try harness.trade("49999", "1.5", .sell)
    #expect(harness.fills(of: 1).map(\.quantity) == [try Fixture.quantity("0.5")])
    try harness.trade("49999", "0.4", .sell)
    #expect(harness.fills(of: 2).isEmpty)
    try harness.trade("49999", "0.1", .sell)
    #expect(harness.fills(of: 2).map(\.quantity) == [try Fixture.quantity("0.1")])
  }

  @Test("a quote that crosses it fills it at its price, with no more than is shown")
  func crossed() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49999"))
    try harness.quote("49990", "49998", size: "0.2", updateID: 2)
    #expect(harness.fills.map(\.price) == [try Fixture.price("49999")])
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.2")])
    #expect(harness.fills.first?.liquidity == .maker)
    try harness.quote("49990", "49999", size: "0.9", updateID: 3)
    #expect(harness.statuses.last == .filled)
    #expect(harness.fills.last?.quantity == (try Fixture.quantity("0.3")))
  }

  @Test("a level of the book that crosses it fills it too, and only as long as it says something new")
  func crossedByBook() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .sell, "0.9", type: .limit, limit: "50001"))
    for (updateID, quantity) in [(2, "0.4"), (3, "0.3")] as [(Int64, String)] {
      harness.book(
        BookUpdate(
          instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: updateID,
          lastUpdateID: updateID,
          bids: [try Fixture.level("50001", quantity)],
          asks: [try Fixture.level("50001", "0"), try Fixture.level("50002", "1")]))
    }
    #expect(harness.fills.map(\.quantity) == [try Fixture.quantity("0.4"), try Fixture.quantity("0.3")])
  }

  @Test("two orders at one instant do not take the same liquidity")
  func taken() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "0.7"), try Fixture.order(2, .buy, "0.7"))
    #expect(harness.fills(of: 1).map(\.price) == [try Fixture.price("50001")])
    #expect(harness.fills(of: 2).map(\.price) == [try Fixture.price("50001"), try Fixture.price("50010")])
    #expect(
      harness.fills(of: 2).map(\.quantity) == [try Fixture.quantity("0.3"), try Fixture.quantity("0.4")])
  }

  @Test("what was taken is there again once the market says something new of the level, and not before")
  func takenUntilNews() throws {
    var harness = try market()
    harness.execute(try Fixture.order(1, .buy, "1"))
    harness.book(
      BookUpdate(
        instrument: btc, isSnapshot: false, exchangeTime: nil, firstUpdateID: 2, lastUpdateID: 2,
        bids: [try Fixture.level("49999", "2")], asks: [try Fixture.level("50010", "4")]))
    harness.execute(try Fixture.order(2, .buy, "1"))
    #expect(harness.fills(of: 2).map(\.price) == [try Fixture.price("50010")])
    try harness.quote("49999", "50001", updateID: 3)
    harness.execute(try Fixture.order(3, .buy, "1"))
    #expect(harness.fills(of: 3).map(\.price) == [try Fixture.price("50001")])
  }
}
