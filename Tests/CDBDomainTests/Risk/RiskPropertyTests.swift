import Testing

@testable import CDBDomain

/// Random markets, fills and signals, and what must hold whatever happens.
@Suite("Risk, whatever happens")
struct RiskPropertyTests {
  /// One random step; says what a signal got.
  private static func step(
    _ bench: inout RiskBench, _ random: inout SplitMix64, _ prices: inout [Int64]
  ) throws -> (ruling: RiskEngine.Ruling, role: AccountRole, instrument: InstrumentID)? {
    bench.pass(random.integer(0...3) == 0 ? random.integer(1...20 * second) : random.integer(1...second))
    if random.integer(0...200) == 0 { bench.pass(RiskBench.day / 2) }
    let index = Int(random.integer(0...1))
    let instrument = InstrumentID(UInt16(index))
    switch random.integer(0...9) {
    case 0...3:
      prices[index] += prices[index] * random.integer(-200...200) / 10_000
      let half = random.integer(0...9) == 0 ? prices[index] / 200 : 1
      bench.engine.mark(
        Quote(
          instrument: instrument, updateID: 1, bid: Price(mantissa: prices[index] - half),
          bidQuantity: .zero, ask: Price(mantissa: prices[index] + half), askQuantity: .zero), at: bench.time)
    case 4: bench.engine.look(at: bench.time)
    case 5:
      let role = AccountRole.allCases[Int(random.integer(0...1))]
      guard let open = bench.engine[role].account.openOrders.first else { return nil }
      let price = prices[Int(open.instrument.index)] * random.integer(9_950...10_050) / 10_000
      try settle(open, role, at: Price(mantissa: price), &bench, isFilled: random.integer(0...3) > 0)
    case 6:
      if random.integer(0...20) == 0 { bench.engine.engageKillSwitch(reason: "random") }
      if random.integer(0...3) == 0 { bench.engine.releaseKillSwitch() }
    default:
      let role: AccountRole = random.integer(0...4) == 0 ? .canary : .trading
      let side = Side.allCases[Int(random.integer(0...1))]
      let ruling = bench.rule(side, instrument, role)
      if ruling.approved != nil { _ = try bench.order(side, instrument, role) }
      return (ruling, role, instrument)
    }
    return nil
  }

  private static func settle(
    _ open: Account.OpenOrder, _ role: AccountRole, at price: Price, _ bench: inout RiskBench, isFilled: Bool
  ) throws {
    var order = try Fixture.order(open.id.sequence, open.side, instrument: open.instrument)
    order.account = bench.engine[role].account.name
    guard isFilled else {
      var result = AccountTests.result(open.side, .cancelled, nil, order: open.id.sequence)
      result.account = order.account
      return try bench.engine.apply(result, at: bench.time)
    }
    let instrument = bench.engine.instruments[open.instrument]
    let held = bench.engine[role].account.positions[Int(open.instrument.index)].quantity
    // No more is bought than was reserved for: an exchange's bounds see to that.
    order.quantity = open.side == .sell ? held : try instrument.quantity(for: open.reserved, at: price)
    guard order.quantity > .zero else { return }
    try bench.fill(order, at: price, fee: Money(mantissa: 1_000_000))
  }

  @Test(
    "no approved order takes exposure or a position beyond its limit, and a halted account approves nothing",
    arguments: 1...24 as ClosedRange<UInt64>)
  func limits(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bench = try RiskBench {
      $0.risk.maximumDailyDrawdown = Ratio(basisPoints: 100)
      $0.risk.maximumDrawdown = Ratio(basisPoints: 300)
      $0.risk.maximumSlippage = Ratio(basisPoints: 45)
    }
    let limits = bench.engine.limits
    var prices: [Int64] = [5_000_000, 300_000]
    var approved = 0
    for _ in 1...800 {
      guard let (ruling, role, instrument) = try Self.step(&bench, &random, &prices) else { continue }
      guard let proposal = ruling.approved else {
        #expect(ruling.reason != .none && ruling.layers.dropLast().allSatisfy { $0.passed })
        continue
      }
      approved += 1
      #expect(ruling.layers.map(\.layer) == RiskLayerName.allCases && ruling.layers.allSatisfy { $0.passed })
      let state = bench.engine.state(of: role)
      #expect(state != .halted && (state == .active || proposal.side == .sell))
      guard proposal.side == .buy else { continue }
      // The order is open by now, so both figures include it.
      let (engine, account) = (bench.engine, bench.engine[role].account)
      let equity = try account.equity(in: engine.instruments, at: engine.market)
      let exposure = try account.exposure(in: engine.instruments, at: engine.market)
      let position = try account.exposure(in: engine.instruments, at: engine.market, of: instrument)
      #expect(try exposure.ratio(to: equity) <= limits.maximumExposure)
      #expect(try position.ratio(to: equity) <= limits.maximumPosition)
      #expect(bench.engine.market.spread(of: instrument) <= limits.maximumSpread)
    }
    #expect(approved > 20)
  }

  @Test(
    "a restored engine goes on the same, wherever it stopped: rulings, latches, accounts, exits",
    arguments: 1...12 as ClosedRange<UInt64>)
  func snapshots(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(1...600)
    var (whole, prices) = (try RiskBench(), [5_000_000, 300_000] as [Int64])
    var (restored, restoredPrices) = (whole, prices)
    var reasons: Set<ReasonCode> = []
    for number in 1...600 as ClosedRange<Int64> {
      if number == split { restored.engine = try Fixture.restored(restored.engine) }
      var copy = random
      let first = try Self.step(&whole, &random, &prices)
      let second = try Self.step(&restored, &copy, &restoredPrices)
      #expect(first?.ruling == second?.ruling)
      if let first { reasons.insert(first.ruling.reason) }
      let exits = whole.engine.takeProtectiveExits()
      #expect(exits == restored.engine.takeProtectiveExits())
    }
    #expect(whole.engine == restored.engine)
    #expect(whole.engine.tripped() == restored.engine.tripped())
    #expect(reasons.count > 4)
  }
}
