import CDBDomain
import Foundation

// Market data, which are nearly all there is, as numbers one after the other. The rest is rare and rich, and is kept as
// the JSON that the journal and the snapshots have of it, with what they can read of earlier versions.
extension ByteWriter {
  /// Appends an event behind the byte of its kind.
  mutating func event(_ event: Event) throws {
    byte(event.kind.rawValue)
    switch event {
    case .trade(let trade):
      unsigned(UInt64(trade.instrument.index))
      byte(trade.aggressor.rawValue | (trade.exchangeTime == nil ? 0 : 0x80))
      if let time = trade.exchangeTime { signed(time.nanoseconds) }
      signed(trade.tradeID)
      signed(trade.price.mantissa)
      signed(trade.quantity.mantissa)
    case .quote(let quote):
      unsigned(UInt64(quote.instrument.index))
      signed(quote.updateID)
      signed(quote.bid.mantissa)
      signed(quote.bidQuantity.mantissa)
      signed(quote.ask.mantissa)
      signed(quote.askQuantity.mantissa)
    case .book(let book):
      unsigned(UInt64(book.instrument.index))
      byte((book.isSnapshot ? 1 : 0) | (book.exchangeTime == nil ? 0 : 2))
      if let time = book.exchangeTime { signed(time.nanoseconds) }
      signed(book.firstUpdateID)
      signed(book.lastUpdateID)
      levels(book.bids)
      levels(book.asks)
    case .kline(let kline):
      unsigned(UInt64(kline.instrument.index))
      byte(kline.isClosed ? 1 : 0)
      for number in [
        kline.openTime.nanoseconds, kline.closeTime.nanoseconds, kline.open.mantissa, kline.high.mantissa,
        kline.low.mantissa, kline.close.mantissa, kline.volume.mantissa, kline.trades,
      ] { signed(number) }
    case .tick: break
    case .summary(let summary): try json(summary)
    case .signal(let signal): try json(signal)
    case .decision(let decision): try json(decision)
    case .order(let order): try json(order)
    case .result(let result): try json(result)
    case .alert(let alert): try json(alert)
    case .control(let control): try json(control)
    case .cancel(let request): try json(request)
    }
  }

  private mutating func levels(_ levels: [BookLevel]) {
    unsigned(UInt64(levels.count))
    for level in levels {
      signed(level.price.mantissa)
      signed(level.quantity.mantissa)
    }
  }

  private mutating func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    blob(try encoder.encode(value))
  }
}

extension ByteReader {
  mutating func event() throws(BatchCodingError) -> Event {
    let code = try byte()
    guard let kind = EventKind(rawValue: code) else { throw problem("an event of the unknown kind \(code)") }
    switch kind {
    case .trade: return .trade(try trade())
    case .quote:
      return .quote(
        Quote(
          instrument: try instrument(), updateID: try signed(), bid: try price(), bidQuantity: try quantity(),
          ask: try price(), askQuantity: try quantity()))
    case .book: return .book(try book())
    case .kline: return .kline(try kline())
    case .tick: return .tick
    case .summary: return .summary(try json())
    case .signal: return .signal(try json())
    case .decision: return .decision(try json())
    case .order: return .order(try json())
    case .result: return .result(try json())
    case .alert: return .alert(try json())
    case .control: return .control(try json())
    case .cancel: return .cancel(try json())
    }
  }

  private mutating func instrument() throws(BatchCodingError) -> InstrumentID {
    InstrumentID(try small("an instrument's index"))
  }

  @inline(__always)
  private mutating func price() throws(BatchCodingError) -> Price { Price(mantissa: try signed()) }

  @inline(__always)
  private mutating func quantity() throws(BatchCodingError) -> Quantity { Quantity(mantissa: try signed()) }

  private mutating func time() throws(BatchCodingError) -> EventTime { EventTime(nanoseconds: try signed()) }

  private mutating func trade() throws(BatchCodingError) -> Trade {
    let instrument = try instrument()
    let flags = try byte()
    guard let aggressor = Side(rawValue: flags & 0x7F) else { throw problem("a trade of no side") }
    return Trade(
      instrument: instrument, aggressor: aggressor, exchangeTime: flags & 0x80 == 0 ? nil : try time(),
      tradeID: try signed(), price: try price(), quantity: try quantity())
  }

  private mutating func book() throws(BatchCodingError) -> BookUpdate {
    let instrument = try instrument()
    let flags = try byte()
    guard flags < 4 else { throw problem("a book with unknown flags") }
    return BookUpdate(
      instrument: instrument, isSnapshot: flags & 1 != 0, exchangeTime: flags & 2 == 0 ? nil : try time(),
      firstUpdateID: try signed(), lastUpdateID: try signed(), bids: try levels(), asks: try levels())
  }

  private mutating func levels() throws(BatchCodingError) -> [BookLevel] {
    let count = try count(ofAtLeast: 2)
    var levels: [BookLevel] = []
    levels.reserveCapacity(count)
    for _ in 0..<count { levels.append(BookLevel(price: try price(), quantity: try quantity())) }
    return levels
  }

  private mutating func kline() throws(BatchCodingError) -> Kline {
    let instrument = try instrument()
    let flags = try byte()
    guard flags < 2 else { throw problem("a candle with unknown flags") }
    return Kline(
      instrument: instrument, openTime: try time(), closeTime: try time(), open: try price(),
      high: try price(),
      low: try price(), close: try price(), volume: try quantity(), trades: try signed(), isClosed: flags == 1
    )
  }

  private mutating func json<Value: Decodable>() throws(BatchCodingError) -> Value {
    let content = try blob()
    do {
      return try JSONDecoder().decode(Value.self, from: Data(content))
    } catch {
      throw problem("no \(Value.self): \(error)")
    }
  }
}
