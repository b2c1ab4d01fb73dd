/// Whether an instrument's price moves. Where there are quotes, their middle is the price: trades go to and
/// fro between bid and ask while nothing moves.
struct PriceMotion: Sendable, Hashable, Codable {
  private var last: Int64 = 0
  private var hasQuotes = false
  /// When the price last differed from the one before; nil before the first.
  private(set) var changedAt: EventTime?

  @inline(__always)
  mutating func observe(quote mid: Price, at time: EventTime) {
    hasQuotes = true
    observe(mid, time)
  }

  @inline(__always)
  mutating func observe(trade price: Price, at time: EventTime) {
    if !hasQuotes { observe(price, time) }
  }

  @inline(__always)
  private mutating func observe(_ price: Price, _ time: EventTime) {
    guard price.mantissa != last else { return }
    last = price.mantissa
    changedAt = time
  }
}
