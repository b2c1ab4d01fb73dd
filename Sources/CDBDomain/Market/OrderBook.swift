/// One instrument's order book by price level.
///
/// Both sides are sorted with the best level last, so that the busy end of the array is the cheap one.
/// The depth is bounded: levels far from the best are let go, and a walk that gets there ends with
/// "insufficient liquidity" rather than with an invented price.
public struct OrderBook: Sendable, Hashable {
  /// The number of levels kept on each side.
  public static let maximumLevels = 5_000

  /// Ascending: the best bid is last.
  public private(set) var bids: [BookLevel] = []
  /// Descending: the best ask is last.
  public private(set) var asks: [BookLevel] = []
  /// The exchange's number of the last update applied; zero before the first snapshot.
  public private(set) var lastUpdateID: Int64 = 0

  public init() {}

  /// Whether a snapshot was applied: before that, an empty book says nothing.
  public var isKnown: Bool { lastUpdateID != 0 }
  public var bestBid: BookLevel? { bids.last }
  public var bestAsk: BookLevel? { asks.last }

  /// Applies a snapshot or an increment. Continuity is the feed's business, not the book's.
  public mutating func apply(_ update: BookUpdate) {
    if update.isSnapshot {
      bids = Self.sorted(update.bids, ascending: true)
      asks = Self.sorted(update.asks, ascending: false)
    } else {
      for level in update.bids { Self.set(level, in: &bids, ascending: true) }
      for level in update.asks { Self.set(level, in: &asks, ascending: false) }
    }
    lastUpdateID = update.lastUpdateID
    if bids.count > Self.maximumLevels { bids.removeFirst(bids.count - Self.maximumLevels) }
    if asks.count > Self.maximumLevels { asks.removeFirst(asks.count - Self.maximumLevels) }
  }

  /// A snapshot's side in order. Where a price comes more than once the last one counts, as it would in
  /// updates: liquidity must not be seen twice.
  private static func sorted(_ levels: [BookLevel], ascending: Bool) -> [BookLevel] {
    let ordered = levels.indices.sorted {
      let (a, b) = (levels[$0].price, levels[$1].price)
      if a == b { return $0 < $1 }
      return ascending ? a < b : a > b
    }
    var side: [BookLevel] = []
    side.reserveCapacity(levels.count)
    for index in ordered {
      if side.last?.price == levels[index].price { side.removeLast() }
      side.append(levels[index])
    }
    side.removeAll { $0.quantity.mantissa <= 0 }
    return side
  }

  private static func set(_ level: BookLevel, in side: inout [BookLevel], ascending: Bool) {
    let low = position(of: level.price, in: side, ascending: ascending)
    let found = low < side.count && side[low].price == level.price
    switch (found, level.quantity.mantissa > 0) {
    case (true, true): side[low].quantity = level.quantity
    case (true, false): side.remove(at: low)
    case (false, true): side.insert(level, at: low)
    case (false, false): break
    }
  }

  /// Where a price stands in a side, or would.
  private static func position(of price: Price, in side: [BookLevel], ascending: Bool) -> Int {
    var low = 0
    var high = side.count
    while low < high {
      let middle = (low + high) / 2
      let isBefore = ascending ? side[middle].price < price : side[middle].price > price
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// What stands at a price; nil where nobody knows: before a snapshot, and beyond the last level kept.
  public func displayed(at price: Price, side: Side) -> Quantity? {
    guard isKnown else { return nil }
    let levels = side == .buy ? bids : asks
    let place = Self.position(of: price, in: levels, ascending: side == .buy)
    if place < levels.count, levels[place].price == price { return levels[place].quantity }
    return place > 0 ? .zero : nil
  }
}

// A flat list of mantissas: a snapshot holds thousands of levels.
extension OrderBook: Codable {
  private enum CodingKeys: String, CodingKey { case bids, asks, lastUpdateID }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    bids = try Self.levels(container.decode([Int64].self, forKey: .bids))
    asks = try Self.levels(container.decode([Int64].self, forKey: .asks))
    lastUpdateID = try container.decode(Int64.self, forKey: .lastUpdateID)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bids.flatMap { [$0.price.mantissa, $0.quantity.mantissa] }, forKey: .bids)
    try container.encode(asks.flatMap { [$0.price.mantissa, $0.quantity.mantissa] }, forKey: .asks)
    try container.encode(lastUpdateID, forKey: .lastUpdateID)
  }

  private static func levels(_ flat: [Int64]) throws -> [BookLevel] {
    guard flat.count.isMultiple(of: 2) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "an order book's levels come in pairs"))
    }
    return stride(from: 0, to: flat.count, by: 2).map {
      BookLevel(price: Price(mantissa: flat[$0]), quantity: Quantity(mantissa: flat[$0 + 1]))
    }
  }
}
