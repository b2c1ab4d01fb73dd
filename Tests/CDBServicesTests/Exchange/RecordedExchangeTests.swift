import CDBDomain
import CDBPipeline
import Foundation
import Testing

@testable import CDBServices

@Suite("the paper exchange on a recorded market", .enabled(if: RecordedData.isExpected, RecordedData.absence))
struct RecordedExchangeTests {
  private static let second: Int64 = 1_000_000_000

  private struct Source {
    let instruments: InstrumentCatalogue
    let events: [(time: EventTime, event: Event)]

    init() throws {
      instruments = try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot))
      events = try RecordedEvents(paths: RecordedData.binance2024, instruments: instruments).events
    }
  }

  /// Orders over the whole recording, by chance from a seed: small and large, of the types asked for.
  private static func orders(_ source: Source, types: [OrderType], every interval: Int64) -> [(
    EventTime, Order
  )] {
    guard let first = source.events.first?.time, let last = source.events.last?.time else { return [] }
    var chance = SplitMix(state: 20_240_808)
    var quotes: [InstrumentID: Quote] = [:]
    var orders: [(EventTime, Order)] = []
    var due = first.advanced(by: 2 * second)
    for (time, event) in source.events {
      if case .quote(let quote) = event { quotes[quote.instrument] = quote }
      guard time >= due, time < last.advanced(by: -10 * second) else { continue }
      due = time.advanced(by: interval)
      let id = InstrumentID(UInt16(chance.next(2)))
      guard let quote = quotes[id] else { continue }
      let rules = source.instruments[id]
      let side: Side = chance.next(2) == 0 ? .buy : .sell
      // From a hundred to a million of the quote asset: what the best level holds, and what it does not.
      let notional = Money(mantissa: Int64(100 << chance.next(14)) * 100_000_000)
      guard let quantity = try? rules.quantity(for: notional, at: quote.mid) else { continue }
      let away = Int64(chance.next(200)) - 60
      let sequence = UInt64(orders.count + 1)
      orders.append(
        (
          time,
          Order(
            id: EventID(producer: .risk, partition: 0, sequence: sequence),
            signalID: EventID(producer: .core, partition: id.index, sequence: sequence), account: "paper",
            instrument: id, side: side, type: types[chance.next(types.count)], quantity: quantity,
            limitPrice: Price(mantissa: side == .buy ? quote.bid.mantissa - away : quote.ask.mantissa + away),
            stopPrice: Price(
              mantissa: side == .buy ? quote.ask.mantissa + 5 * away : quote.bid.mantissa - 5 * away),
            referencePrice: quote.mid, layers: [])
        ))
    }
    return orders
  }

  /// Runs orders against the recording; `each` sees every event and what was reported before and because of it.
  private static func run(
    _ source: Source, _ orders: [(EventTime, Order)], withBook: Bool = true,
    each: (EventTime, Event, _ before: [ExchangeOutcome], _ because: [ExchangeOutcome]) -> Void
  ) -> PaperExchange<BookMatching> {
    var exchange = PaperExchange(
      configuration: PipelineConfiguration(profile: "default", instruments: source.instruments),
      matching: BookMatching())
    var next = 0
    for (time, event) in source.events {
      var before: [ExchangeOutcome] = []
      var because: [ExchangeOutcome] = []
      exchange.advance(to: time) { before.append($0) }
      switch event {
      case .quote(let quote): exchange.apply(quote, at: time) { because.append($0) }
      case .book(let update) where withBook: exchange.apply(update, at: time) { because.append($0) }
      case .trade(let trade): exchange.apply(trade, at: time) { because.append($0) }
      default: break
      }
      each(time, event, before, because)
      while next < orders.count, orders[next].0 <= time {
        exchange.submit(orders[next].1, origin: 1, at: time)
        next += 1
      }
    }
    return exchange
  }

  @Test("every fill is there in an independently rebuilt book at its instant, and no trade fills twice")
  func everyFill() throws {
    let source = try Source()
    let orders = Self.orders(
      source, types: [.market, .limit, .limit, .stop, .stopLimit], every: Self.second / 8)
    var markets = [RebuiltMarket(), RebuiltMarket()]
    var (takers, makers, byTrade, wrong) = (0, 0, 0, [String]())
    func check(_ outcomes: [ExchangeOutcome], _ trade: Trade?) {
      var traded: Int64 = 0
      for outcome in outcomes {
        guard let fill = outcome.fill else { continue }
        let (order, index) = (outcome.order, Int(outcome.order.instrument.index))
        var isThere: Bool
        switch (fill.liquidity, trade) {
        case (.taker, _):
          takers += 1
          isThere =
            !markets[index].hasBook
            || markets[index].allows(taking: fill.quantity, at: fill.price, by: order.side)
        case (.maker, let trade?):
          makers += 1
          byTrade += 1
          traded += fill.quantity.mantissa
          isThere =
            order.side == .buy ? trade.price <= fill.price : trade.price >= fill.price
          isThere = isThere && traded <= trade.quantity.mantissa
        case (.maker, nil):
          makers += 1
          isThere = markets[index].allows(sweeping: fill.quantity, at: fill.price, by: order.side)
        }
        let quote = markets[index].quote
        isThere = isThere && fill.bid == quote?.bid && fill.ask == quote?.ask
        if order.type.hasLimit, let limit = order.limitPrice {
          isThere = isThere && (order.side == .buy ? fill.price <= limit : fill.price >= limit)
        }
        if !isThere { wrong.append("\(outcome.executedAt) \(order.id) \(fill)") }
      }
    }
    let exchange = Self.run(source, orders) { _, event, before, because in
      check(before, nil)
      if let id = event.instrument { markets[Int(id.index)].apply(event) }
      if case .trade(let trade) = event { check(because, trade) } else { check(because, nil) }
    }
    #expect(wrong.isEmpty, "\(wrong.count), the first is \(wrong.first ?? "-")")
    #expect(orders.count > 2_000 && takers > 1_000 && makers > 500 && byTrade > 100)
    #expect(exchange.waitingOrders > 0)
  }

  @Test("against the quotes alone the same orders pay what the model says: never less than the quote")
  func bookAndModel() throws {
    let source = try Source()
    let orders = Self.orders(source, types: [.market], every: Self.second / 2)
    var fills: [[EventID: [Fill]]] = [[:], [:]]
    for (index, withBook) in [true, false].enumerated() {
      _ = Self.run(source, orders, withBook: withBook) { _, _, before, because in
        for outcome in before + because {
          if let fill = outcome.fill { fills[index][outcome.order.id, default: []].append(fill) }
        }
      }
    }
    let maximumSlippage = PaperExchangeRules().maximumSlippage
    // What size cost beyond the best price: all orders that both filled completely, mantissas of money.
    var (slippage, notional, compared, alike) = ([Int64(0), 0], Int64(0), 0, 0)
    for (_, order) in orders {
      let both = fills.map { $0[order.id] ?? [] }
      let filled = both.map { $0.reduce(0) { $0 + $1.quantity.mantissa } }
      guard filled == [order.quantity.mantissa, order.quantity.mantissa], let first = both[0].first else {
        continue
      }
      compared += 1
      // Both met the same quote.
      #expect(both[1].first?.bid == first.bid && both[1].first?.ask == first.ask)
      let best = order.side == .buy ? first.ask : first.bid
      let rules = source.instruments[order.instrument]
      let atBest = try rules.notional(best, order.quantity, rounding: order.side == .buy ? .up : .down)
      let costs = both.map { fills -> Int64 in
        let paid = fills.reduce(0) { $0 + $1.notional.mantissa }
        return order.side == .buy ? paid - atBest.mantissa : atBest.mantissa - paid
      }
      let bound = try atBest.times(maximumSlippage, rounding: .up)
      for cost in costs {
        // Each fill is rounded against the account: not below nothing, and a unit a fill beyond the bound.
        #expect(cost >= 0 && cost <= bound.mantissa + 1_000)
      }
      // Where the quote alone was enough, there is nothing to model.
      if both[0].count == 1, both[1].count == 1 {
        #expect(both[0] == both[1])
        alike += 1
      }
      slippage[0] += costs[0]
      slippage[1] += costs[1]
      notional += atBest.mantissa
    }
    let text = slippage.map { DecimalText.render($0, scale: Money.scale) }
    print(
      "recorded market: \(compared) orders of \(DecimalText.render(notional, scale: Money.scale)) in all, "
        + "\(alike) within the quote; slippage \(text[0]) in the book, \(text[1]) by the model")
    #expect(compared > 400 && alike > 200 && alike < compared)
    let bound = try Money(mantissa: notional).times(maximumSlippage, rounding: .up)
    // A liquid pair's best level holds more than those behind it: repeating it makes size too cheap, never
    // cheaper than the quote.
    #expect(slippage[1] > 0 && slippage[1] < slippage[0])
    #expect(slippage[0] - slippage[1] <= bound.mantissa)
  }
}

/// A seeded source of chance.
private struct SplitMix {
  var state: UInt64

  /// 0 up to, not including, `bound`.
  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(bound))
  }
}
