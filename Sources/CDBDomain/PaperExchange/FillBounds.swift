/// What a fill may cost at an instant. Checked against every fill, whoever priced it.
///
/// A taker pays no better than the best price there was, and not beyond it by more than the slippage bound; an
/// order with a limit has that as its bound instead. A resting order is filled at its own price, and only
/// where the market came to it.
public struct FillBounds: Sendable, Hashable {
  public let buy: ClosedRange<Price>
  public let sell: ClosedRange<Price>

  public init(quote: Quote, maximumSlippage: Ratio) throws(ArithmeticOverflow) {
    let slippage = Ratio(mantissa: max(0, maximumSlippage.mantissa))
    let highest = try quote.ask.moved(by: slippage, rounding: .up)
    let lowest = try quote.bid.moved(by: Ratio(mantissa: -slippage.mantissa), rounding: .down)
    buy = quote.ask...max(quote.ask, highest)
    sell = min(quote.bid, lowest)...quote.bid
  }

  @inlinable
  public func allows(_ price: Price, side: Side) -> Bool {
    side == .buy ? buy.contains(price) : sell.contains(price)
  }

  /// Whether an order may take at this price.
  public func allows(_ price: Price, taking order: Order) -> Bool {
    guard order.type.hasLimit else { return allows(price, side: order.side) }
    let isNoBetter = order.side == .buy ? price >= buy.lowerBound : price <= sell.upperBound
    return isNoBetter && order.allows(price)
  }

  /// Whether a resting order of that side may be filled at this price at an instant with this quote and, if
  /// it was a trade, this trade: a buy needs a trade or an ask at its price or below.
  public static func allows(_ price: Price, resting side: Side, quote: Quote, trade: Price?) -> Bool {
    switch side {
    case .buy: quote.ask <= price || trade.map { $0 <= price } ?? false
    case .sell: quote.bid >= price || trade.map { $0 >= price } ?? false
    }
  }
}

extension Order {
  /// Whether the order's own limit, if it has one, permits this price.
  func allows(_ price: Price) -> Bool {
    guard type.hasLimit, let limitPrice else { return true }
    return side == .buy ? price <= limitPrice : price >= limitPrice
  }

  /// Whether a market that has come to this price has reached the order's stop.
  func stopIsReached(by price: Price) -> Bool {
    guard let stopPrice else { return false }
    return side == .buy ? price >= stopPrice : price <= stopPrice
  }
}
