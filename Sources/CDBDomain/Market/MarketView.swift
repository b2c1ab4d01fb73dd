/// What is known of one instrument's market at an instant: the latest quote, the book behind it, and what
/// paper orders have taken of both.
public struct MarketView: Sendable, Hashable, Codable {
  /// The smallest step of a price.
  public let tick: Price
  public private(set) var quote: Quote?
  public private(set) var book = OrderBook()
  private(set) var taken = TakenLiquidity()

  public init(tick: Price = Price(mantissa: 1)) { self.tick = tick }

  /// The exchange's number of the newest state that is known.
  public var updateID: Int64 { max(quote?.updateID ?? .min, book.lastUpdateID) }

  public mutating func apply(_ quote: Quote) {
    self.quote = quote
    if !taken.isEmpty { taken.learn(quote, isAll: !book.isKnown) }
  }

  /// Applies a book update. Where the book is newer than the last quote, its best levels are the quote:
  /// a feed without quotes has a market too.
  public mutating func apply(_ update: BookUpdate) {
    book.apply(update)
    if !taken.isEmpty { taken.learn(update) }
    guard let bid = book.bestBid, let ask = book.bestAsk, bid.price < ask.price else { return }
    if let quote, quote.updateID >= update.lastUpdateID { return }
    quote = Quote(
      instrument: update.instrument, updateID: update.lastUpdateID, bid: bid.price,
      bidQuantity: bid.quantity, ask: ask.price, askQuantity: ask.quantity)
  }

  /// Notes that an order of that side took a quantity at a price.
  public mutating func take(_ quantity: Quantity, at price: Price, side: Side) {
    taken.take(quantity, at: price, side: side, updateID: updateID)
  }

  /// What is shown against an order of that side, best level first: the quote, then the book's levels
  /// that are worse than it. A level of the book that looks better than the newer quote is gone already.
  public func liquidity(against side: Side) -> LiquidityWalk {
    LiquidityWalk(view: self, side: side, models: false)
  }

  /// The same, and behind a quote without a book what the impact model puts there: see ``LiquidityWalk``.
  public func executableLiquidity(against side: Side) -> LiquidityWalk {
    LiquidityWalk(view: self, side: side, models: true)
  }

  /// What is shown at a price on that side of the market; nil where nobody knows, beyond the end of the book.
  public func displayed(at price: Price, side: Side) -> Quantity? {
    guard let quote else { return nil }
    let (best, quantity) =
      side == .buy ? (quote.bid, quote.bidQuantity) : (quote.ask, quote.askQuantity)
    if price == best { return quantity }
    let improves = side == .buy ? price > best : price < best
    return improves ? .zero : book.displayed(at: price, side: side)
  }
}
