import Testing

@testable import CDBDomain

@Suite("Rules of the paper exchange")
struct PaperExchangeRulesTests {
  @Test("no latency is below a microsecond, and the smallest is the report's", arguments: [0, -1, Int64.min])
  func floor(configured: Int64) {
    var rules = PaperExchangeRules()
    rules.orderLatency = LatencyDistribution(constant: configured)
    rules.reportLatency = LatencyDistribution(constant: configured)
    #expect(rules.arrival(of: Fixture.id(.risk, 1), sentAt: at(5)) == at(1_005))
    #expect(rules.report(on: Fixture.id(.risk, 1), at: at(5)) == at(1_005))
    #expect(rules.smallestLatency == 1_000)
  }

  @Test("the largest latency there is does not trap")
  func ceiling() {
    var rules = PaperExchangeRules()
    rules.orderLatency = LatencyDistribution(constant: .max)
    #expect(rules.arrival(of: Fixture.id(.risk, 1), sentAt: at(5)) == .distantFuture)
  }

  @Test("no result is sooner than the smallest latency", arguments: 1...200 as ClosedRange<UInt64>)
  func smallest(sequence: UInt64) {
    let rules = PaperExchangeRules()
    let id = Fixture.id(.risk, sequence)
    #expect(rules.report(on: id, at: at(0)).nanoseconds >= rules.smallestLatency)
  }

  @Test("a cancel does not overtake its order")
  func cancelAfterOrder() {
    var rules = PaperExchangeRules()
    rules.cancelLatency = LatencyDistribution(constant: 1_000)
    let id = Fixture.id(.risk, 2)
    #expect(rules.arrival(ofCancel: id, sentAt: at(0), after: at(9_000)) == at(9_000))
    #expect(rules.arrival(ofCancel: id, sentAt: at(0), after: at(500)) == at(1_000))
    #expect(rules.arrival(ofCancel: id, sentAt: at(0), after: nil) == at(1_000))
  }

  @Test("a fill is never better than the quote, nor beyond the bound")
  func bounds() throws {
    let quote = try Fixture.quote(btc, "10000", "10010")
    let bounds = try FillBounds(quote: quote, maximumSlippage: Ratio(basisPoints: 10))
    for (side, price, isAllowed) in [
      (Side.buy, "10009.99", false), (.buy, "10010", true), (.buy, "10020.01", true),
      (.buy, "10020.02", false),
      (.sell, "10000.01", false), (.sell, "10000", true), (.sell, "9990", true), (.sell, "9989.99", false),
    ] {
      #expect(bounds.allows(try Fixture.price(price), side: side) == isAllowed, "\(side) at \(price)")
    }
  }

  @Test("an order with a limit has it as its bound, and is no better off either")
  func limitBounds() throws {
    let bounds = try FillBounds(
      quote: Fixture.quote(btc, "10000", "10010"), maximumSlippage: Ratio(basisPoints: 10))
    let order = try Fixture.order(1, .buy, type: .limit, limit: "11000")
    for (price, isAllowed) in [("10009.99", false), ("10010", true), ("11000", true), ("11000.01", false)] {
      #expect(bounds.allows(try Fixture.price(price), taking: order) == isAllowed, "\(price)")
    }
  }

  @Test("a resting order may be filled where the market came to its price, by a trade or a quote")
  func makerBounds() throws {
    let quote = try Fixture.quote(btc, "10000", "10010")
    for (side, price, trade, isAllowed) in [
      (Side.buy, "10009.99", nil, false), (.buy, "10010", nil, true), (.buy, "10000", "10000", true),
      (.buy, "10000", "9999", true), (.buy, "10000", "10000.01", false), (.sell, "10000.01", nil, false),
      (.sell, "10000", nil, true), (.sell, "10005", "10005", true), (.sell, "10005", "10004.99", false),
    ] as [(Side, String, String?, Bool)] {
      let isFound = FillBounds.allows(
        try Fixture.price(price), resting: side, quote: quote, trade: try trade.map(Fixture.price))
      #expect(isFound == isAllowed, "\(side) at \(price), trade at \(trade ?? "-")")
    }
  }

  @Test("a negative bound allows the quote alone; a bound beyond 64 bits is an overflow")
  func impossibleBounds() throws {
    let quote = try Fixture.quote(btc, "10000", "10010")
    let bounds = try FillBounds(quote: quote, maximumSlippage: Ratio(basisPoints: -10))
    #expect(bounds.buy == quote.ask...quote.ask && bounds.sell == quote.bid...quote.bid)
    #expect(throws: ArithmeticOverflow()) {
      try FillBounds(quote: quote, maximumSlippage: Ratio(mantissa: .max))
    }
  }
}
