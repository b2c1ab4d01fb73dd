/// Gathers one instrument's market data into ``MarketSummary`` values, aligned to the epoch.
public struct SummaryBuilder: Sendable, Hashable, Codable {
  public var interval: Int64
  private let instrument: InstrumentID
  private var current: MarketSummary?

  public init(instrument: InstrumentID, interval: Int64) {
    self.instrument = instrument
    self.interval = interval
  }

  /// The summary of the interval that ended before `time`, if something happened in it.
  public mutating func close(before time: EventTime) -> MarketSummary? {
    guard let summary = current, time >= summary.end else { return nil }
    current = nil
    return summary
  }

  public mutating func trade(_ trade: Trade, at time: EventTime) {
    update(price: trade.price, at: time) {
      // A volume beyond 64 bits is held at the end of the range: nothing is decided by it.
      $0.volume = (try? $0.volume + trade.quantity) ?? Quantity(mantissa: .max)
      $0.trades += 1
    }
  }

  public mutating func quote(_ quote: Quote, at time: EventTime) {
    update(price: quote.mid, at: time) { $0.quotes += 1 }
  }

  public mutating func bookUpdate(at time: EventTime) {
    current?.bookUpdates += 1
  }

  private mutating func update(
    price: Price, at time: EventTime, _ change: (inout MarketSummary) -> Void
  ) {
    if current == nil {
      let length = max(1, interval)
      let start = EventTime(nanoseconds: time.nanoseconds - time.nanoseconds % length)
      current = MarketSummary(
        instrument: instrument, start: start, end: start.advanced(by: length), open: price, high: price,
        low: price,
        close: price, volume: .zero, trades: 0, quotes: 0, bookUpdates: 0)
    }
    guard current != nil else { return }
    current!.high = max(current!.high, price)
    current!.low = min(current!.low, price)
    current!.close = price
    change(&current!)
  }
}
