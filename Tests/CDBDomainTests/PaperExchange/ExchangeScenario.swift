@testable import CDBDomain

/// A random market with orders of all types and cancels in it, one step at a time. Every other seed has no book.
struct ExchangeScenario {
  enum Step {
    case quote(Quote)
    case book(BookUpdate)
    case trade(Trade)
    case order(Order)
    case cancel(CancelRequest)
  }

  var steps: [(time: EventTime, step: Step)] = []
  private var random: SplitMix64
  private var middle: Int64 = 100_000
  private var orders: [EventID] = []
  private let hasBook: Bool

  init(seed: UInt64, count: Int64 = 600) throws {
    random = SplitMix64(seed: seed)
    hasBook = seed.isMultiple(of: 2)
    var time: Int64 = 0
    for number in 1...count {
      time += random.integer(0...20 * millisecond)
      middle += random.integer(-20...20)
      steps.append((at(time), try step(number)))
    }
  }

  private mutating func step(_ number: Int64) throws -> Step {
    switch random.integer(0...9) {
    case 0...2: return .quote(quote(number))
    case 3: return hasBook ? .book(book(number)) : .quote(quote(number))
    case 4...6:
      return .trade(
        Trade(
          instrument: btc, aggressor: side(), exchangeTime: nil, tradeID: number,
          price: Price(mantissa: middle + random.integer(-25...25)),
          quantity: Quantity(mantissa: random.integer(1...600))))
    case 7...8: return .order(try order(UInt64(number)))
    default:
      let target = orders.randomElement(using: &random) ?? Fixture.id(.risk, 1)
      return .cancel(
        CancelRequest(
          id: Fixture.id(.risk, UInt64(number)), orderID: target, account: "paper", instrument: btc,
          reason: .patienceExhausted))
    }
  }

  private mutating func side() -> Side { Side.allCases[Int(random.integer(0...1))] }

  private mutating func quote(_ number: Int64) -> Quote {
    Quote(
      instrument: btc, updateID: number, bid: Price(mantissa: middle - random.integer(1...20)),
      bidQuantity: Quantity(mantissa: random.integer(0...500)),
      ask: Price(mantissa: middle + random.integer(1...20)),
      askQuantity: Quantity(mantissa: random.integer(0...500)))
  }

  private mutating func book(_ number: Int64) -> BookUpdate {
    var levels: [[BookLevel]] = [[], []]
    for (index, sign) in [-1, 1].enumerated() as EnumeratedSequence<[Int64]> {
      for distance in 1...5 as ClosedRange<Int64> {
        levels[index].append(
          BookLevel(
            price: Price(mantissa: middle + sign * distance * random.integer(5...30)),
            quantity: Quantity(mantissa: random.integer(0...500))))
      }
    }
    return BookUpdate(
      instrument: btc, isSnapshot: random.integer(0...3) > 0, exchangeTime: nil, firstUpdateID: number,
      lastUpdateID: number, bids: levels[0], asks: levels[1])
  }

  private mutating func order(_ number: UInt64) throws -> Order {
    var order = try Fixture.order(number, side())
    order.type = [.market, .limit, .limit, .stop, .stopLimit][Int(random.integer(0...4))]
    order.quantity = Quantity(mantissa: random.integer(1...1_500))
    order.limitPrice = Price(mantissa: middle + random.integer(-40...40))
    order.stopPrice = Price(mantissa: middle + random.integer(-60...60))
    orders.append(order.id)
    return order
  }
}

extension ExchangeHarness where Matching == BookMatching {
  /// As the execution stage does it: time first, then what happened at it.
  mutating func take(_ entry: (time: EventTime, step: ExchangeScenario.Step)) {
    advance(to: entry.time)
    apply(entry)
  }

  mutating func apply(_ entry: (time: EventTime, step: ExchangeScenario.Step)) {
    now = entry.time
    switch entry.step {
    case .quote(let quote): self.quote(quote)
    case .book(let update): book(update)
    case .trade(let trade): self.trade(trade)
    case .order(let order): exchange.submit(order, origin: 1, at: entry.time)
    case .cancel(let cancel): exchange.submit(cancel, origin: 1, at: entry.time)
    }
  }
}
