/// How the paper exchange finds the prices of an order that takes.
public protocol MatchingModel: Sendable, Hashable, Codable {
  /// The pieces in which the order would be executed now, best first, within the slippage bound or the
  /// order's limit.
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

/// Takes what stands in the known book, level by level: the price of size is what the book asks for it. Where
/// no book is known beyond the quote, ``LiquidityWalk`` has a model of what stands behind it.
public struct BookMatching: MatchingModel {
  public init() {}

  public func match(
    _ order: Order, in market: MarketView, rules: PaperExchangeRules
  ) throws(ArithmeticOverflow) -> Match {
    guard let quote = market.quote else { return Match(pieces: [], remainder: .noMarket) }
    let bound = try FillBounds(quote: quote, maximumSlippage: rules.maximumSlippage)
    var open = order.quantity
    var pieces: [BookLevel] = []
    for level in market.executableLiquidity(against: order.side) {
      guard bound.allows(level.price, taking: order) else {
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
