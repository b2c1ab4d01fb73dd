import Testing

@testable import CDBDomain

@Suite("Risk engine")
struct RiskEngineTests {
  @Test(
    "a sane signal is sized to the configured notional and passes every layer, each with figure and limit")
  func approved() throws {
    var bench = try RiskBench()
    let ruling = bench.rule()
    let proposal = try #require(ruling.approved)
    #expect(ruling.reason == .none)
    #expect(proposal.quantity == (try Fixture.quantity("0.02")) && proposal.notional == Money(units: 1_000))
    #expect(ruling.layers.map(\.layer) == RiskLayerName.allCases && ruling.layers.allSatisfy { $0.passed })
    #expect(ruling.layers.allSatisfy { $0.figure <= $0.limit })
  }

  @Test("unknown_symbol: an instrument that is not configured")
  func unknownSymbol() throws {
    var bench = try RiskBench()
    #expect(bench.rule(.buy, nowhere).reason == .unknownSymbol)
  }

  @Test("no_reference_price: an instrument that no price was seen of, or none that is a price")
  func noReferencePrice() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    #expect(engine.rule(on: Fixture.signal(), at: at(1)).reason == .noReferencePrice)
    engine.mark(try Fixture.quote(btc, "0", "0.01"), at: at(1))
    #expect(engine.rule(on: Fixture.signal(.sell), at: at(1)).reason == .noReferencePrice)
  }

  @Test(
    "kill_switch: engaged it refuses both sides at the first layer, released it does not",
    arguments: Side.allCases)
  func killSwitch(side: Side) throws {
    var bench = try RiskBench()
    try bench.book(.buy, btc, "0.01", for: "500")
    bench.engine.engageKillSwitch(reason: "test")
    let ruling = bench.rule(side)
    #expect(ruling.reason == .killSwitch && ruling.approved == nil)
    #expect(ruling.layers.map(\.layer) == [.killSwitch] && ruling.layers.map(\.passed) == [false])
    bench.engine.releaseKillSwitch()
    #expect(bench.rule(side).approved != nil)
  }

  @Test("kill_switch: it is the reason even where no price is known, or no such instrument")
  func killSwitchFirst() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    engine.engageKillSwitch(reason: "test")
    #expect(engine.rule(on: Fixture.signal(), at: at(1)).reason == .killSwitch)
    #expect(engine.rule(on: Fixture.signal(.buy, nowhere), at: at(1)).reason == .killSwitch)
  }

  @Test("a limit that two layers would refuse is refused by the first in order")
  func order() throws {
    var bench = try RiskBench()
    try bench.book(.buy, btc, "0.08", for: "4000")
    #expect(bench.rule().reason == .exposureLimit)
    bench.engine.engageKillSwitch(reason: "test")
    #expect(bench.rule().reason == .killSwitch)
  }

  @Test("open_order_pending: one order an instrument at a time, until its final result")
  func openOrderPending() throws {
    var bench = try RiskBench()
    let order = try #require(try bench.order())
    #expect(bench.rule().reason == .openOrderPending)
    #expect(bench.rule(.buy, eth).approved != nil)
    try bench.engine.apply(
      AccountTests.result(.buy, .cancelled, nil, order: order.id.sequence), at: bench.time)
    #expect(bench.rule().approved != nil)
  }

  @Test("open buys count as exposure, open sells do not", arguments: Side.allCases)
  func openOrders(side: Side) throws {
    var bench = try RiskBench()
    bench.engine.opened(
      try Fixture.order(1, side, instrument: eth), reserving: try #require(Money(units: 3_500)),
      at: bench.time)
    #expect(bench.rule().reason == (side == .buy ? .exposureLimit : .none))
    #expect(bench.engine.account.openOrders.map(\.reserved) == [side == .buy ? Money(units: 3_500) : .zero])
  }

  @Test("nothing_to_reduce: a sell without a position, or with less than a lot")
  func nothingToReduce() throws {
    var bench = try RiskBench()
    #expect(bench.rule(.sell).reason == .nothingToReduce)
    try bench.book(.buy, btc, "0.00000999", for: "0.4995")
    #expect(bench.rule(.sell).reason == .nothingToReduce)
  }

  @Test("below_minimum_notional: smaller than the exchange takes, on both sides")
  func belowMinimumNotional() throws {
    var bench = try RiskBench { $0.risk.orderNotional = Money(mantissa: 499_999_999) }
    #expect(bench.rule().reason == .belowMinimumNotional)
    try bench.book(.buy, btc, "0.00002", for: "1")
    #expect(bench.rule(.sell).reason == .belowMinimumNotional)
    bench = try RiskBench { $0.risk.orderNotional = .zero }
    #expect(bench.rule().reason == .belowMinimumNotional)
  }

  @Test("arithmetic_overflow: a figure that does not fit is a refusal, never a trap")
  func arithmeticOverflow() throws {
    var bench = try RiskBench { $0.account.startingCash = Money(mantissa: .max) }
    try bench.book(.buy, btc, Quantity(mantissa: 100_000_000), for: .zero)
    #expect(bench.rule().reason == .arithmeticOverflow)
    #expect(bench.rule(.sell).reason == .arithmeticOverflow)
  }

  @Test("a sell proposes the whole position, in lots")
  func reducing() throws {
    var bench = try RiskBench()
    try bench.book(.buy, btc, "0.03000999", for: "1500.4995")
    #expect(bench.rule(.sell).approved?.quantity == (try Fixture.quantity("0.03")))
  }

  @Test("the smallest order that the exchange takes passes, and its notional is rounded up")
  func smallestOrder() throws {
    let five = try Fixture.money("5")
    var bench = try RiskBench { $0.risk.orderNotional = five }
    #expect(bench.rule().approved?.notional == five)
    var configuration = try Fixture.configuration()
    let rules = Instrument(
      symbol: "AB", base: "A", quote: "B", priceScale: 4, quantityScale: 8, tickSize: Price(mantissa: 1),
      lotSize: Quantity(mantissa: 1), minimumNotional: .zero)
    configuration.instruments = try InstrumentCatalogue([rules])
    configuration.risk.orderNotional = Money(mantissa: 100)
    var engine = RiskEngine(configuration: configuration)
    engine.mark(
      Quote(
        instrument: btc, updateID: 1, bid: Price(mantissa: 30_001), bidQuantity: .zero,
        ask: Price(mantissa: 30_001), askQuantity: .zero), at: at(1))
    // 33 units at 3.0001 cost 99.0033 units of money.
    #expect(engine.rule(on: Fixture.signal(), at: at(1)).approved?.notional == Money(mantissa: 100))
  }

  @Test("a result that names an account nobody has books nothing")
  func strangeAccount() throws {
    var bench = try RiskBench()
    var result = AccountTests.result(.buy, .filled, AccountTests.fill(quantity: 1, notional: 1))
    result.account = "somebody's"
    let before = bench.engine
    try bench.engine.apply(result, at: bench.time)
    #expect(bench.engine == before && bench.engine.role(of: "somebody's") == nil)
  }
}
