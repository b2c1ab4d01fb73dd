import Testing

@testable import CDBDomain

@Suite("The market that risk sees")
struct RiskMarketTests {
  func trade(_ price: String, _ instrument: InstrumentID = btc) throws -> Trade {
    Trade(
      instrument: instrument, aggressor: .buy, exchangeTime: nil, tradeID: 1,
      price: try Fixture.price(price), quantity: try Fixture.quantity("1"))
  }

  @Test("trades make the mark only until a quote was seen")
  func marks() throws {
    var market = RiskMarket(instruments: 2)
    #expect(market.mark(of: btc) == nil)
    market.apply(try trade("40000"), at: at(1))
    #expect(market.mark(of: btc) == (try Fixture.price("40000")))
    market.apply(try Fixture.quote(btc, "49999", "50001"), at: at(2))
    market.apply(try trade("40000"), at: at(3))
    #expect(market.mark(of: btc) == (try Fixture.price("50000")))
    #expect(market.mark(of: eth) == nil)
  }

  @Test("an instrument that is not configured changes nothing and has no price, no age, no spread")
  func stranger() throws {
    var market = RiskMarket(instruments: 2)
    let before = market
    market.apply(try trade("1", nowhere), at: at(1))
    market.apply(try Fixture.quote(nowhere, "1", "2"), at: at(1))
    #expect(market == before)
    #expect(market.mark(of: nowhere) == nil && market.age(of: nowhere, at: at(1)) == nil)
    #expect(market.spread(of: nowhere) == .zero)
  }

  @Test("the spread is a share of the middle, rounded up; without a quote there is none")
  func spread() throws {
    var market = RiskMarket(instruments: 2)
    market.apply(try trade("40000"), at: at(1))
    #expect(market.spread(of: btc) == .zero)
    market.apply(try Fixture.quote(btc, "99", "101"), at: at(2))
    #expect(market.spread(of: btc) == Ratio(basisPoints: 200))
    market.apply(try Fixture.quote(btc, "99.99", "100.02"), at: at(2))
    #expect(market.spread(of: btc) == Ratio(mantissa: 30_000))
    market.apply(try Fixture.quote(btc, "0", "0.01"), at: at(3))
    #expect(market.spread(of: btc) == Ratio(mantissa: .max))
  }

  @Test("quotes and trades are data; an age is never negative and never wraps")
  func age() throws {
    var market = RiskMarket(instruments: 2)
    #expect(market.age(of: btc, at: at(5)) == nil)
    market.apply(try Fixture.quote(btc, "1", "2"), at: at(5))
    #expect(market.age(of: btc, at: at(12)) == 7)
    market.apply(try trade("1"), at: at(10))
    #expect(market.age(of: btc, at: at(12)) == 2)
    #expect(market.age(of: btc, at: at(1)) == 0)
    market.apply(try trade("1"), at: .distantPast)
    #expect(market.age(of: btc, at: .distantFuture) == .max)
  }
}
