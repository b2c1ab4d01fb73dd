/// How the paper exchange finds the prices of a market order.
public protocol MatchingModel: Sendable, Hashable, Codable {
  /// The pieces in which `quantity` would be executed now, best first, within the slippage bound.
  func match(
    _ order: Order, in market: MarketView, rules: PaperExchangeRules
  ) throws(ArithmeticOverflow) -> Match
}

/// What matching found.
public struct Match: Sendable, Hashable {
  public var pieces: [BookLevel]
  /// Why the rest, if there is one, was not executed.
  public var remainder: ReasonCode

  public init(pieces: [BookLevel], remainder: ReasonCode) {
    self.pieces = pieces
    self.remainder = remainder
  }
}

extension Match {
  /// Whether the pieces are what they claim to be: together the whole order where nothing remains, less
  /// than it otherwise, and none of them empty. Checked whoever matched.
  func accounts(for order: Order) throws(ArithmeticOverflow) -> Bool {
    var total = Quantity.zero
    for piece in pieces {
      guard piece.quantity.mantissa > 0 else { return false }
      total = try total + piece.quantity
    }
    return remainder == .filledCompletely ? total == order.quantity : total < order.quantity
  }
}

/// Takes what stands in the known book, level by level: the price of size is what the book asks for it.
public struct BookMatching: MatchingModel {
  public init() {}

  public func match(
    _ order: Order, in market: MarketView, rules: PaperExchangeRules
  ) throws(ArithmeticOverflow) -> Match {
    guard let quote = market.quote else { return Match(pieces: [], remainder: .noMarket) }
    let bound = try FillBounds(quote: quote, maximumSlippage: rules.maximumSlippage)
    var open = order.quantity
    var pieces: [BookLevel] = []
    for level in market.liquidity(against: order.side) {
      guard bound.allows(level.price, side: order.side), order.allows(level.price) else {
        return Match(pieces: pieces, remainder: .slippageBound)
      }
      let taken = min(open, level.quantity)
      guard taken.mantissa > 0 else { continue }
      pieces.append(BookLevel(price: level.price, quantity: taken))
      open.mantissa -= taken.mantissa
      if open.mantissa == 0 { return Match(pieces: pieces, remainder: .filledCompletely) }
    }
    return Match(pieces: pieces, remainder: .insufficientLiquidity)
  }
}

extension Order {
  /// Whether the order's own limit, if it has one, permits this price.
  func allows(_ price: Price) -> Bool {
    guard type == .limit, let limitPrice else { return true }
    return side == .buy ? price <= limitPrice : price >= limitPrice
  }
}

/// What a fill may cost at an instant: not better than the best price there was, and not beyond it by
/// more than the slippage bound. Checked against every fill, whoever priced it.
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
}
