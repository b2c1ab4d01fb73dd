import Testing

@testable import CDBDomain

/// Every stateful type, stopped at a random point, stored, and restored. Strategy, summaries and exchange
/// have theirs beside their other tests.
@Suite("Snapshots")
struct SnapshotTests {
  @Test("a market view continues the same", arguments: 1...10 as ClosedRange<UInt64>)
  func marketView(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(1...200)
    var whole = MarketView()
    var restored = whole
    for number in 1...200 as ClosedRange<Int64> {
      if number == split { restored = try Fixture.restored(restored) }
      let update = OrderBookTests.randomUpdate(number, &random)
      whole.apply(update)
      restored.apply(update)
      for side in Side.allCases {
        #expect(Array(whole.liquidity(against: side)) == Array(restored.liquidity(against: side)))
      }
    }
    #expect(whole == restored)
  }

  @Test(
    "a risk engine continues the same: rulings, account, open orders, kill switch",
    arguments: 1...20 as ClosedRange<UInt64>)
  func riskEngine(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(1...300)
    var whole = RiskEngine(configuration: try Fixture.configuration())
    var restored = whole
    var reasons: Set<ReasonCode> = []
    for number in 1...300 as ClosedRange<Int64> {
      if number == split { restored = try Fixture.restored(restored) }
      let instrument = InstrumentID(UInt16(random.integer(0...1)))
      let signal = Fixture.signal(Side.allCases[Int(random.integer(0...1))], instrument)
      let (first, second) = (whole.rule(on: signal), restored.rule(on: signal))
      #expect(first == second)
      reasons.insert(first.reason)
      let action = random.integer(0...9)
      let price = random.integer(4_900_000...5_100_000)
      try Self.act(action, number, price, signal, first, on: &whole)
      try Self.act(action, number, price, signal, first, on: &restored)
    }
    #expect(whole == restored)
    #expect(reasons.count > 2)
  }

  private static func act(
    _ action: Int64, _ number: Int64, _ price: Int64, _ signal: Signal, _ ruling: RiskEngine.Ruling,
    on engine: inout RiskEngine
  ) throws {
    if action == 0 { engine.engageKillSwitch(reason: "random") }
    if action > 1 { engine.releaseKillSwitch() }
    engine.mark(
      Quote(
        instrument: signal.instrument, updateID: number, bid: Price(mantissa: price),
        bidQuantity: Quantity(mantissa: 1), ask: Price(mantissa: price + 2),
        askQuantity: Quantity(mantissa: 1)))
    if let proposal = ruling.approved {
      var order = try Fixture.order(UInt64(number), signal.side, instrument: signal.instrument)
      order.quantity = proposal.quantity
      engine.opened(order, reserving: proposal.notional)
    }
    // Sooner or later each open order is filled for what it reserved.
    if action > 4, let open = engine.account.openOrders.first {
      let quantity = Quantity(mantissa: open.side == .buy ? 2_000_000 : 1_000_000)
      let fill = Fill(
        number: 1, price: Price(mantissa: price), quantity: quantity, notional: open.reserved,
        fee: Money(mantissa: 1_000), liquidity: .taker, bid: Price(mantissa: price),
        ask: Price(mantissa: price))
      try engine.apply(
        OrderResult(
          id: Fixture.id(.execution, UInt64(number)), orderID: open.id, account: "paper",
          instrument: open.instrument, side: open.side, status: .filled, executedAt: at(number),
          reportedAt: at(number), fill: fill, reason: .filledCompletely))
    }
  }

  @Test("every event survives its encoding, the extremes included", arguments: ContractSamples.all)
  func events(sample: ContractSamples.Sample) throws {
    #expect(try Fixture.restored(sample.envelope) == sample.envelope)
  }

  @Test("the configuration survives its encoding")
  func configuration() throws {
    let configuration = try Fixture.configuration()
    #expect(try Fixture.restored(configuration) == configuration)
  }
}
