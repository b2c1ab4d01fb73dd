import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("The store, of either kind")
struct StoreTests {
  private func id(_ producer: StageName, _ sequence: UInt64) -> EventID {
    EventID(producer: producer, partition: 0, sequence: sequence)
  }

  /// A signal, its decision, its order and the order's results, one fill among them.
  private func life(_ number: UInt64, account: String = "paper") -> [Envelope] {
    let signal = Signal(
      id: id(account == "paper" ? .core : .risk, account == "paper" ? number : 1_000 + number),
      instrument: InstrumentID(0), side: .buy, strategy: account == "paper" ? "momentum" : account,
      strength: .one,
      referencePrice: Price(mantissa: 100), features: ["change": Ratio(basisPoints: 5)])
    let order = Order(
      id: id(.risk, number * 2), signalID: signal.id, account: account, instrument: InstrumentID(0),
      side: .buy,
      type: .market, quantity: Quantity(mantissa: 1_000), referencePrice: Price(mantissa: 100), layers: [])
    func result(_ sequence: UInt64, _ status: OrderStatus, _ fill: Fill?) -> Event {
      .result(
        OrderResult(
          id: id(.execution, sequence), orderID: order.id, account: account, instrument: InstrumentID(0),
          side: .buy, status: status, executedAt: at(5), reportedAt: at(6), fill: fill, reason: .none))
    }
    let fill = Fill(
      number: 1, price: Price(mantissa: 100), quantity: Quantity(mantissa: 1_000),
      notional: Money(mantissa: 1_000), fee: Money(mantissa: 1), liquidity: .taker, bid: Price(mantissa: 99),
      ask: Price(mantissa: 100))
    let events: [Event] = [
      .signal(signal),
      .decision(
        RiskDecision(
          id: id(.risk, number * 2 - 1), signalID: signal.id, account: account, instrument: InstrumentID(0),
          side: .buy, approved: true, reason: .none, layers: [])),
      .order(order), result(number * 2 - 1, .accepted, nil), result(number * 2, .filled, fill),
    ]
    return events.map { Envelope(time: at(5), origin: number, event: $0) }
  }

  @Test("a cancel is a row beside its order, once, and part of the digest", arguments: StoreKind.available)
  func cancels(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let store = try await stores.store()
      let configuration = try Fixture.configuration()
      _ = try await store.commit(life(1), position: SinkPosition(sequence: 5), configuration: configuration)
      let digest = try await store.digest()
      let cancel = CancelRequest(
        id: id(.risk, 3), orderID: id(.risk, 2), account: "paper", instrument: InstrumentID(0),
        reason: .patienceExhausted)
      let rows = [Envelope(time: at(6), origin: 7, event: .cancel(cancel))]
      for expected in [1, 0] {
        let receipt = try await store.commit(
          rows, position: SinkPosition(sequence: 6), configuration: configuration)
        #expect(receipt.newEvents == expected)
      }
      #expect(try await store.totals().rows["cancels"] == 1)
      #expect(try await store.digest() != digest)
    }
  }

  @Test(
    "a store from before cancels is read as it is, and takes them once it is opened",
    arguments: StoreKind.available)
  func beforeCancels(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      try await stores.make()
      try await stores.write { writer in
        let first = StoreSchema.migrations[0]
        let table = writer.dialect.migrations
        try writer.execute("CREATE TABLE \(table) (identifier TEXT NOT NULL PRIMARY KEY)", [])
        try StoreSchema.run(first.steps, in: writer)
        try writer.execute("INSERT INTO \(table) (identifier) VALUES ($1)", [.text(first.name)])
      }
      let earlier = try await stores.existing()
      let summary = try await earlier.summary()
      #expect(summary.totals.rows["orders"] == 0 && summary.totals.rows["cancels"] == nil)
      #expect(try await earlier.position() == SinkPosition())
      try earlier.close()
      let totals = try await stores.store().totals()
      #expect(totals.rows["cancels"] == 0)
    }
  }

  @Test(
    "probes of the shadow account are stored as rows and are no part of the totals",
    arguments: StoreKind.available)
  func probes(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let store = try await stores.store()
      let configuration = try Fixture.configuration()
      let trading = life(1)
      _ = try await store.commit(trading, position: SinkPosition(sequence: 5), configuration: configuration)
      let before = try await store.totals()
      let probe = life(2, account: RiskEngine.canaryName)
      let receipt = try await store.commit(
        probe, position: SinkPosition(sequence: 10), configuration: configuration)
      #expect(receipt.newEvents == 5)
      var after = try await store.totals()
      #expect(after.rows["orders"] == 2 && after.rows["fills"] == 2)
      after.rows = before.rows
      #expect(after == before && after.fills == 1)
    }
  }

  @Test(
    "case 4: the same results committed twice are one row each, and the totals do not move",
    arguments: StoreKind.available)
  func idempotent(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let store = try await stores.store()
      let configuration = try Fixture.configuration()
      let position = SinkPosition(sequence: 5, origin: 1)
      let first = try await store.commit(life(1), position: position, configuration: configuration)
      #expect(first.newEvents == 5)
      let totals = try await store.totals()
      let digest = try await store.digest()
      let again = try await store.commit(life(1), position: position, configuration: configuration)
      #expect(again.newEvents == 0)
      #expect(try await store.totals() == totals)
      #expect(try await store.digest() == digest)
      #expect(totals.fills == 1)
      #expect(totals.results == ["accepted": 1, "filled": 1])
      #expect(totals.bought == Money(mantissa: 1_000))
    }
  }

  @Test(
    "rows and position are one transaction: what cannot be written leaves nothing of the batch",
    arguments: StoreKind.available)
  func atomic(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let store = try await stores.store()
      let configuration = try Fixture.configuration()
      _ = try await store.commit(
        life(1), position: SinkPosition(sequence: 5, origin: 1), configuration: configuration)
      let digest = try await store.digest()
      // An order of a signal that nobody wrote.
      let orphan = Array(life(9).dropFirst(2))
      await #expect(throws: (any Error).self) {
        try await store.commit(
          life(2) + orphan, position: SinkPosition(sequence: 13, origin: 9), configuration: configuration)
      }
      #expect(try await store.digest() == digest)
      #expect(try await store.position().sequence == 5)
    }
  }

  @Test("the digest does not depend on how commits were cut", arguments: StoreKind.available)
  func digest(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let configuration = try Fixture.configuration()
      let all = (UInt64(1)...20).flatMap { life($0) }
      let whole = try await stores.store("whole")
      _ = try await whole.commit(all, position: SinkPosition(sequence: 100), configuration: configuration)
      let pieces = try await stores.store("pieces")
      for start in stride(from: 0, to: all.count, by: 5) {
        _ = try await pieces.commit(
          Array(all[start..<start + 5]), position: SinkPosition(sequence: UInt64(start + 5)),
          configuration: configuration)
      }
      #expect(try await whole.digest() == (try await pieces.digest()))
      let fewer = try await stores.store("fewer")
      _ = try await fewer.commit(
        Array(all.dropLast()), position: SinkPosition(sequence: 99), configuration: configuration)
      #expect(try await whole.digest() != (try await fewer.digest()))
    }
  }

  @Test("the position comes back with its ledger after a reopening", arguments: StoreKind.available)
  func position(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      var ledger = NodeLedger()
      ledger.received = 7
      ledger.absorbed[.tick] = 2
      let position = SinkPosition(sequence: .max, ledger: ledger, origin: 1 << 63, journal: .max - 1)
      let store = try await stores.store()
      #expect(try await store.position() == SinkPosition())
      _ = try await store.commit([], position: position, configuration: try Fixture.configuration())
      try store.close()
      #expect(try await stores.store().position() == position)
    }
  }

  @Test(
    "the latest orders and fills are read newest first, with what became of them, and without probes",
    arguments: StoreKind.available)
  func latestTrades(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let store = try await stores.store()
      #expect(try await store.latestTrades(limit: 5) == LatestTrades())
      let open = Array(life(3).prefix(3))
      _ = try await store.commit(
        life(1) + life(2, account: RiskEngine.canaryName) + open, position: SinkPosition(sequence: 13),
        configuration: try Fixture.configuration())
      let trades = try await store.latestTrades(limit: 5)
      #expect(trades.orders.map(\.id) == ["risk-0-6", "risk-0-2"])
      #expect(trades.orders.map(\.status) == [nil, "filled"])
      #expect(trades.orders.map(\.time) == [at(5), at(5)])
      #expect(trades.fills.map(\.order) == ["risk-0-2"])
      let instrument = try Fixture.configuration().instruments.instruments[0]
      #expect(trades.fills.first?.price == DecimalText.render(100, scale: instrument.priceScale))
      #expect(trades.fills.first?.quantity == DecimalText.render(1_000, scale: instrument.quantityScale))
      #expect(trades.fills.first?.fee == DecimalText.render(1, scale: Money.scale))
      #expect(try await store.latestTrades(limit: 1).orders.count == 1)
    }
  }
}
