/// The side of an order, and of the aggressor of a trade.
public enum Side: UInt8, Sendable, Hashable, Codable, CaseIterable {
  case buy = 1
  case sell = 2
  public var code: String { self == .buy ? "buy" : "sell" }
  public var opposite: Side { self == .buy ? .sell : .buy }
}

/// One trade at the exchange.
public struct Trade: Sendable, Hashable, Codable {
  public var instrument: InstrumentID
  /// Who crossed the spread.
  public var aggressor: Side
  /// The exchange's own time, nanoseconds since the epoch; nil where the feed has none.
  public var exchangeTime: EventTime?
  /// The exchange's number of the trade.
  public var tradeID: Int64
  public var price: Price
  public var quantity: Quantity

  @inlinable
  public init(
    instrument: InstrumentID, aggressor: Side, exchangeTime: EventTime?, tradeID: Int64, price: Price,
    quantity: Quantity
  ) {
    self.instrument = instrument
    self.aggressor = aggressor
    self.exchangeTime = exchangeTime
    self.tradeID = tradeID
    self.price = price
    self.quantity = quantity
  }
}

/// The best bid and ask.
public struct Quote: Sendable, Hashable, Codable {
  public var instrument: InstrumentID
  /// The exchange's number of the book state.
  public var updateID: Int64
  public var bid: Price
  public var bidQuantity: Quantity
  public var ask: Price
  public var askQuantity: Quantity

  @inlinable
  public init(
    instrument: InstrumentID, updateID: Int64, bid: Price, bidQuantity: Quantity, ask: Price,
    askQuantity: Quantity
  ) {
    self.instrument = instrument
    self.updateID = updateID
    self.bid = bid
    self.bidQuantity = bidQuantity
    self.ask = ask
    self.askQuantity = askQuantity
  }

  /// The price half-way between bid and ask, rounded down to the scale.
  @inlinable
  public var mid: Price { Price.middle(of: bid, and: ask) }
}

/// A price and what stands there; zero quantity removes the level.
public struct BookLevel: Sendable, Hashable, Codable {
  public var price: Price
  public var quantity: Quantity
  @inlinable public init(price: Price, quantity: Quantity) {
    self.price = price
    self.quantity = quantity
  }
}

/// A snapshot of the order book, or changes to it.
public struct BookUpdate: Sendable, Hashable, Codable {
  public var instrument: InstrumentID
  public var isSnapshot: Bool
  public var exchangeTime: EventTime?
  /// The first and last of the exchange's numbers that this update covers; equal for a snapshot.
  public var firstUpdateID: Int64
  public var lastUpdateID: Int64
  public var bids: [BookLevel]
  public var asks: [BookLevel]

  public init(
    instrument: InstrumentID, isSnapshot: Bool, exchangeTime: EventTime?, firstUpdateID: Int64,
    lastUpdateID: Int64, bids: [BookLevel], asks: [BookLevel]
  ) {
    self.instrument = instrument
    self.isSnapshot = isSnapshot
    self.exchangeTime = exchangeTime
    self.firstUpdateID = firstUpdateID
    self.lastUpdateID = lastUpdateID
    self.bids = bids
    self.asks = asks
  }
}

/// A candle.
public struct Kline: Sendable, Hashable, Codable {
  public var instrument: InstrumentID
  public var openTime: EventTime
  public var closeTime: EventTime
  public var open: Price
  public var high: Price
  public var low: Price
  public var close: Price
  public var volume: Quantity
  public var trades: Int64
  /// False while the candle is still forming.
  public var isClosed: Bool

  public init(
    instrument: InstrumentID, openTime: EventTime, closeTime: EventTime, open: Price, high: Price,
    low: Price, close: Price, volume: Quantity, trades: Int64, isClosed: Bool
  ) {
    self.instrument = instrument
    self.openTime = openTime
    self.closeTime = closeTime
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.trades = trades
    self.isClosed = isClosed
  }
}

/// What an instrument did in one interval: the market data that the store keeps.
public struct MarketSummary: Sendable, Hashable, Codable {
  public var instrument: InstrumentID
  public var start: EventTime
  public var end: EventTime
  public var open: Price
  public var high: Price
  public var low: Price
  public var close: Price
  public var volume: Quantity
  public var trades: Int64
  public var quotes: Int64
  public var bookUpdates: Int64
}
