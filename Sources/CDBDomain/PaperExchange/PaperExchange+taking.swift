// What an order does when it arrives, or when its stop is reached.
extension PaperExchange {
  mutating func arrive(
    _ order: Order, origin: UInt64, at time: EventTime, _ report: (Outcome) -> Void
  ) {
    guard instruments.contains(order.instrument) else {
      return report(outcome(of: order, origin: origin, at: time, .rejected, .invalidOrder))
    }
    if let refusal = gate.refusal(of: order) {
      return report(outcome(of: order, origin: origin, at: time, .rejected, refusal))
    }
    let index = Int(order.instrument.index)
    let admission = OrderAdmission(instrument: instruments[order.instrument])
    do throws(ArithmeticOverflow) {
      if let refusal = try admission.refusal(of: order, quote: venues[index].market.quote) {
        return report(outcome(of: order, origin: origin, at: time, .rejected, refusal))
      }
    } catch {
      return report(outcome(of: order, origin: origin, at: time, .rejected, .arithmeticOverflow))
    }
    if order.type.hasStop, !venues[index].hasReachedStop(of: order) {
      venues[index].wait(order, origin: origin)
      return report(outcome(of: order, origin: origin, at: time, .accepted, .none))
    }
    execute(order, origin: origin, at: time, isNew: true, report)
  }

  /// Takes what the order can take. What is left of an order with a limit rests; of another, it is cancelled.
  mutating func execute(
    _ order: Order, origin: UInt64, at time: EventTime, isNew: Bool, _ report: (Outcome) -> Void
  ) {
    var outcome = outcome(of: order, origin: origin, at: time, .accepted, .none)
    func finish(_ status: OrderStatus, _ reason: ReasonCode) {
      outcome.status = status
      outcome.reason = reason
      outcome.fill = nil
      report(outcome)
    }
    // An order that was accepted cannot be rejected any more.
    let refused = isNew ? OrderStatus.rejected : .cancelled
    let index = Int(order.instrument.index)
    guard let quote = venues[index].market.quote else { return finish(refused, .noMarket) }
    do throws(ArithmeticOverflow) {
      let match = try matching.match(order, in: venues[index].market, rules: rules)
      let fills = try fills(of: order, match, quote)
      let bounds = try FillBounds(quote: quote, maximumSlippage: rules.maximumSlippage)
      guard fills.allSatisfy({ bounds.allows($0.price, taking: order) && order.allows($0.price) }),
        try match.accounts(for: order)
      else { return finish(refused, .fillOutOfBounds) }
      if isNew { report(outcome) }
      var open = order.quantity
      for fill in fills {
        open.mantissa -= fill.quantity.mantissa
        venues[index].market.take(fill.quantity, at: fill.price, side: order.side)
        outcome.status = open.mantissa == 0 ? .filled : .partiallyFilled
        outcome.reason = open.mantissa == 0 ? .filledCompletely : .none
        outcome.fill = fill
        report(outcome)
      }
      guard open.mantissa > 0 else { return }
      if order.type.hasLimit, let limit = order.limitPrice {
        venues[index].rest(order, origin: origin, at: limit, open: open, fills: fills.count)
      } else {
        finish(.cancelled, match.remainder)
      }
    } catch {
      finish(refused, .arithmeticOverflow)
    }
  }

  private func fills(of order: Order, _ match: Match, _ quote: Quote) throws(ArithmeticOverflow) -> [Fill] {
    var fills: [Fill] = []
    for piece in match.pieces {
      fills.append(
        try fill(
          of: order, fills.count + 1, piece.quantity, at: piece.price, .taker, rules.takerFee, quote))
    }
    return fills
  }

  /// A fill: its notional rounded against the account, its fee rounded up.
  func fill(
    of order: Order, _ number: Int, _ quantity: Quantity, at price: Price, _ liquidity: Liquidity,
    _ fee: Ratio, _ quote: Quote
  ) throws(ArithmeticOverflow) -> Fill {
    let notional = try instruments[order.instrument].notional(
      price, quantity, rounding: order.side == .buy ? .up : .down)
    return Fill(
      number: number, price: price, quantity: quantity, notional: notional,
      fee: try notional.times(fee, rounding: .up), liquidity: liquidity, bid: quote.bid, ask: quote.ask)
  }
}
