/// What paper orders have taken of the levels that the market shows.
///
/// The recorded market knows nothing of paper orders, so a level goes on showing what was taken from it. It
/// stays taken until the market says something new of the level: two orders must not take the same.
struct TakenLiquidity: Sendable, Hashable, Codable {
  private struct Level: Sendable, Hashable, Codable {
    var price: Price
    var quantity: Quantity
    /// The exchange's number of the newest state of the market when it was taken.
    var updateID: Int64
  }

  private var bids: [Level] = []
  private var asks: [Level] = []

  var isEmpty: Bool { bids.isEmpty && asks.isEmpty }

  /// What is left of a level that an order of that side would meet.
  func rest(of level: BookLevel, against side: Side) -> BookLevel {
    let levels = side == .buy ? asks : bids
    guard let taken = levels.first(where: { $0.price == level.price }) else { return level }
    var level = level
    level.quantity.mantissa -= min(level.quantity.mantissa, taken.quantity.mantissa)
    return level
  }

  /// Notes that an order of that side took from a level.
  mutating func take(_ quantity: Quantity, at price: Price, side: Side, updateID: Int64) {
    let level = Level(price: price, quantity: quantity, updateID: updateID)
    if side == .buy { Self.add(level, to: &asks) } else { Self.add(level, to: &bids) }
  }

  private static func add(_ level: Level, to levels: inout [Level]) {
    guard let known = levels.firstIndex(where: { $0.price == level.price }) else {
      levels.append(level)
      return
    }
    let sum = try? levels[known].quantity + level.quantity
    levels[known].quantity = sum ?? Quantity(mantissa: .max)
    levels[known].updateID = level.updateID
  }

  /// A quote says something new of its two prices, and that nothing better stands. Where no book is known
  /// the levels behind follow from the quote, and are new with it.
  mutating func learn(_ quote: Quote, isAll: Bool) {
    bids.removeAll { $0.updateID < quote.updateID && (isAll || $0.price >= quote.bid) }
    asks.removeAll { $0.updateID < quote.updateID && (isAll || $0.price <= quote.ask) }
  }

  /// An update says something new of the levels in it; a snapshot of all.
  mutating func learn(_ update: BookUpdate) {
    func isNew(_ level: Level, _ levels: [BookLevel]) -> Bool {
      level.updateID < update.lastUpdateID
        && (update.isSnapshot || levels.contains { $0.price == level.price })
    }
    bids.removeAll { isNew($0, update.bids) }
    asks.removeAll { isNew($0, update.asks) }
  }
}
