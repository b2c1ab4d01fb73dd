/// One instrument at the paper exchange: its market, and the orders that wait there.
struct Venue: Sendable, Hashable, Codable {
  /// A stop order that the market has not reached.
  struct WaitingStop: Sendable, Hashable, Codable {
    var order: Order
    var origin: UInt64
  }

  var market: MarketView
  /// The newest trade; nil until there was one, and the quotes must do.
  private(set) var lastTrade: Price?
  var buys = RestingQueue(side: .buy)
  var sells = RestingQueue(side: .sell)
  private(set) var stops: [WaitingStop] = []

  init(tick: Price) { market = MarketView(tick: tick) }

  /// Nothing waits: whatever the market does, nobody is concerned.
  var isIdle: Bool { buys.isEmpty && sells.isEmpty && stops.isEmpty }
  var waitingOrders: Int { buys.orders.count + sells.orders.count + stops.count }

  /// All orders that wait here: buys, sells, then stops, each in their order.
  var waiting: [WaitingStop] {
    (buys.orders + sells.orders).map { WaitingStop(order: $0.order, origin: $0.origin) } + stops
  }

  subscript(side: Side) -> RestingQueue {
    get { side == .buy ? buys : sells }
    set { if side == .buy { buys = newValue } else { sells = newValue } }
  }

  mutating func note(_ trade: Trade) { lastTrade = trade.price }

  /// What a quote proves of the queues: the quantity at its own prices, and that nothing stands at better ones.
  mutating func learn(_ quote: Quote) {
    buys.learn(at: quote.updateID) { price in
      price > quote.bid ? .zero : price == quote.bid ? quote.bidQuantity : nil
    }
    sells.learn(at: quote.updateID) { price in
      price < quote.ask ? .zero : price == quote.ask ? quote.askQuantity : nil
    }
  }

  /// What the book proves of the queues.
  mutating func learn(_ update: BookUpdate) {
    let book = market.book
    buys.learn(at: update.lastUpdateID) { book.displayed(at: $0, side: .buy) }
    sells.learn(at: update.lastUpdateID) { book.displayed(at: $0, side: .sell) }
  }

  /// Whether an update brings a level at or beyond a resting order's price.
  func isSwept(by update: BookUpdate) -> Bool {
    if let best = buys.orders.first?.price,
      update.asks.contains(where: { $0.quantity.mantissa > 0 && $0.price <= best })
    {
      return true
    }
    guard let best = sells.orders.first?.price else { return false }
    return update.bids.contains { $0.quantity.mantissa > 0 && $0.price >= best }
  }

  /// Lets what is left of an order rest. Its queue is what is shown at its price; where nobody knows, as much as at
  /// the best price.
  mutating func rest(_ order: Order, origin: UInt64, at price: Price, open: Quantity, fills: Int) {
    let best = market.quote.map { order.side == .buy ? $0.bidQuantity : $0.askQuantity }
    let shown = market.displayed(at: price, side: order.side) ?? best ?? .zero
    // What is ahead of an own order at this price is ahead of this one too.
    let own = self[order.side].orders.last { $0.price == price }?.ahead ?? .zero
    self[order.side].insert(
      RestingOrder(
        order: order, origin: origin, price: price, open: open, fills: fills, ahead: max(.zero, shown, own),
        knownUpdate: market.updateID))
  }

  mutating func wait(_ order: Order, origin: UInt64) {
    stops.append(WaitingStop(order: order, origin: origin))
  }

  /// Whether the market has reached the order's stop: by its trades, or by its quotes while there was none.
  func hasReachedStop(of order: Order) -> Bool {
    if let lastTrade { return order.stopIsReached(by: lastTrade) }
    guard let quote = market.quote else { return false }
    return order.stopIsReached(by: order.side == .buy ? quote.ask : quote.bid)
  }

  /// Takes out the stop orders that the market has reached, in the order in which they came.
  mutating func takeReachedStops() -> [WaitingStop] {
    guard !stops.isEmpty else { return [] }
    let reached = stops.map { hasReachedStop(of: $0.order) }
    defer { stops = zip(stops, reached).filter { !$0.1 }.map(\.0) }
    return zip(stops, reached).filter(\.1).map(\.0)
  }

  /// Takes an order out, wherever it waits.
  mutating func withdraw(_ id: EventID) -> WaitingStop? {
    if let resting = buys.remove(id) ?? sells.remove(id) {
      return WaitingStop(order: resting.order, origin: resting.origin)
    }
    guard let place = stops.firstIndex(where: { $0.order.id == id }) else { return nil }
    return stops.remove(at: place)
  }
}
