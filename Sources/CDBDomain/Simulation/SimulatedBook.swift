/// An order book of fixed depth around a price, which remembers what it last published.
struct SimulatedBook: Sendable, Hashable, Codable {
  static let depth = 20

  /// Best level first on both sides.
  private(set) var bids: [BookLevel] = []
  private(set) var asks: [BookLevel] = []
  /// The number of the last change.
  private(set) var updateID: Int64
  private var publishedBids: [BookLevel] = []
  private var publishedAsks: [BookLevel] = []
  private var publishedID: Int64

  init(updateID: Int64) {
    self.updateID = updateID
    publishedID = updateID
  }

  /// Moves the best prices. Levels whose prices stay keep their quantities; the others get new ones. True
  /// where something changed.
  mutating func move(bestBid: Int64, bestAsk: Int64, grid: Int64, quantity: () -> Quantity) -> Bool {
    guard bids.first?.price.mantissa != bestBid || asks.first?.price.mantissa != bestAsk else {
      return false
    }
    bids = Self.side(from: bestBid, step: -grid, keeping: bids, quantity)
    asks = Self.side(from: bestAsk, step: grid, keeping: asks, quantity)
    updateID += 1
    return true
  }

  /// Sets the quantity of one level, 0 for the best.
  mutating func set(_ side: Side, level: Int, to quantity: Quantity) {
    if side == .buy { bids[level].quantity = quantity } else { asks[level].quantity = quantity }
    updateID += 1
  }

  private static func side(
    from best: Int64, step: Int64, keeping old: [BookLevel], _ quantity: () -> Quantity
  ) -> [BookLevel] {
    (0..<Int64(depth)).map { index in
      let price = Price(mantissa: best + index * step)
      return old.first { $0.price == price } ?? BookLevel(price: price, quantity: quantity())
    }
  }

  /// What changed since it was last asked for; nil where nothing did.
  mutating func takeChanges() -> (first: Int64, last: Int64, bids: [BookLevel], asks: [BookLevel])? {
    guard updateID > publishedID else { return nil }
    defer { markPublished() }
    return (
      publishedID + 1, updateID, Self.changes(from: publishedBids, to: bids),
      Self.changes(from: publishedAsks, to: asks)
    )
  }

  /// The book as it was last published. Not the newest one: a level that changed and changed back before the next
  /// update is in none, so only what was published goes together with the updates that follow.
  func snapshot(limit: Int) -> SimulatedInstrument.Message {
    .snapshot(
      updateID: publishedID, bids: Array(publishedBids.prefix(limit)),
      asks: Array(publishedAsks.prefix(limit)))
  }

  /// Notes that everything up to now was published, as a snapshot.
  mutating func markPublished() {
    publishedID = updateID
    publishedBids = bids
    publishedAsks = asks
  }

  private static func changes(from old: [BookLevel], to new: [BookLevel]) -> [BookLevel] {
    let gone = old.filter { level in !new.contains { $0.price == level.price } }
    return gone.map { BookLevel(price: $0.price, quantity: .zero) } + new.filter { !old.contains($0) }
  }
}
