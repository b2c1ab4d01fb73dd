import Testing

@testable import CDBDomain

@Suite("Market view")
struct MarketViewTests {
  func book(
    _ updateID: Int64, bids: [(String, String)], asks: [(String, String)], isSnapshot: Bool = true
  ) throws -> BookUpdate {
    BookUpdate(
      instrument: btc, isSnapshot: isSnapshot, exchangeTime: nil, firstUpdateID: updateID,
      lastUpdateID: updateID, bids: try bids.map(Fixture.level), asks: try asks.map(Fixture.level))
  }

  @Test("without a quote and a book nothing stands against an order")
  func empty() {
    let view = MarketView()
    #expect(view.quote == nil)
    #expect(Array(view.liquidity(against: .buy)).isEmpty && Array(view.liquidity(against: .sell)).isEmpty)
  }

  @Test("a book newer than the quote makes the quote; an older one does not")
  func derivedQuote() throws {
    var view = MarketView()
    view.apply(try book(5, bids: [("99", "1")], asks: [("101", "2")]))
    #expect(try view.quote?.bid == Fixture.price("99") && view.quote?.ask == Fixture.price("101"))
    view.apply(try Fixture.quote(btc, "100", "100.5", updateID: 9))
    view.apply(try book(8, bids: [("90", "1")], asks: [("110", "1")]))
    #expect(view.quote?.bid == (try Fixture.price("100")))
    view.apply(try book(9, bids: [("90", "1")], asks: [("110", "1")]))
    #expect(view.quote?.bid == (try Fixture.price("100")))
    view.apply(try book(10, bids: [("90", "1")], asks: [("110", "1")]))
    #expect(view.quote?.bid == (try Fixture.price("90")))
  }

  @Test("a crossed or one-sided book makes no quote")
  func crossed() throws {
    var view = MarketView()
    view.apply(try book(1, bids: [("101", "1")], asks: [("100", "1")]))
    #expect(view.quote == nil)
    view.apply(try book(2, bids: [("100", "1")], asks: [("100", "1")]))
    #expect(view.quote == nil)
    view.apply(try book(3, bids: [("100", "1")], asks: []))
    #expect(view.quote == nil)
  }

  @Test("an order meets the quote first, then the levels that are worse, best first")
  func walk() throws {
    var view = MarketView()
    view.apply(
      try book(
        1, bids: [("98", "4"), ("100", "1"), ("99", "2")], asks: [("103", "4"), ("101", "1"), ("102", "2")]))
    #expect(
      Array(view.liquidity(against: .buy))
        == [try Fixture.level("101", "1"), try Fixture.level("102", "2"), try Fixture.level("103", "4")])
    #expect(
      Array(view.liquidity(against: .sell))
        == [try Fixture.level("100", "1"), try Fixture.level("99", "2"), try Fixture.level("98", "4")])
  }

  @Test("a level of the book that looks better than the newer quote is gone already")
  func staleLevels() throws {
    var view = MarketView()
    view.apply(try book(1, bids: [("100", "9"), ("97", "2")], asks: [("101", "9"), ("104", "2")]))
    view.apply(try Fixture.quote(btc, "98", "103", size: "1", updateID: 2))
    #expect(
      Array(view.liquidity(against: .buy)) == [try Fixture.level("103", "1"), try Fixture.level("104", "2")])
    #expect(
      Array(view.liquidity(against: .sell)) == [try Fixture.level("98", "1"), try Fixture.level("97", "2")])
  }

  @Test(
    "no walk gives a price twice, or a better one after a worse one", arguments: 1...10 as ClosedRange<UInt64>
  )
  func order(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var view = MarketView()
    for number in 1...100 as ClosedRange<Int64> {
      view.apply(OrderBookTests.randomUpdate(number, &random))
      if random.integer(0...3) == 0 {
        let bid = random.integer(950...1_020)
        view.apply(
          Quote(
            instrument: btc, updateID: number, bid: Price(mantissa: bid), bidQuantity: Quantity(mantissa: 1),
            ask: Price(mantissa: bid + random.integer(1...9)), askQuantity: Quantity(mantissa: 1)))
      }
      let asks = view.liquidity(against: .buy).map(\.price)
      let bids = view.liquidity(against: .sell).map(\.price)
      #expect(zip(asks, asks.dropFirst()).allSatisfy { $0 < $1 })
      #expect(zip(bids, bids.dropFirst()).allSatisfy { $0 > $1 })
    }
  }

  @Test(
    "the middle of a quote is rounded down and fits whenever the prices do",
    arguments: [
      (1, 2, 1), (2, 4, 3), (.max - 1, .max, .max - 1),
      (5_000_000_000_000_000_000, 5_000_000_000_000_000_002, 5_000_000_000_000_000_001),
      (0, 0, 0), (.min, .max, -1),
    ] as [(Int64, Int64, Int64)])
  func mid(bid: Int64, ask: Int64, mid: Int64) {
    let quote = Quote(
      instrument: btc, updateID: 1, bid: Price(mantissa: bid), bidQuantity: .zero, ask: Price(mantissa: ask),
      askQuantity: .zero)
    #expect(quote.mid.mantissa == mid)
  }
}
