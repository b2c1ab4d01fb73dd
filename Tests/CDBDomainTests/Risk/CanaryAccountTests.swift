import Testing

@testable import CDBDomain

@Suite("The shadow account")
struct CanaryAccountTests {
  @Test(
    "it buys the smallest order that can be sold again after the price has halved, then sells what it holds")
  func smallest() throws {
    var bench = try RiskBench()
    #expect(bench.engine.probeSide(for: btc) == .buy)
    let buy = try #require(try bench.order(.buy, btc, .canary))
    #expect(buy.quantity == (try Fixture.quantity("0.0002")) && buy.account == "canary")
    try bench.fill(buy, at: try Fixture.price("50000"))
    try bench.quote(btc, "25000")
    #expect(bench.engine.probeSide(for: btc) == .sell)
    #expect(bench.rule(.sell, btc, .canary).approved?.quantity == buy.quantity)
    // Too little to sell would be stuck for ever: it buys on.
    try bench.quote(btc, "24999")
    #expect(bench.engine.probeSide(for: btc) == .buy)
    #expect(bench.engine.probeSide(for: nowhere) == .buy)
  }

  @Test(
    "the smallest order is in lots and worth at least twice the minimum",
    arguments: 1...40 as ClosedRange<UInt64>)
  func smallestQuantity(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let instrument = Instrument(
      symbol: "AB", base: "A", quote: "B", priceScale: Int(random.integer(0...8)), quantityScale: 8,
      tickSize: Price(mantissa: 1), lotSize: Quantity(mantissa: random.integer(1...100_000)),
      minimumNotional: Money(mantissa: random.integer(0...10_00000000)))
    let price = Price(mantissa: random.integer(1...100_000_000))
    let quantity = try instrument.smallestQuantity(at: price)
    #expect(quantity > .zero && quantity.mantissa % instrument.lotSize.mantissa == 0)
    let twice = Money(mantissa: 2 * instrument.minimumNotional.mantissa)
    #expect(try instrument.notional(price, quantity, rounding: .down) >= twice)
    let fewer = Quantity(mantissa: quantity.mantissa - instrument.lotSize.mantissa)
    #expect(try fewer == .zero || instrument.notional(price, fewer, rounding: .down) < twice)
  }

  @Test("what happens to it never shows in the account that trades, and the other way round")
  func isolation() throws {
    var bench = try RiskBench()
    let real = bench.engine[.trading]
    let buy = try #require(try bench.order(.buy, btc, .canary))
    #expect(bench.engine[.trading] == real && bench.engine.hasOpenOrders)
    #expect(bench.rule(.buy, btc).approved != nil)
    #expect(bench.rule(.buy, btc, .canary).reason == .openOrderPending)
    try bench.fill(buy, at: try Fixture.price("60000"), fee: try Fixture.money("0.01"))
    #expect(bench.engine.account == real.account && bench.engine[.trading].curve.equity == real.curve.equity)
    #expect(bench.engine[.canary].account.cash < bench.engine[.canary].account.startingCash)
    #expect(bench.trippedLayers(.canary) == [.slippage, .stopLoss] && bench.trippedLayers() == [])
    #expect(bench.engine.takeProtectiveExits().isEmpty)

    let canary = bench.engine[.canary]
    try bench.lose("3000")
    #expect(bench.engine.tradingState == .halted && bench.engine.state(of: .canary) == .active)
    #expect(bench.engine[.canary].account == canary.account)
    #expect(bench.rule(.buy, eth, .canary).approved != nil && bench.rule(.buy, eth).approved == nil)
  }

  @Test("however often it is asked, the order rate does not refuse it; a rate that lets nothing pass does")
  func orderRate() throws {
    var bench = try RiskBench { $0.risk.maximumOrderRate = 1 }
    #expect(try bench.order(.buy, btc, .canary) != nil)
    #expect(bench.rule(.buy, eth, .canary).approved != nil)
    #expect(try bench.order(.buy, eth) != nil)
    #expect(bench.rule(.buy, btc).reason == .orderRateLimit)
    var closed = try RiskBench { $0.risk.maximumOrderRate = 0 }
    #expect(closed.rule(.buy, btc, .canary).reason == .orderRateLimit)
  }

  @Test("the kill switch and the market's own layers refuse it as they refuse an order that counts")
  func refused() throws {
    var bench = try RiskBench()
    bench.engine.engageKillSwitch(reason: "test")
    #expect(bench.rule(.buy, btc, .canary).reason == .killSwitch)
    bench.engine.releaseKillSwitch()
    try bench.quote(btc, "49000", "51000")
    #expect(bench.rule(.buy, btc, .canary).reason == .abnormalSpread)
    bench.pass(11 * second)
    try bench.quote(btc, "50000")
    #expect(bench.rule(.buy, eth, .canary).reason == .staleData)
  }

  @Test("events of the shadow account are told from trading by what they carry")
  func events() throws {
    var order = try Fixture.order()
    #expect(!Event.order(order).isProbe)
    order.account = RiskEngine.canaryName
    #expect(Event.order(order).isProbe)
    var signal = Fixture.signal()
    signal.strategy = RiskEngine.canaryName
    #expect(!Event.signal(signal).isProbe)
    signal.id.producer = .risk
    #expect(Event.signal(signal).isProbe)
    var result = AccountTests.result(.buy, .rejected, nil)
    result.account = RiskEngine.canaryName
    var decision = ContractSamples.decision
    decision.account = RiskEngine.canaryName
    #expect(Event.result(result).isProbe && Event.decision(decision).isProbe && !Event.tick.isProbe)
  }
}
