/// Walks the levels that an order of one side would meet, best first, less what paper orders took of them.
///
/// First the quote, then the book's levels that are worse than it. Where no book is known, and the walk may
/// model, the levels behind the quote are invented by the **impact model**: level *k* = 1, 2, … stands at
///
///     quote ± k × max(ask − bid, tick)
///
/// with the quote's own quantity: the thinner and the wider the market is, the dearer is size. It is never
/// better than the quote, and ends after ``modelledLevels``. It is a lower bound of what size costs where the best
/// level holds more than those behind it, as in liquid pairs.
public struct LiquidityWalk: Sequence, IteratorProtocol {
  /// How many levels are invented at most, so that a tiny quote is not walked for ever.
  public static let modelledLevels = 100

  private let side: Side
  private let levels: [BookLevel]
  private let taken: TakenLiquidity
  private let top: BookLevel?
  /// The distance of modelled levels, in the direction away from the quote; zero where nothing is modelled.
  private let step: Int64
  private var index: Int
  private var modelled = 0
  private var topGiven = false

  init(view: MarketView, side: Side, models: Bool) {
    self.side = side
    taken = view.taken
    levels = side == .buy ? view.book.asks : view.book.bids
    index = levels.count - 1
    top = view.quote.map {
      side == .buy
        ? BookLevel(price: $0.ask, quantity: $0.askQuantity)
        : BookLevel(price: $0.bid, quantity: $0.bidQuantity)
    }
    if models, !view.book.isKnown, let quote = view.quote {
      let (spread, overflow) = quote.ask.mantissa.subtractingReportingOverflow(quote.bid.mantissa)
      let distance = Swift.max(overflow ? .max : spread, view.tick.mantissa, 1)
      step = side == .buy ? distance : -distance
    } else {
      step = 0
    }
  }

  public mutating func next() -> BookLevel? {
    if !topGiven {
      topGiven = true
      if let top { return taken.rest(of: top, against: side) }
    }
    while index >= 0 {
      let level = levels[index]
      index -= 1
      if let top {
        let isWorse = side == .buy ? level.price > top.price : level.price < top.price
        guard isWorse else { continue }
      }
      return taken.rest(of: level, against: side)
    }
    return nextModelled()
  }

  private mutating func nextModelled() -> BookLevel? {
    guard step != 0, let top, top.quantity.mantissa > 0, modelled < Self.modelledLevels else { return nil }
    modelled += 1
    let (distance, isTooFar) = step.multipliedReportingOverflow(by: Int64(modelled))
    let (price, overflow) = top.price.mantissa.addingReportingOverflow(distance)
    guard !isTooFar, !overflow, price > 0 else { return nil }
    return taken.rest(
      of: BookLevel(price: Price(mantissa: price), quantity: top.quantity), against: side)
  }
}
