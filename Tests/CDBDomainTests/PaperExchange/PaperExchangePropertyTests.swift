import Testing

@testable import CDBDomain

/// A random market with orders in it, one step at a time.
struct ExchangeScenario {
  enum Step {
    case quote(Quote)
    case book(BookUpdate)
    case order(Order)
  }

  var steps: [(time: EventTime, step: Step)] = []

  init(seed: UInt64, count: Int64 = 400) throws {
    var random = SplitMix64(seed: seed)
    var (time, middle): (Int64, Int64) = (0, 100_000)
    for number in 1...count {
      time += random.integer(0...20 * millisecond)
      middle += random.integer(-20...20)
      let step: Step
      switch random.integer(0...9) {
      case 0...4:
        step = .quote(
          Quote(
            instrument: btc, updateID: number, bid: Price(mantissa: middle - random.integer(1...20)),
            bidQuantity: Quantity(mantissa: random.integer(0...500)),
            ask: Price(mantissa: middle + random.integer(1...20)),
            askQuantity: Quantity(mantissa: random.integer(0...500))))
      case 5...6:
        func levels(_ sign: Int64) -> [BookLevel] {
          (1...5).map {
            BookLevel(
              price: Price(mantissa: middle + sign * $0 * random.integer(5...60)),
              quantity: Quantity(mantissa: random.integer(0...500)))
          }
        }
        step = .book(
          BookUpdate(
            instrument: btc, isSnapshot: random.integer(0...3) > 0, exchangeTime: nil, firstUpdateID: number,
            lastUpdateID: number, bids: levels(-1), asks: levels(1)))
      default:
        var order = try Fixture.order(UInt64(number), Side.allCases[Int(random.integer(0...1))])
        order.quantity = Quantity(mantissa: random.integer(1...1_500))
        step = .order(order)
      }
      steps.append((at(time), step))
    }
  }
}

extension ExchangeHarness where Matching == BookMatching {
  /// As the execution stage does it: time first, then what happened at it.
  mutating func take(_ entry: (time: EventTime, step: ExchangeScenario.Step)) {
    advance(to: entry.time)
    switch entry.step {
    case .quote(let quote): exchange.apply(quote)
    case .book(let update): exchange.apply(update)
    case .order(let order): exchange.submit(order, origin: 1, at: entry.time)
    }
  }
}

@Suite("Paper exchange, whatever happens")
struct PaperExchangePropertyTests {
  static func harness() throws -> ExchangeHarness<BookMatching> {
    try ExchangeHarness { $0.orderLatencyJitter = 20 * millisecond }
  }

  @Test(
    "no fill is better than the quote of its instant or beyond the bound; sizes add up; every order ends once",
    arguments: 1...20 as ClosedRange<UInt64>)
  func fills(seed: UInt64) throws {
    var harness = try Self.harness()
    var orders: [EventID: Order] = [:]
    for entry in try ExchangeScenario(seed: seed).steps {
      if case .order(let order) = entry.step { orders[order.id] = order }
      // The market an order meets is the one before this step.
      let quote = harness.exchange.market(of: btc)?.quote
      let known = harness.outcomes.count
      harness.take(entry)
      for outcome in harness.outcomes[known...] {
        guard let fill = outcome.fill else { continue }
        let market = try #require(quote)
        #expect(fill.bid == market.bid && fill.ask == market.ask)
        #expect(outcome.order.side == .buy ? fill.price >= market.ask : fill.price <= market.bid)
        let bounds = try FillBounds(quote: market, maximumSlippage: harness.exchange.rules.maximumSlippage)
        #expect(bounds.allows(fill.price, side: outcome.order.side))
      }
    }
    harness.advance(to: .distantFuture)
    let byOrder = Dictionary(grouping: harness.outcomes, by: \.order.id)
    #expect(Set(byOrder.keys) == Set(orders.keys))
    for (id, outcomes) in byOrder {
      let filled = outcomes.compactMap(\.fill?.quantity.mantissa).reduce(0, +)
      let size = try #require(orders[id]).quantity.mantissa
      let last = try #require(outcomes.last)
      #expect(outcomes.dropLast().allSatisfy { !$0.status.isFinal } && last.status.isFinal)
      #expect(last.status == .filled ? filled == size : filled < size)
      #expect(outcomes.compactMap(\.fill?.number) == Array(1..<(outcomes.compactMap(\.fill).count + 1)))
    }
    #expect(!harness.fills.isEmpty)
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

  @Test("restored at any point it continues the same", arguments: 1...10 as ClosedRange<UInt64>)
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
