import Testing

@testable import CDBDomain

@Suite("Rules of the paper exchange")
struct PaperExchangeRulesTests {
  @Test("an order's latency is between the base and the base plus jitter, always the same, and not all alike")
  func jitter() {
    var rules = PaperExchangeRules()
    rules.orderLatency = 5_000
    rules.orderLatencyJitter = 1_000
    let latencies = (1...2_000).map { rules.orderLatency(of: Fixture.id(.risk, $0)) }
    #expect(latencies == (1...2_000).map { rules.orderLatency(of: Fixture.id(.risk, $0)) })
    #expect(latencies.allSatisfy { (5_000...6_000).contains($0) })
    #expect(Set(latencies).count > 800)
    let other = EventID(producer: .risk, partition: 1, sequence: 1)
    #expect(rules.orderLatency(of: other) != rules.orderLatency(of: Fixture.id(.risk, 1)))
  }

  @Test("no latency is below a microsecond", arguments: [0, -1, Int64.min])
  func floor(configured: Int64) {
    var rules = PaperExchangeRules()
    rules.orderLatency = configured
    rules.orderLatencyJitter = configured
    rules.reportLatency = configured
    #expect(rules.orderLatency(of: Fixture.id(.risk, 1)) == 1_000)
    #expect(rules.smallestLatency == 1_000)
  }

  @Test("the largest latency there is does not trap")
  func ceiling() {
    var rules = PaperExchangeRules()
    rules.orderLatency = .max
    rules.orderLatencyJitter = .max
    #expect(rules.orderLatency(of: Fixture.id(.risk, 1)) == .max)
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

  @Test("a negative bound allows the quote alone; a bound beyond 64 bits is an overflow")
  func impossibleBounds() throws {
    let quote = try Fixture.quote(btc, "10000", "10010")
    let bounds = try FillBounds(quote: quote, maximumSlippage: Ratio(basisPoints: -10))
    #expect(bounds.buy == quote.ask...quote.ask && bounds.sell == quote.bid...quote.bid)
    #expect(throws: ArithmeticOverflow()) {
      try FillBounds(quote: quote, maximumSlippage: Ratio(mantissa: .max))
    }
  }

  @Test("the chance reaches both ends of its range")
  func jitterEnds() {
    var rules = PaperExchangeRules()
    rules.orderLatency = 5_000
    rules.orderLatencyJitter = 1
    #expect(Set((1...100).map { rules.orderLatency(of: Fixture.id(.risk, $0)) }) == [5_000, 5_001])
  }
}
