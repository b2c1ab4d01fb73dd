import Testing

@testable import CDBDomain

/// What was written before the layers had a memory is still read.
@Suite("Risk of earlier versions")
struct EarlierSnapshotTests {
  static let limits = #"{"maximumExposure":30000000,"maximumPosition":25000000,"orderNotional":50000000000}"#
  static let instruments = #"""
    {"instruments":[{"base":"BTC","lotSize":1000,"minimumNotional":500000000,"priceScale":2,"quantityScale":8,
    "quote":"USDT","symbol":"BTCUSDT","tickSize":1},{"base":"ETH","lotSize":10000,"minimumNotional":500000000,
    "priceScale":2,"quantityScale":8,"quote":"USDT","symbol":"ETHUSDT","tickSize":1}]}
    """#

  @Test("limits without the newer ones have their defaults, and keep what they say")
  func limits() throws {
    let limits = try JSONSnapshot.decode(RiskLimits.self, Self.limits)
    var expected = RiskLimits()
    expected.maximumExposure = Ratio(basisPoints: 3_000)
    expected.orderNotional = Money(mantissa: 500_00000000)
    #expect(limits == expected)
    #expect(try Fixture.restored(limits) == limits)
    #expect(throws: DecodingError.self) {
      try JSONSnapshot.decode(RiskLimits.self, #"{"maximumExposure":"much"}"#)
    }
  }

  @Test("a configuration of an earlier journal is read")
  func configuration() throws {
    let text = """
      {"account":{"name":"paper","startingCash":1000000000000},"exchange":{"makerFee":100000,
      "maximumSlippage":200000,"orderLatency":30000000,"orderLatencyJitter":20000000,"reportLatency":30000000,
      "takerFee":100000},"feed":{"maximumFrameBytes":4194304,"maximumPriceChange":20000000},
      "instruments":\(Self.instruments),"momentum":{"cooldown":30000000000,"sampleInterval":250000000,
      "threshold":50000,"window":30000000000},"profile":"default","risk":\(Self.limits),
      "summaryInterval":60000000000}
      """
    let configuration = try JSONSnapshot.decode(PipelineConfiguration.self, text)
    #expect(configuration.risk.maximumDrawdown == RiskLimits().maximumDrawdown)
    #expect(configuration.risk.maximumExposure == Ratio(basisPoints: 3_000))
  }

  static func snapshot(marks: String = "[5000000,null]") -> String {
    """
    {"account":{"cash":899900000000,"fees":100000000,"fills":1,"marks":\(marks),"name":"paper",
    "openOrders":[{"id":{"partition":0,"producer":"risk","sequence":9},"instrument":1,"reserved":7,"side":1}],
    "positions":[{"bought":100000000000,"quantity":2000000,"sold":0},{"bought":5,"quantity":0,"sold":9}],
    "startingCash":1000000000000},"instruments":\(instruments),"killSwitch":"maintenance",
    "limits":\(limits),"quoted":[true,false]}
    """
  }

  @Test("a snapshot of an engine with one account keeps all of it, and the rest begins")
  func engine() throws {
    var engine = try JSONSnapshot.decode(RiskEngine.self, Self.snapshot())
    #expect(engine.killSwitch == "maintenance")
    #expect(engine.account.cash.mantissa == 899_900_000_000 && engine.account.openOrders.count == 1)
    #expect(engine.account.positions[0].cost.mantissa == 100_000_000_000)
    #expect(engine.account.positions[1].cost == .zero)
    #expect(engine.market.mark(of: btc) == (try Fixture.price("50000")) && engine.market.mark(of: eth) == nil)
    #expect(engine[.trading].curve.peak == engine.account.startingCash)
    #expect(
      engine[.canary].account.name == "canary"
        && engine[.canary].account.cash == engine[.canary].account.startingCash)
    #expect(try Fixture.restored(engine) == engine)
    // What is held has no known age until data comes.
    engine.releaseKillSwitch()
    #expect(engine.rule(on: Fixture.signal(), at: at(1)).reason == .staleData)
    engine.mark(try Fixture.quote(btc, "50000", "50000"), at: at(1))
    #expect(engine.rule(on: Fixture.signal(), at: at(1)).approved != nil)
  }

  @Test("a snapshot whose parts are of different instruments is refused, not trapped on")
  func broken() throws {
    for marks in ["[5000000]", "[1,2,3]"] {
      #expect(throws: DecodingError.self) {
        try JSONSnapshot.decode(RiskEngine.self, Self.snapshot(marks: marks))
      }
    }
    let text = String(
      decoding: try JSONSnapshot.encode(RiskEngine(configuration: try Fixture.configuration())), as: UTF8.self
    )
    for (part, other) in [
      ("\"exits\":[null,null]", "\"exits\":[null]"), ("\"instruments\":2", "\"instruments\":1"),
    ] {
      #expect(text.contains(part))
      #expect(throws: DecodingError.self) {
        try JSONSnapshot.decode(RiskEngine.self, text.replacing(part, with: other))
      }
    }
  }
}
