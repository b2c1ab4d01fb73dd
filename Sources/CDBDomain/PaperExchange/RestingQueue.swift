/// An order that waits in the book, and its place in the queue at its price.
struct RestingOrder: Sendable, Hashable, Codable {
  var order: Order
  /// The journal record that the order follows from.
  var origin: UInt64
  var price: Price
  /// What is left of it.
  var open: Quantity
  /// How many fills it has had.
  var fills: Int
  /// What the market shows at this price that came before it. It only falls: by trades, and where the market
  /// shows less than that.
  var ahead: Quantity
  /// The exchange's number of the newest state of the market when it came; older news say nothing of its queue.
  var knownUpdate: Int64
}

/// The resting orders of one side of one instrument: best price first, and at one price in the order in which
/// they came.
struct RestingQueue: Sendable, Hashable, Codable {
  /// A quantity of the order at that place is filled.
  typealias MakerFill = (place: Int, quantity: Quantity)

  let side: Side
  private(set) var orders: [RestingOrder] = []

  init(side: Side) { self.side = side }

  var isEmpty: Bool { orders.isEmpty }

  /// Whether a price is as good for the other side as this queue's, or better.
  func isReached(by price: Price, at resting: Price) -> Bool {
    side == .buy ? price <= resting : price >= resting
  }

  mutating func insert(_ order: RestingOrder) {
    let place = orders.firstIndex {
      side == .buy ? $0.price < order.price : $0.price > order.price
    }
    orders.insert(order, at: place ?? orders.endIndex)
  }

  mutating func remove(_ id: EventID) -> RestingOrder? {
    guard let place = orders.firstIndex(where: { $0.order.id == id }) else { return nil }
    return orders.remove(at: place)
  }

  /// Books a fill of the order at a place; the order stays in its place until ``removeFilled()``.
  mutating func book(_ fill: MakerFill) -> RestingOrder {
    orders[fill.place].open.mantissa -= fill.quantity.mantissa
    orders[fill.place].fills += 1
    return orders[fill.place]
  }

  mutating func removeFilled() { orders.removeAll { $0.open.mantissa <= 0 } }

  /// What a trade fills. Beyond a price it has used up whatever waited there; at a price its aggressor meets
  /// the queue in order: what is ahead of an order, the order, what is ahead of the next. All together get
  /// no more than `rest`, which is what is left of the trade, and falls by what they and the queue take.
  mutating func fills(by trade: Trade, rest: inout Int64) -> [MakerFill] {
    var fills: [MakerFill] = []
    // What the trade took at its own price of the market's orders, so far down the queue.
    var passed: Int64 = 0
    for place in orders.indices {
      guard isReached(by: trade.price, at: orders[place].price) else { break }
      if orders[place].price == trade.price {
        guard trade.aggressor != side else { break }
        let further = min(rest, max(0, orders[place].ahead.mantissa - passed))
        rest -= further
        passed += further
        orders[place].ahead.mantissa = max(0, orders[place].ahead.mantissa - passed)
      } else {
        orders[place].ahead = .zero
      }
      guard orders[place].ahead.mantissa == 0 else { continue }
      let filled = min(rest, orders[place].open.mantissa)
      guard filled > 0 else { continue }
      rest -= filled
      fills.append((place, Quantity(mantissa: filled)))
    }
    return fills
  }

  /// What the market shows at prices at or beyond the orders' fills them, at their price.
  mutating func fills(bySweepOf market: inout MarketView) -> [MakerFill] {
    guard let quote = market.quote else { return [] }
    let best = side == .buy ? quote.ask : quote.bid
    var fills: [MakerFill] = []
    for place in orders.indices {
      guard isReached(by: best, at: orders[place].price) else { break }
      orders[place].ahead = .zero
      var wanted = orders[place].open.mantissa
      for level in market.liquidity(against: side) {
        guard wanted > 0, isReached(by: level.price, at: orders[place].price) else { break }
        let taken = min(wanted, level.quantity.mantissa)
        guard taken > 0 else { continue }
        market.take(Quantity(mantissa: taken), at: level.price, side: side)
        wanted -= taken
      }
      let filled = orders[place].open.mantissa - wanted
      if filled > 0 { fills.append((place, Quantity(mantissa: filled))) }
    }
    return fills
  }

  /// Lets the queue ahead fall to what the market shows, as far as its news are newer than the order.
  mutating func learn(at updateID: Int64, _ displayed: (Price) -> Quantity?) {
    for place in orders.indices where orders[place].knownUpdate < updateID {
      guard let shown = displayed(orders[place].price) else { continue }
      orders[place].ahead = min(orders[place].ahead, max(.zero, shown))
    }
  }
}
