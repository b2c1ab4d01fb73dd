import CDBDomain
import CDBServices

/// A recorded market's events with their times, decoded as the pipeline decodes them.
struct RecordedEvents {
  private(set) var events: [(time: EventTime, event: Event)] = []

  init(paths: [String], instruments: InstrumentCatalogue) throws {
    var feed = BinanceFeed(instruments: instruments, rules: FeedRules())
    var recording = try MergedRecording(paths: paths)
    var buffer = FrameBuffer()
    while try recording.read(maximum: 1_024, into: &buffer) > 0 {
      buffer.forEach { frame in
        let time = EventTime(nanoseconds: frame.time)
        _ = feed.decode(frame.bytes, source: frame.source, at: time) { events.append((time, $0)) }
      }
      buffer.removeAll()
    }
  }
}

/// One instrument's market, rebuilt from the same events by other means than the exchange's.
struct RebuiltMarket {
  private(set) var quote: Quote?
  private(set) var hasBook = false
  private var levels: [Side: [Int64: Int64]] = [.buy: [:], .sell: [:]]
  /// What fills have had of each level since the market last said something of it.
  private var used: [Side: [Int64: Int64]] = [.buy: [:], .sell: [:]]

  mutating func apply(_ event: Event) {
    switch event {
    case .quote(let new):
      quote = new
      let (bid, ask) = (new.bid.mantissa, new.ask.mantissa)
      used[.sell] = used[.sell]?.filter { $0.key > ask }
      used[.buy] = used[.buy]?.filter { $0.key < bid }
    case .book(let update):
      hasBook = true
      if update.isSnapshot { (levels, used) = ([.buy: [:], .sell: [:]], [.buy: [:], .sell: [:]]) }
      for (side, changed) in [(Side.buy, update.bids), (.sell, update.asks)] {
        for level in changed {
          levels[side]?[level.price.mantissa] = level.quantity.mantissa == 0 ? nil : level.quantity.mantissa
          used[side]?[level.price.mantissa] = nil
        }
      }
      if (quote?.updateID ?? .min) < update.lastUpdateID { replaceQuote(update) }
    default: break
    }
  }

  /// The book is newer than the quote: its best levels are the market.
  private mutating func replaceQuote(_ update: BookUpdate) {
    guard let bid = levels[.buy]?.max(by: { $0.key < $1.key }),
      let ask = levels[.sell]?.min(by: { $0.key < $1.key }), bid.key < ask.key
    else { return }
    quote = Quote(
      instrument: update.instrument, updateID: update.lastUpdateID, bid: Price(mantissa: bid.key),
      bidQuantity: Quantity(mantissa: bid.value), ask: Price(mantissa: ask.key),
      askQuantity: Quantity(mantissa: ask.value))
  }

  /// Whether an order of that side could take this much at this price now, beside what others took of it.
  mutating func allows(taking quantity: Quantity, at price: Price, by side: Side) -> Bool {
    guard let quote else { return false }
    let (resting, best, shownAtBest) =
      side == .buy ? (Side.sell, quote.ask, quote.askQuantity) : (.buy, quote.bid, quote.bidQuantity)
    guard side == .buy ? price >= best : price <= best else { return false }
    let shown = price == best ? shownAtBest.mantissa : levels[resting]?[price.mantissa] ?? 0
    let taken = (used[resting]?[price.mantissa] ?? 0) + quantity.mantissa
    used[resting]?[price.mantissa] = taken
    return taken <= shown
  }

  /// Whether what is shown now at this price or better fills a resting order of that side with this much.
  func allows(sweeping quantity: Quantity, at price: Price, by side: Side) -> Bool {
    guard let quote else { return false }
    let (best, shown) =
      side == .buy ? (quote.ask, quote.askQuantity) : (quote.bid, quote.bidQuantity)
    guard side == .buy ? best <= price : best >= price else { return false }
    let behind = levels[side == .buy ? .sell : .buy] ?? [:]
    let more = behind.filter {
      side == .buy
        ? $0.key > best.mantissa && $0.key <= price.mantissa
        : $0.key < best.mantissa && $0.key >= price.mantissa
    }
    return quantity.mantissa <= shown.mantissa + more.values.reduce(0, +)
  }
}
