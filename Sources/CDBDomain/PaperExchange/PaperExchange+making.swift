// What the market does to the orders that wait. While none waits, an event costs what it costs to note it.
extension PaperExchange {
  /// A trade: fills what waited for it, and lets the stops act that it reaches.
  public mutating func apply(_ trade: Trade, at time: EventTime, _ report: (Outcome) -> Void) {
    guard instruments.contains(trade.instrument) else { return }
    let index = Int(trade.instrument.index)
    venues[index].note(trade)
    guard !venues[index].isIdle else { return }
    var rest = max(0, trade.quantity.mantissa)
    // Own orders of both sides may cross each other: the trade is for those first whom its aggressor met.
    for side in [trade.aggressor.opposite, trade.aggressor] where !venues[index][side].isEmpty {
      let fills = venues[index][side].fills(by: trade, rest: &rest)
      book(fills, side, at: index, time, trade: trade.price, report)
    }
    releaseStops(at: index, time, report)
  }

  /// A quote: what crosses a waiting order fills it.
  public mutating func apply(_ quote: Quote, at time: EventTime, _ report: (Outcome) -> Void) {
    guard instruments.contains(quote.instrument) else { return }
    let index = Int(quote.instrument.index)
    venues[index].market.apply(quote)
    guard !venues[index].isIdle else { return }
    venues[index].learn(quote)
    sweep(index, time, report)
    releaseStops(at: index, time, report)
  }

  /// A change of the book: the levels that it brings fill what they cross.
  public mutating func apply(_ update: BookUpdate, at time: EventTime, _ report: (Outcome) -> Void) {
    guard instruments.contains(update.instrument) else { return }
    let index = Int(update.instrument.index)
    venues[index].market.apply(update)
    guard !venues[index].isIdle else { return }
    venues[index].learn(update)
    if venues[index].isSwept(by: update) { sweep(index, time, report) }
    releaseStops(at: index, time, report)
  }

  private mutating func sweep(_ index: Int, _ time: EventTime, _ report: (Outcome) -> Void) {
    for side in Side.allCases where !venues[index][side].isEmpty {
      var queue = venues[index][side]
      let fills = queue.fills(bySweepOf: &venues[index].market)
      venues[index][side] = queue
      book(fills, side, at: index, time, trade: nil, report)
    }
  }

  private mutating func releaseStops(at index: Int, _ time: EventTime, _ report: (Outcome) -> Void) {
    for stop in venues[index].takeReachedStops() {
      execute(stop.order, origin: stop.origin, at: time, isNew: false, report)
    }
  }

  /// Books fills of resting orders. A fill that the market of this instant does not allow ends its order.
  private mutating func book(
    _ fills: [RestingQueue.MakerFill], _ side: Side, at index: Int, _ time: EventTime, trade: Price?,
    _ report: (Outcome) -> Void
  ) {
    guard !fills.isEmpty, let quote = venues[index].market.quote else { return }
    var refused: [EventID] = []
    for filled in fills {
      let resting = venues[index][side].book(filled)
      var outcome = outcome(
        of: resting.order, origin: resting.origin, at: time, .partiallyFilled, .none)
      let isAllowed = FillBounds.allows(resting.price, resting: side, quote: quote, trade: trade)
      let fill = try? fill(
        of: resting.order, resting.fills, filled.quantity, at: resting.price, .maker, rules.makerFee, quote)
      if isAllowed, resting.open.mantissa >= 0, let fill {
        outcome.fill = fill
        if resting.open.mantissa == 0 {
          outcome.status = .filled
          outcome.reason = .filledCompletely
        }
      } else {
        outcome.status = .cancelled
        outcome.reason = fill == nil ? .arithmeticOverflow : .fillOutOfBounds
        refused.append(resting.order.id)
      }
      report(outcome)
    }
    for id in refused { _ = venues[index].withdraw(id) }
    venues[index][side].removeFilled()
  }
}
