import Testing

@testable import CDBDomain

@Suite("Paper exchange, whatever happens")
struct PaperExchangePropertyTests {
  /// Latencies with a tail, and no rules for lots and notionals that would refuse most orders.
  static func harness() throws -> ExchangeHarness<BookMatching> {
    try ExchangeHarness(instruments: Fixture.free()) {
      $0.orderLatency = LatencyDistribution(
        minimum: millisecond, median: 20 * millisecond, percentile99: 80 * millisecond, maximum: second)
      $0.cancelLatency = $0.orderLatency
      $0.makerFee = Ratio(basisPoints: 3)
    }
  }

  /// The results of a run, as the execution stage would number them.
  static func results(of outcomes: [ExchangeOutcome]) -> [OrderResult] {
    outcomes.enumerated().map { number, outcome in
      OrderResult(
        id: Fixture.id(.execution, UInt64(number + 1)), orderID: outcome.order.id,
        account: outcome.order.account, instrument: outcome.order.instrument, side: outcome.order.side,
        status: outcome.status, executedAt: outcome.executedAt, reportedAt: outcome.reportedAt,
        fill: outcome.fill, reason: outcome.reason)
    }
  }

  @Test(
    "no fill without liquidity: not above what was shown or traded, not better than the market allowed",
    arguments: 1...60 as ClosedRange<UInt64>)
  func liquidity(seed: UInt64) throws {
    var harness = try Self.harness()
    var auditor = MarketAuditor()
    var makers = 0
    for entry in try ExchangeScenario(seed: seed).steps {
      let arrivals = harness.outcomes.count
      harness.advance(to: entry.time)
      for outcome in harness.outcomes[arrivals...] {
        try audit(outcome, &auditor, trade: nil, maximumSlippage: harness.exchange.rules.maximumSlippage)
      }
      switch entry.step {
      case .quote(let quote): auditor.note(quote)
      case .book(let update): auditor.note(update)
      case .trade, .order, .cancel: break
      }
      let known = harness.outcomes.count
      harness.apply(entry)
      let trade: Trade? = if case .trade(let trade) = entry.step { trade } else { nil }
      var byTrade: Int64 = 0
      for outcome in harness.outcomes[known...] {
        try audit(outcome, &auditor, trade: trade, maximumSlippage: harness.exchange.rules.maximumSlippage)
        guard let fill = outcome.fill, fill.liquidity == .maker else { continue }
        makers += 1
        byTrade += fill.quantity.mantissa
      }
      if let trade { #expect(byTrade <= trade.quantity.mantissa) }
    }
    #expect(makers > 0 && harness.fills.count > makers)
    #expect(!harness.reasons.contains(.fillOutOfBounds))
  }

  private func audit(
    _ outcome: ExchangeOutcome, _ auditor: inout MarketAuditor, trade: Trade?, maximumSlippage: Ratio
  ) throws {
    guard let fill = outcome.fill else { return }
    let (order, quote) = (outcome.order, try #require(auditor.quote))
    #expect(fill.bid == quote.bid && fill.ask == quote.ask)
    if order.type.hasLimit, let limit = order.limitPrice {
      #expect(order.side == .buy ? fill.price <= limit : fill.price >= limit)
    }
    switch fill.liquidity {
    case .taker:
      #expect(order.side == .buy ? fill.price >= quote.ask : fill.price <= quote.bid)
      if !order.type.hasLimit {
        let bounds = try FillBounds(quote: quote, maximumSlippage: maximumSlippage)
        #expect(bounds.allows(fill.price, side: order.side))
      }
      let wasThere = auditor.take(fill, order.side)
      #expect(wasThere)
    case .maker:
      #expect(fill.price == order.limitPrice)
      if let trade {
        let cameTo = order.side == .buy ? trade.price <= fill.price : trade.price >= fill.price
        #expect(cameTo && (trade.price != fill.price || trade.aggressor != order.side))
      } else {
        let wasThere = auditor.sweep(fill, order.side)
        #expect(wasThere)
      }
    }
  }

  @Test(
    "every order is filled at most to its size, in numbered fills, and ends at most once",
    arguments: 1...40 as ClosedRange<UInt64>)
  func lives(seed: UInt64) throws {
    var harness = try Self.harness()
    var orders: [EventID: Order] = [:]
    for entry in try ExchangeScenario(seed: seed).steps {
      if case .order(let order) = entry.step { orders[order.id] = order }
      harness.take(entry)
    }
    harness.advance(to: .distantFuture)
    let byOrder = Dictionary(grouping: harness.outcomes, by: \.order.id)
    #expect(Set(byOrder.keys) == Set(orders.keys))
    var waiting = 0
    for (id, outcomes) in byOrder {
      let filled = outcomes.compactMap(\.fill?.quantity.mantissa).reduce(0, +)
      let size = try #require(orders[id]).quantity.mantissa
      let last = try #require(outcomes.last)
      #expect(outcomes.dropLast().allSatisfy { !$0.status.isFinal })
      #expect(outcomes.count { $0.status == .accepted } == (last.status == .rejected ? 0 : 1))
      #expect(last.status == .filled ? filled == size : filled < size)
      #expect(outcomes.compactMap(\.fill?.number) == Array(1..<(outcomes.compactMap(\.fill).count + 1)))
      #expect(outcomes.allSatisfy { $0.reportedAt >= $0.executedAt.advanced(by: 30 * millisecond) })
      if !last.status.isFinal { waiting += 1 }
    }
    #expect(waiting == harness.exchange.waitingOrders)
    let statuses = Set(harness.statuses)
    #expect(statuses.isSuperset(of: [.accepted, .partiallyFilled, .filled, .cancelled]))
  }

  @Test(
    "own orders stand in line: a later one at a price has nothing before the earlier one has all",
    arguments: 1...40 as ClosedRange<UInt64>)
  func fifo(seed: UInt64) throws {
    var harness = try Self.harness()
    for entry in try ExchangeScenario(seed: seed).steps {
      let (known, before) = (harness.outcomes.count, harness.exchange.venues[0])
      harness.take(entry)
      // Only what rested before this step, and only if nothing arrived in it.
      guard harness.outcomes[known...].allSatisfy({ $0.fill?.liquidity == .maker }) else { continue }
      for side in Side.allCases {
        var isServed = true
        for resting in before[side].orders {
          let fills = harness.outcomes[known...].filter { $0.order.id == resting.order.id }
          let filled = fills.compactMap(\.fill?.quantity.mantissa).reduce(0, +)
          #expect(isServed || filled == 0)
          isServed = filled == resting.open.mantissa
        }
        let line = before[side].orders
        for (a, b) in zip(line, line.dropFirst()) {
          #expect(side == .buy ? a.price >= b.price : a.price <= b.price)
          #expect(a.price != b.price || a.ahead <= b.ahead)
        }
      }
    }
  }

  @Test(
    "money is conserved to the last digit: the account is the sum of its fills",
    arguments: 1...40 as ClosedRange<UInt64>)
  func conservation(seed: UInt64) throws {
    var harness = try Self.harness()
    for entry in try ExchangeScenario(seed: seed).steps { harness.take(entry) }
    var account = Account(rules: AccountRules(), instruments: 1)
    for result in Self.results(of: harness.outcomes) { try account.apply(result) }
    var (cash, fees, quantity) = (account.startingCash.mantissa, Int64(0), Int64(0))
    let instrument = Instrument.binanceSpot("BTCUSDT")
    for outcome in harness.outcomes {
      guard let fill = outcome.fill else { continue }
      let sign: Int64 = outcome.order.side == .buy ? 1 : -1
      // Price at two digits times quantity at eight is money at ten: rounded against the account.
      let (exact, remainder) = (fill.price.mantissa * fill.quantity.mantissa).quotientAndRemainder(
        dividingBy: 100)
      #expect(fill.notional.mantissa == exact + (sign > 0 && remainder > 0 ? 1 : 0))
      let rate = fill.liquidity == .maker ? 30_000 : Int64(100_000)
      #expect(fill.fee.mantissa == (fill.notional.mantissa * rate + 99_999_999) / 100_000_000)
      cash -= sign * fill.notional.mantissa + fill.fee.mantissa
      fees += fill.fee.mantissa
      quantity += sign * fill.quantity.mantissa
    }
    let position = account.positions[0]
    #expect(account.cash.mantissa == cash && account.fees.mantissa == fees)
    #expect(position.quantity.mantissa == quantity)
    let invested = position.bought.mantissa - position.sold.mantissa
    #expect(account.cash.mantissa + invested + account.fees.mantissa == account.startingCash.mantissa)
    #expect(instrument.priceScale == 2 && account.fills == harness.fills.count && account.fills > 0)
  }

  @Test("how often time is told changes nothing", arguments: 1...10 as ClosedRange<UInt64>)
  func advancing(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var (seldom, often) = (try Self.harness(), try Self.harness())
    var last = at(0)
    for entry in try ExchangeScenario(seed: seed).steps {
      while last < entry.time {
        last = min(entry.time, last.advanced(by: random.integer(1...3 * millisecond)))
        often.advance(to: last)
      }
      often.advance(to: entry.time)
      often.take(entry)
      seldom.take(entry)
    }
    seldom.advance(to: .distantFuture)
    often.advance(to: .distantFuture)
    #expect(seldom.outcomes == often.outcomes)
  }

  @Test("restored at any point it continues the same", arguments: 1...20 as ClosedRange<UInt64>)
  func restored(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scenario = try ExchangeScenario(seed: seed)
    let split = Int(random.integer(0...Int64(scenario.steps.count - 1)))
    var (whole, restored) = (try Self.harness(), try Self.harness())
    for (index, entry) in scenario.steps.enumerated() {
      if index == split { restored.exchange = try Fixture.restored(restored.exchange) }
      whole.take(entry)
      restored.take(entry)
    }
    whole.advance(to: .distantFuture)
    restored.advance(to: .distantFuture)
    #expect(whole.outcomes == restored.outcomes)
    #expect(whole.exchange == restored.exchange)
  }
}
