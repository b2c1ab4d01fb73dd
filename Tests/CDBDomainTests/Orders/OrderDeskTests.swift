import Testing

@testable import CDBDomain

@Suite("Order desk")
struct OrderDeskTests {
  private func desk(_ change: (inout PipelineConfiguration) -> Void = { _ in }) throws -> OrderDesk {
    var configuration = try Fixture.configuration()
    configuration.orders.style = .limit
    configuration.exchange.orderLatency = LatencyDistribution(constant: 30 * millisecond)
    configuration.exchange.cancelLatency = LatencyDistribution(constant: 10 * millisecond)
    change(&configuration)
    return OrderDesk(configuration: configuration)
  }

  private func result(_ order: Order, _ status: OrderStatus) -> OrderResult {
    OrderResult(
      id: Fixture.id(.execution, 1), orderID: order.id, account: "paper", instrument: btc, side: order.side,
      status: status, executedAt: at(0), reportedAt: at(0), fill: nil, reason: .none)
  }

  @Test("the style market sends market orders; limit waits at the best price of the order's own side")
  func terms() throws {
    var desk = try desk()
    desk.note(try Fixture.quote(btc, "49999", "50001"), at: at(0))
    let reference = try Fixture.price("50000")
    for (side, price) in [(Side.buy, "49999"), (.sell, "50001")] {
      let terms = desk.terms(for: side, of: btc, reference: reference)
      #expect(try terms.type == .limit && terms.limit == Fixture.price(price))
    }
    desk.rules.style = .market
    let terms = desk.terms(for: .buy, of: btc, reference: reference)
    #expect(terms.type == .market && terms.limit == nil)
  }

  @Test("without quotes the limit is the reference price, at the tick that asks for more")
  func termsWithoutQuotes() throws {
    var instrument = Instrument.binanceSpot("BTCUSDT")
    instrument.tickSize = Price(mantissa: 50)
    let catalogue = try InstrumentCatalogue([instrument])
    let desk = try desk { $0.instruments = catalogue }
    for (side, reference, limit) in [
      (Side.buy, "50000.49", "50000"), (.sell, "50000.49", "50000.5"), (.sell, "50000.5", "50000.5"),
    ] {
      let terms = desk.terms(for: side, of: btc, reference: try Fixture.price(reference))
      #expect(try terms.limit == Fixture.price(limit))
    }
  }

  @Test("an order that has rested for its patience is impatient until its cancel was sent")
  func patience() throws {
    var desk = try desk { $0.orders.patience = 5 * second }
    let order = try Fixture.order(1, .buy, type: .limit, limit: "49999")
    desk.sent(order, at: at(second))
    desk.sent(try Fixture.order(2, .buy), at: at(second))
    #expect(desk.impatient(at: at(6 * second - 1)).isEmpty)
    #expect(desk.impatient(at: at(6 * second)).map(\.id) == [order.id])
    #expect(desk.resting.map(\.id) == [order.id])
    desk.sent(
      CancelRequest(
        id: Fixture.id(.risk, 3), orderID: order.id, account: "paper", instrument: btc,
        reason: .patienceExhausted), at: at(6 * second))
    #expect(desk.impatient(at: at(7 * second)).isEmpty && desk.resting.isEmpty)
    #expect(desk.mayHaveHappened(after: at(6 * second)) == at(6 * second + 10 * millisecond))
    desk.learn(result(order, .cancelled))
    #expect(desk.orders.map(\.id.sequence) == [2])
  }

  @Test("an order on its way is awaited at its arrival; one that waits, only where the market comes to it")
  func awaited() throws {
    var desk = try desk()
    #expect(desk.mayHaveHappened(after: .distantPast) == nil)
    let order = try Fixture.order(1, .buy, type: .limit, limit: "49999")
    desk.sent(order, at: at(0))
    let arrival = at(30 * millisecond)
    #expect(desk.mayHaveHappened(after: at(0)) == arrival)
    #expect(desk.mayHaveHappened(after: arrival) == nil)
    // Another instrument, another price, the other side: nothing that can touch it.
    desk.note(try Fixture.quote(eth, "100", "200"), at: at(second))
    desk.note(try Fixture.quote(btc, "40000", "49999.01"), at: at(second))
    #expect(desk.mayHaveHappened(after: arrival) == nil)
    desk.note(try Fixture.quote(btc, "40000", "49999"), at: at(2 * second))
    desk.note(try Fixture.quote(btc, "40000", "49998"), at: at(3 * second))
    #expect(desk.mayHaveHappened(after: arrival) == at(2 * second))
    #expect(desk.mayHaveHappened(after: at(2 * second)) == at(3 * second))
    #expect(desk.mayHaveHappened(after: at(3 * second)) == nil)
    desk.learn(result(order, .filled))
    #expect(desk.mayHaveHappened(after: .distantPast) == nil)
  }

  @Test(
    "whatever the exchange does to an order, the desk had foreseen the time",
    arguments: 1...60 as ClosedRange<UInt64>)
  func foreseen(seed: UInt64) throws {
    var harness = try PaperExchangePropertyTests.harness()
    let rules = harness.exchange.rules
    var configuration = PipelineConfiguration(profile: "default", instruments: try Fixture.free())
    configuration.exchange = rules
    var desk = OrderDesk(configuration: configuration)
    for entry in try ExchangeScenario(seed: seed).steps {
      switch entry.step {
      case .quote(let quote): desk.note(quote, at: entry.time)
      case .book(let update): desk.note(update, at: entry.time)
      case .trade(let trade): desk.note(trade, at: entry.time)
      case .order(let order): desk.sent(order, at: entry.time)
      case .cancel(let cancel): desk.sent(cancel, at: entry.time)
      }
      let known = harness.outcomes.count
      harness.take(entry)
      var asked = desk
      for outcome in harness.outcomes[known...] {
        let before = outcome.executedAt.advanced(by: -1)
        #expect(asked.mayHaveHappened(after: before) == outcome.executedAt)
      }
      for result in PaperExchangePropertyTests.results(of: Array(harness.outcomes[known...])) {
        desk.learn(result)
      }
      // All up to here is known, as if execution had answered.
      _ = desk.mayHaveHappened(after: entry.time)
    }
    #expect(desk.orders.count >= harness.exchange.waitingOrders)
  }

  @Test(
    "each time that the market came to an order is awaited, and none between them, however many there are")
  func touches() throws {
    var desk = try desk()
    desk.sent(try Fixture.order(1, .buy, type: .limit, limit: "49999"), at: at(0))
    let crossing = try Fixture.quote(btc, "40000", "49999")
    for time in 1...2_000 as ClosedRange<Int64> { desk.note(crossing, at: at(time * second)) }
    var (known, rounds) = (at(second / 2), 0)
    while let next = desk.mayHaveHappened(after: known) {
      #expect(next == at(Int64(rounds + 1) * second))
      (known, rounds) = (next, rounds + 1)
    }
    #expect(rounds == 2_000)
    #expect(desk.mayHaveHappened(after: .distantFuture) == nil)
  }

  @Test("a snapshot goes on where it was; what was touched before it is known by then")
  func snapshot() throws {
    var desk = try desk()
    desk.note(try Fixture.quote(btc, "49999", "50001"), at: at(0))
    desk.sent(try Fixture.order(1, .buy, type: .limit, limit: "49999"), at: at(0))
    #expect(try Fixture.restored(desk) == desk)
    desk.note(try Fixture.quote(btc, "49990", "49999"), at: at(second))
    var restored = try Fixture.restored(desk)
    #expect(restored.mayHaveHappened(after: at(second)) == desk.mayHaveHappened(after: at(second)))
    #expect(restored == desk)
  }
}
