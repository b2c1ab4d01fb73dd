import Testing

@testable import CDBDomain

@Suite("Risk engine")
struct RiskEngineTests {
  /// Quoted at 50,000 and 3,000; 10,000 of cash; orders of 1,000.
  static func engine(_ change: (inout PipelineConfiguration) -> Void = { _ in }) throws -> RiskEngine {
    var configuration = try Fixture.configuration()
    change(&configuration)
    var engine = RiskEngine(configuration: configuration)
    engine.mark(try Fixture.quote(btc, "49999", "50001"))
    engine.mark(try Fixture.quote(eth, "2999", "3001"))
    return engine
  }

  static func bought(
    _ engine: inout RiskEngine, _ instrument: InstrumentID, _ quantity: String, for notional: String
  ) throws {
    let fill = Fill(
      number: 1, price: Price(mantissa: 1), quantity: try Fixture.quantity(quantity),
      notional: try Fixture.money(notional), fee: .zero, liquidity: .taker, bid: Price(mantissa: 1),
      ask: Price(mantissa: 1))
    try engine.apply(
      OrderResult(
        id: Fixture.id(.execution, 1), orderID: Fixture.id(.risk, 1), account: "paper",
        instrument: instrument,
        side: .buy, status: .filled, executedAt: at(0), reportedAt: at(0), fill: fill,
        reason: .filledCompletely))
  }

  @Test("a sane signal is sized to the configured notional and passes every layer")
  func approved() throws {
    let ruling = try Self.engine().rule(on: Fixture.signal())
    let proposal = try #require(ruling.approved)
    #expect(ruling.reason == .none)
    #expect(proposal.quantity == (try Fixture.quantity("0.02")) && proposal.notional == Money(units: 1_000))
    #expect(ruling.layers.map(\.layer) == RiskLayerName.allCases && ruling.layers.allSatisfy(\.passed))
  }

  @Test("unknown_symbol: an instrument that is not configured")
  func unknownSymbol() throws {
    #expect(try Self.engine().rule(on: Fixture.signal(.buy, nowhere)).reason == .unknownSymbol)
  }

  @Test("no_reference_price: an instrument that no price was seen of")
  func noReferencePrice() throws {
    let engine = RiskEngine(configuration: try Fixture.configuration())
    #expect(engine.rule(on: Fixture.signal()).reason == .noReferencePrice)
  }

  @Test(
    "kill_switch: engaged it refuses both sides at the first layer, released it does not",
    arguments: Side.allCases)
  func killSwitch(side: Side) throws {
    var engine = try Self.engine()
    try Self.bought(&engine, btc, "0.01", for: "500")
    engine.engageKillSwitch(reason: "test")
    let ruling = engine.rule(on: Fixture.signal(side))
    #expect(ruling.reason == .killSwitch && ruling.approved == nil)
    #expect(ruling.layers.map(\.layer) == [.killSwitch] && ruling.layers.map(\.passed) == [false])
    engine.releaseKillSwitch()
    #expect(engine.rule(on: Fixture.signal(side)).approved != nil)
  }

  @Test("exposure_limit: all positions together")
  func exposureLimit() throws {
    var engine = try Self.engine()
    try Self.bought(&engine, eth, "1.1", for: "3300")
    let ruling = engine.rule(on: Fixture.signal(.buy, btc))
    #expect(ruling.reason == .exposureLimit)
    #expect(ruling.layers.map(\.passed) == [true, false])
  }

  @Test("position_size_limit: one instrument, where all together are within theirs")
  func positionSizeLimit() throws {
    var engine = try Self.engine()
    try Self.bought(&engine, btc, "0.04", for: "2000")
    let ruling = engine.rule(on: Fixture.signal(.buy, btc))
    #expect(ruling.reason == .positionSizeLimit)
    #expect(ruling.layers.map(\.passed) == [true, true, false])
    #expect(engine.rule(on: Fixture.signal(.buy, eth)).approved != nil)
  }

  @Test("a limit that two layers would refuse is refused by the first in order")
  func order() throws {
    var engine = try Self.engine()
    try Self.bought(&engine, btc, "0.08", for: "4000")
    #expect(engine.rule(on: Fixture.signal()).reason == .exposureLimit)
    engine.engageKillSwitch(reason: "test")
    #expect(engine.rule(on: Fixture.signal()).reason == .killSwitch)
  }

  @Test("open_order_pending: one order an instrument at a time, until its final result")
  func openOrderPending() throws {
    var engine = try Self.engine()
    engine.opened(try Fixture.order(1, .buy, "0.02"), reserving: try #require(Money(units: 1_000)))
    #expect(engine.rule(on: Fixture.signal()).reason == .openOrderPending)
    #expect(engine.rule(on: Fixture.signal(.buy, eth)).approved != nil)
    try engine.apply(AccountTests.result(.buy, .cancelled, nil))
    #expect(engine.rule(on: Fixture.signal()).approved != nil)
  }

  @Test("open buys count as exposure, open sells do not")
  func openOrders() throws {
    var engine = try Self.engine()
    engine.opened(try Fixture.order(1, .buy, instrument: eth), reserving: try #require(Money(units: 3_500)))
    #expect(engine.rule(on: Fixture.signal()).reason == .exposureLimit)
    engine = try Self.engine()
    engine.opened(try Fixture.order(1, .sell, instrument: eth), reserving: try #require(Money(units: 3_500)))
    #expect(engine.rule(on: Fixture.signal()).approved != nil)
  }

  @Test("nothing_to_reduce: a sell without a position, or with less than a lot")
  func nothingToReduce() throws {
    var engine = try Self.engine()
    #expect(engine.rule(on: Fixture.signal(.sell)).reason == .nothingToReduce)
    try Self.bought(&engine, btc, "0.00000999", for: "0.4995")
    #expect(engine.rule(on: Fixture.signal(.sell)).reason == .nothingToReduce)
  }

  @Test("below_minimum_notional: smaller than the exchange takes, on both sides")
  func belowMinimumNotional() throws {
    var engine = try Self.engine { $0.risk.orderNotional = Money(mantissa: 499_999_999) }
    #expect(engine.rule(on: Fixture.signal()).reason == .belowMinimumNotional)
    try Self.bought(&engine, btc, "0.00002", for: "1")
    #expect(engine.rule(on: Fixture.signal(.sell)).reason == .belowMinimumNotional)
    engine = try Self.engine { $0.risk.orderNotional = .zero }
    #expect(engine.rule(on: Fixture.signal()).reason == .belowMinimumNotional)
  }

  @Test("arithmetic_overflow: a figure that does not fit is a refusal, never a trap")
  func arithmeticOverflow() throws {
    var engine = try Self.engine { $0.account.startingCash = Money(mantissa: .max) }
    try engine.apply(
      AccountTests.result(.buy, .filled, AccountTests.fill(quantity: 100_000_000, notional: 0)))
    #expect(engine.rule(on: Fixture.signal()).reason == .arithmeticOverflow)
  }

  @Test("a sell proposes the whole position, in lots")
  func reducing() throws {
    var engine = try Self.engine()
    try Self.bought(&engine, btc, "0.03000999", for: "1500.4995")
    #expect(engine.rule(on: Fixture.signal(.sell)).approved?.quantity == (try Fixture.quantity("0.03")))
  }

  @Test("trades make the mark only until a quote was seen")
  func marks() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    func trade(_ price: String, _ instrument: InstrumentID = btc) throws -> Trade {
      Trade(
        instrument: instrument, aggressor: .buy, exchangeTime: nil, tradeID: 1,
        price: try Fixture.price(price),
        quantity: try Fixture.quantity("1"))
    }
    engine.mark(try trade("40000"))
    #expect(engine.account.marks[0] == (try Fixture.price("40000")))
    engine.mark(try Fixture.quote(btc, "49999", "50001"))
    engine.mark(try trade("40000"))
    #expect(engine.account.marks[0] == (try Fixture.price("50000")))
    let before = engine
    engine.mark(try trade("1", nowhere))
    engine.mark(try Fixture.quote(nowhere, "1", "2"))
    #expect(engine == before)
  }

  @Test("exposure_limit: an account without equity buys nothing, and hears of the limit, not of arithmetic")
  func noEquity() throws {
    let engine = try Self.engine { $0.account.startingCash = .zero }
    #expect(engine.rule(on: Fixture.signal()).reason == .exposureLimit)
  }

  @Test("kill_switch: it is the reason even where no price is known")
  func killSwitchFirst() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    engine.engageKillSwitch(reason: "test")
    #expect(engine.rule(on: Fixture.signal()).reason == .killSwitch)
  }

  @Test("no_reference_price: a mark that is no price is none")
  func zeroMark() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    engine.mark(try Fixture.quote(btc, "0", "0.01"))
    #expect(engine.rule(on: Fixture.signal(.sell)).reason == .noReferencePrice)
  }

  @Test("the smallest order that the exchange takes passes, and its notional is rounded up")
  func smallestOrder() throws {
    let five = try Fixture.money("5")
    var engine = try Self.engine { $0.risk.orderNotional = five }
    #expect(engine.rule(on: Fixture.signal()).approved?.notional == five)
    var configuration = try Fixture.configuration()
    let rules = Instrument(
      symbol: "AB", base: "A", quote: "B", priceScale: 4, quantityScale: 8, tickSize: Price(mantissa: 1),
      lotSize: Quantity(mantissa: 1), minimumNotional: .zero)
    configuration.instruments = try InstrumentCatalogue([rules])
    configuration.risk.orderNotional = Money(mantissa: 100)
    engine = RiskEngine(configuration: configuration)
    engine.mark(
      Quote(
        instrument: btc, updateID: 1, bid: Price(mantissa: 30_001), bidQuantity: .zero,
        ask: Price(mantissa: 30_001), askQuantity: .zero))
    // 33 units at 3.0001 cost 99.0033 units of money.
    #expect(engine.rule(on: Fixture.signal()).approved?.notional == Money(mantissa: 100))
  }

  @Test("an open sell reserves no cash")
  func openSell() throws {
    var engine = try Self.engine()
    engine.opened(try Fixture.order(1, .sell), reserving: try Fixture.money("1"))
    #expect(engine.account.openOrders.map(\.reserved) == [.zero])
  }
}
