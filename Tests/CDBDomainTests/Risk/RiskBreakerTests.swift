import Testing

@testable import CDBDomain

/// Each layer in the engine: what writes its input, what trips it, and what releases it.
@Suite("Risk breakers")
struct RiskBreakerTests {
  @Test(
    "case 9: a drawdown breaker that could not fire: here it fires on booked losses, and nobody else writes them"
  )
  func drawdownFires() throws {
    var bench = try RiskBench()
    try bench.lose("500")
    #expect(bench.rule().approved != nil)
    try bench.lose("0.01")
    let ruling = bench.rule()
    #expect(ruling.reason == .drawdownDaily && ruling.approved == nil)
    let verdict = try #require(ruling.layers.last)
    #expect(verdict.layer == .drawdownDaily && !verdict.passed)
    #expect(verdict.figure == Ratio(mantissa: 5_000_100) && verdict.limit == Ratio(basisPoints: 500))
    #expect(bench.engine.selfTest().contains { $0.layer == .drawdownDaily && $0.passed })
  }

  @Test("fees and falling marks are losses as well, without a signal or a fill: the next look trips")
  func marksAndFees() throws {
    var bench = try RiskBench()
    let order = try #require(try bench.order())
    try bench.fill(order, at: Price(mantissa: 5_000_000), fee: try Fixture.money("1"))
    #expect(bench.engine.tradingState == .active)
    // 0.02 at 25,050 are worth 499 less than they cost.
    try bench.pass(second, btc: "25050")
    #expect(bench.engine[.trading].curve.dailyDrawdown == Ratio(basisPoints: 500))
    #expect(bench.engine.tradingState == .active)
    try bench.pass(second, btc: "25049")
    #expect(bench.engine.tradingState == .reducing)
    #expect(bench.trippedLayers() == [.drawdownDaily, .stopLoss])
  }

  @Test("daily drawdown: reducing until it has recovered to the release, or a UTC day begins")
  func dailyDrawdown() throws {
    var bench = try RiskBench()
    try bench.book(.buy, eth, "0.1", for: "300")
    try bench.lose("501")
    #expect(bench.engine.tradingState == .reducing)
    #expect(bench.engine.tripped().map(\.since) == [bench.time])
    #expect(bench.rule(.sell, eth).approved != nil)
    // 450 below the start of the day is the release.
    try bench.pass(second, btc: "50000", eth: "3500")
    #expect(bench.rule().reason == .drawdownDaily)
    try bench.pass(second, btc: "50000", eth: "3510")
    #expect(bench.engine.tradingState == .active && bench.rule().approved != nil)

    try bench.lose("200")
    #expect(bench.engine.tradingState == .reducing)
    bench.time = at((bench.time.utcDay + 1) * RiskBench.day - 1)
    try bench.pass(0, btc: "50000", eth: "3510")
    #expect(bench.engine.tradingState == .reducing)
    try bench.pass(1, btc: "50000", eth: "3510")
    #expect(bench.engine.tradingState == .active && bench.rule().approved != nil)
    #expect(bench.engine[.trading].curve.dailyDrawdown == .zero)
    #expect(bench.engine[.trading].curve.drawdown > .zero)
  }

  @Test("total drawdown: halted, selling included, over days and restarts, until a recovery")
  func totalDrawdown() throws {
    var bench = try RiskBench()
    try bench.book(.buy, eth, "0.1", for: "300")
    for _ in 1...5 {
      try bench.lose("410")
      bench.pass(RiskBench.day)
      try bench.pass(0, btc: "50000")
    }
    #expect(bench.engine.tradingState == .halted)
    #expect(bench.rule().reason == .drawdownTotal)
    #expect(bench.rule(.sell, eth).reason == .drawdownTotal)
    bench.engine = try Fixture.restored(bench.engine)
    try bench.pass(RiskBench.day, btc: "50000")
    #expect(bench.engine.tradingState == .halted && bench.rule(.sell, eth).reason == .drawdownTotal)
    try bench.pass(second, btc: "50000", eth: "5499")
    #expect(bench.engine.tradingState == .halted)
    try bench.pass(second, btc: "50000", eth: "5500")
    #expect(bench.engine.tradingState == .active)
  }

  @Test("spread: of the instrument alone, and released by an orderly quote without an order")
  func spread() throws {
    var bench = try RiskBench()
    try bench.quote(btc, "49870", "50130")
    #expect(bench.rule().reason == .abnormalSpread)
    #expect(bench.rule(.buy, eth).approved != nil)
    try bench.quote(btc, "49880", "50120")
    #expect(bench.rule().reason == .abnormalSpread)
    try bench.quote(btc, "49890", "50110")
    bench.engine.look(at: bench.time)
    #expect(bench.trippedLayers() == [] && bench.rule().approved != nil)
  }

  @Test("slippage: a fill far from its reference stops buying until the window has passed")
  func slippage() throws {
    var bench = try RiskBench()
    let order = try #require(try bench.order())
    try bench.fill(order, at: try Fixture.price("50101"))
    #expect(bench.trippedLayers() == [.slippage])
    #expect(bench.rule().reason == .abnormalSlippage)
    #expect(bench.rule(.buy, eth).approved != nil && bench.rule(.sell).approved != nil)
    try bench.pass(300 * second, btc: "50000")
    #expect(bench.rule().reason == .abnormalSlippage)
    try bench.pass(1, btc: "50000")
    #expect(bench.trippedLayers() == [] && bench.rule().approved != nil)
  }

  @Test("slippage: what was to the account's advantage is none, and a sale below its reference is")
  func favourable() throws {
    var bench = try RiskBench()
    let buy = try #require(try bench.order())
    try bench.fill(buy, at: try Fixture.price("49000"))
    #expect(bench.trippedLayers() == [])
    let sale = try #require(try bench.order(.sell))
    try bench.fill(sale, at: try Fixture.price("49000"))
    #expect(bench.trippedLayers() == [.slippage])
  }

  @Test("data staleness: of the instrument, and of everything that is held")
  func staleness() throws {
    var bench = try RiskBench()
    bench.pass(10 * second)
    #expect(bench.rule().approved != nil)
    bench.pass(10)
    #expect(bench.rule().reason == .staleData)
    try bench.quote(btc, "50000")
    #expect(bench.rule().approved != nil)
    // Nobody holds the other instrument, so its age is its own affair.
    #expect(bench.rule(.buy, eth).reason == .staleData)
    try bench.book(.buy, eth, "0.1", for: "300")
    let ruling = bench.rule()
    #expect(ruling.reason == .staleData && ruling.layers.last?.figure == Ratio(mantissa: 1_000_000_001))
    #expect(bench.rule(.sell, eth).approved != nil)
    try bench.quote(eth, "3000")
    #expect(bench.rule().approved != nil)
  }

  @Test("data staleness: nothing is tripped before the first data, and a look alone trips and releases")
  func stalenessByLooks() throws {
    var engine = RiskEngine(configuration: try Fixture.configuration())
    engine.look(at: at(50 * second))
    #expect(engine.tripped().isEmpty)
    engine.mark(try Fixture.quote(btc, "50000", "50001"), at: at(50 * second))
    engine.look(at: at(61 * second))
    #expect(engine.tripped().map(\.instrument) == [btc] && engine.tripped().map(\.layer) == [.dataStaleness])
    engine.mark(try Fixture.quote(btc, "50000", "50001"), at: at(62 * second))
    engine.look(at: at(62 * second))
    #expect(engine.tripped().isEmpty)
  }

  @Test(
    "exposure and position size: tripped by an order, they want room below the limit before they pass one")
  func sizes() throws {
    var bench = try RiskBench()
    try bench.book(.buy, eth, "1.1", for: "3300")
    #expect(bench.rule(.buy, btc).reason == .exposureLimit)
    // 28 % and an order of 10 % would be within the limit, but not within the release.
    try bench.book(.sell, eth, "0.17", for: "510")
    #expect(bench.rule(.buy, btc).reason == .exposureLimit)
    try bench.book(.sell, eth, "0.5", for: "1500")
    #expect(bench.rule(.buy, btc).approved != nil)

    try bench.book(.buy, eth, "0.1", for: "300")
    #expect(bench.rule(.buy, eth).reason == .positionSizeLimit)
    #expect(bench.rule(.buy, btc).approved != nil)
    try bench.book(.sell, eth, "0.05", for: "150")
    #expect(bench.rule(.buy, eth).reason == .positionSizeLimit)
    try bench.book(.sell, eth, "0.1", for: "300")
    #expect(bench.rule(.buy, eth).approved != nil)
  }

  @Test("order rate: the account's orders within the window, released as they pass out of it")
  func orderRate() throws {
    var bench = try RiskBench { $0.risk.maximumOrderRate = 10 }
    func round() throws {
      let order = try #require(try bench.order())
      try bench.fill(order, at: try Fixture.price("50000"))
      let sale = try #require(try bench.order(.sell))
      try bench.fill(sale, at: try Fixture.price("50000"))
      try bench.pass(second, btc: "50000")
    }
    for _ in 1...5 { try round() }
    #expect(bench.rule().reason == .orderRateLimit)
    #expect(bench.rule().layers.last?.figure == Ratio(count: 11))
    // 9 of 10 is the release, the order included: two orders have to pass out of the window.
    try bench.pass(55 * second, btc: "50000")
    #expect(bench.rule().reason == .orderRateLimit)
    try bench.pass(1, btc: "50000")
    #expect(bench.rule().approved != nil)
  }

  @Test(
    "stop-loss: buys of the instrument stop, one protective exit is asked for a trip, and the sale ends it")
  func stopLoss() throws {
    var bench = try RiskBench()
    let order = try #require(try bench.order())
    try bench.fill(order, at: try Fixture.price("50000"), fee: try Fixture.money("1"))
    // 1001 is the cost: 970.97 is the last value within the limit.
    try bench.pass(second, btc: "48548.50")
    #expect(bench.engine.takeProtectiveExits().isEmpty)
    try bench.pass(second, btc: "48548.48")
    #expect(bench.rule().reason == .stopLoss && bench.rule(.buy, eth).approved != nil)
    let exits = bench.engine.takeProtectiveExits()
    #expect(exits.map(\.instrument) == [btc])
    #expect(exits.allSatisfy { $0.loss > $0.limit && $0.strength > .one })
    #expect(bench.engine.takeProtectiveExits().isEmpty)
    bench.engine = try Fixture.restored(bench.engine)
    try bench.pass(second, btc: "48000")
    #expect(bench.engine.takeProtectiveExits().isEmpty)

    let sale = try #require(try bench.order(.sell))
    try bench.fill(sale, at: try Fixture.price("48000"))
    #expect(bench.trippedLayers() == [] && bench.rule().approved != nil)
    let again = try #require(try bench.order())
    try bench.fill(again, at: try Fixture.price("48000"))
    try bench.pass(second, btc: "46000")
    #expect(bench.engine.takeProtectiveExits().count == 1)
  }

  @Test("stop-loss: no exit while an order is open, and the one that is due follows its result")
  func exitWaits() throws {
    var bench = try RiskBench()
    let order = try #require(try bench.order())
    try bench.fill(order, at: try Fixture.price("50000"))
    let sale = try #require(try bench.order(.sell))
    try bench.pass(second, btc: "48000")
    #expect(bench.engine.takeProtectiveExits().isEmpty)
    try bench.engine.apply(
      AccountTests.result(.sell, .rejected, nil, order: sale.id.sequence), at: bench.time)
    #expect(bench.engine.takeProtectiveExits().count == 1)
  }

  @Test("the kill switch halts every account; trading states follow the layers and nothing else")
  func states() throws {
    var bench = try RiskBench()
    #expect(bench.engine.tradingState == .active)
    bench.engine.engageKillSwitch(reason: "test")
    let states = AccountRole.allCases.map { bench.engine.state(of: $0) }
    #expect(states == [.halted, .halted])
    bench.engine.look(at: bench.time)
    #expect(bench.trippedLayers() == [.killSwitch])
    bench.engine.releaseKillSwitch()
    bench.engine.look(at: bench.time)
    #expect(bench.engine.tradingState == .active && bench.trippedLayers() == [])
    try bench.lose("600")
    #expect(bench.engine.tradingState == .reducing && bench.engine.state(of: .canary) == .active)
    try bench.lose("1500")
    #expect(bench.engine.tradingState == .halted && bench.engine.state(of: .canary) == .active)
  }

  @Test(
    "every layer has a standing with figure and limit after a look, of the instrument where it is highest")
  func standings() throws {
    var bench = try RiskBench()
    try bench.book(.buy, eth, "0.5", for: "1500")
    try bench.quote(eth, "2999", "3001")
    bench.pass(second)
    bench.engine.look(at: bench.time)
    let standings = bench.engine.standings()
    #expect(standings.map(\.layer) == RiskLayerName.allCases)
    func figure(_ layer: RiskLayerName) -> Ratio? { standings.first { $0.layer == layer }?.figure }
    #expect(
      figure(.exposure) == Ratio(basisPoints: 1_500) && figure(.positionSize) == Ratio(basisPoints: 1_500))
    #expect(figure(.spread) == Ratio(mantissa: 66_667) && figure(.dataStaleness) == .one)
    #expect(figure(.orderRate) == .zero && figure(.killSwitch) == .zero)
  }
}
