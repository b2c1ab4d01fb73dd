/// What the exchange asks of an order before it looks at the market: the instrument's rules.
struct OrderAdmission {
  let instrument: Instrument

  /// Why the order is refused; nil where it is not.
  func refusal(of order: Order, quote: Quote?) throws(ArithmeticOverflow) -> ReasonCode? {
    guard order.quantity.mantissa > 0, hasItsPrices(order) else { return .invalidOrder }
    guard order.quantity.mantissa.isMultiple(of: instrument.lotSize.mantissa) else { return .lotSize }
    for price in [order.type.hasLimit ? order.limitPrice : nil, order.type.hasStop ? order.stopPrice : nil] {
      guard let price else { continue }
      guard price.mantissa.isMultiple(of: instrument.tickSize.mantissa) else { return .tickSize }
    }
    guard let quote else { return .noMarket }
    let notional = try instrument.notional(price(of: order, quote), order.quantity, rounding: .up)
    return notional < instrument.minimumNotional ? .minimumNotional : nil
  }

  private func hasItsPrices(_ order: Order) -> Bool {
    let hasLimit = !order.type.hasLimit || order.limitPrice.map { $0.mantissa > 0 } ?? false
    let hasStop = !order.type.hasStop || order.stopPrice.map { $0.mantissa > 0 } ?? false
    return hasLimit && hasStop
  }

  /// The price that an order's notional is judged by: its limit, else its stop, else what it would take.
  private func price(of order: Order, _ quote: Quote) -> Price {
    if order.type.hasLimit, let limit = order.limitPrice { return limit }
    if order.type.hasStop, let stop = order.stopPrice { return stop }
    return order.side == .buy ? quote.ask : quote.bid
  }
}
