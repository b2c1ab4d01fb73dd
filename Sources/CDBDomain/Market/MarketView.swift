/// What is known of one instrument's market at an instant: the latest quote, and the book behind it.
public struct MarketView: Sendable, Hashable, Codable {
  public private(set) var quote: Quote?
  public private(set) var book = OrderBook()

  public init() {}

  public mutating func apply(_ quote: Quote) { self.quote = quote }

  /// Applies a book update. Where the book is newer than the last quote, its best levels are the quote:
  /// a feed without quotes has a market too.
  public mutating func apply(_ update: BookUpdate) {
    book.apply(update)
    guard let bid = book.bestBid, let ask = book.bestAsk, bid.price < ask.price else { return }
    if let quote, quote.updateID >= update.lastUpdateID { return }
    quote = Quote(
      instrument: update.instrument, updateID: update.lastUpdateID, bid: bid.price,
      bidQuantity: bid.quantity, ask: ask.price, askQuantity: ask.quantity)
  }

  /// What stands against an order of that side, best level first: the quote, then the book's levels
  /// that are worse than it. A level of the book that looks better than the newer quote is gone already.
  public func liquidity(against side: Side) -> LiquidityWalk {
    LiquidityWalk(view: self, side: side)
  }
}

/// Walks the levels that an order of one side would meet.
public struct LiquidityWalk: Sequence, IteratorProtocol {
  private let levels: [BookLevel]
  private let side: Side
  private let top: BookLevel?
  private var next_: Int
  private var topGiven = false

  init(view: MarketView, side: Side) {
    self.side = side
    levels = side == .buy ? view.book.asks : view.book.bids
    next_ = levels.count - 1
    top = view.quote.map {
      side == .buy
        ? BookLevel(price: $0.ask, quantity: $0.askQuantity)
        : BookLevel(price: $0.bid, quantity: $0.bidQuantity)
    }
  }

  public mutating func next() -> BookLevel? {
    if !topGiven {
      topGiven = true
      if let top { return top }
    }
    while next_ >= 0 {
      let level = levels[next_]
      next_ -= 1
      if let top {
        let isWorse = side == .buy ? level.price > top.price : level.price < top.price
        guard isWorse else { continue }
      }
      return level
    }
    return nil
  }
}
