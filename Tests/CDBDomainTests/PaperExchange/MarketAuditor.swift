@testable import CDBDomain

/// The market once more, by other means: what it showed, and how much of that paper orders have had.
struct MarketAuditor {
  private(set) var quote: Quote?
  private var bids: [Int64: Int64] = [:]
  private var asks: [Int64: Int64] = [:]
  private(set) var isBookKnown = false
  private var usedBids: [Int64: Int64] = [:]
  private var usedAsks: [Int64: Int64] = [:]

  mutating func note(_ quote: Quote) {
    self.quote = quote
    usedAsks = usedAsks.filter { isBookKnown && $0.key > quote.ask.mantissa }
    usedBids = usedBids.filter { isBookKnown && $0.key < quote.bid.mantissa }
  }

  mutating func note(_ update: BookUpdate) {
    if update.isSnapshot { (bids, asks, usedBids, usedAsks) = ([:], [:], [:], [:]) }
    isBookKnown = true
    for level in update.bids {
      bids[level.price.mantissa] = level.quantity.mantissa
      usedBids[level.price.mantissa] = nil
    }
    for level in update.asks {
      asks[level.price.mantissa] = level.quantity.mantissa
      usedAsks[level.price.mantissa] = nil
    }
    bids = bids.filter { $0.value > 0 }
    asks = asks.filter { $0.value > 0 }
    guard let bid = bids.max(by: { $0.key < $1.key }), let ask = asks.min(by: { $0.key < $1.key }),
      bid.key < ask.key, (quote?.updateID ?? .min) < update.lastUpdateID
    else { return }
    quote = Quote(
      instrument: update.instrument, updateID: update.lastUpdateID, bid: Price(mantissa: bid.key),
      bidQuantity: Quantity(mantissa: bid.value), ask: Price(mantissa: ask.key),
      askQuantity: Quantity(mantissa: ask.value))
  }

  /// What stands at a price against an order of that side, known or supposed.
  func shown(against side: Side, at price: Int64) -> Int64 {
    guard let quote else { return 0 }
    let (best, quantity) =
      side == .buy
      ? (quote.ask.mantissa, quote.askQuantity.mantissa) : (quote.bid.mantissa, quote.bidQuantity.mantissa)
    let distance = side == .buy ? price - best : best - price
    if distance <= 0 { return distance == 0 ? quantity : 0 }
    if isBookKnown { return (side == .buy ? asks : bids)[price] ?? 0 }
    return distance.isMultiple(of: max(1, quote.ask.mantissa - quote.bid.mantissa)) ? quantity : 0
  }

  /// Notes a fill that took at its price; false where more was taken than stood there.
  mutating func take(_ fill: Fill, _ side: Side) -> Bool {
    use(fill.quantity.mantissa, against: side, at: fill.price.mantissa)
  }

  /// Notes a fill of a resting order by what is shown at its price or better; false where that is less.
  mutating func sweep(_ fill: Fill, _ side: Side) -> Bool {
    guard let quote else { return false }
    var levels = Set(side == .buy ? asks.keys : bids.keys)
    levels.insert(side == .buy ? quote.ask.mantissa : quote.bid.mantissa)
    let reached = levels.filter {
      side == .buy ? $0 <= fill.price.mantissa : $0 >= fill.price.mantissa
    }.sorted { side == .buy ? $0 < $1 : $0 > $1 }
    var open = fill.quantity.mantissa
    for price in reached {
      let used = (side == .buy ? usedAsks : usedBids)[price] ?? 0
      let part = min(open, max(0, shown(against: side, at: price) - used))
      guard part > 0 else { continue }
      _ = use(part, against: side, at: price)
      open -= part
    }
    return open == 0
  }

  private mutating func use(_ quantity: Int64, against side: Side, at price: Int64) -> Bool {
    let used = ((side == .buy ? usedAsks : usedBids)[price] ?? 0) + quantity
    if side == .buy { usedAsks[price] = used } else { usedBids[price] = used }
    return used <= shown(against: side, at: price)
  }
}
