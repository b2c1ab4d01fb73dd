/// What a feed knows of one instrument: enough to tell a new message from a repeated, a missing or an
/// absurd one. Each message is judged first and noted only once it is accepted, so that a broken frame
/// leaves nothing behind.
struct InstrumentFeed: Sendable, Hashable, Codable {
  /// The source of the last message that named the instrument.
  private(set) var source: UInt16?
  private(set) var book = BookContinuity()
  private(set) var skew = SkewEstimator()
  private var counts = FeedStatistics.Instrument()
  private var trades = ExchangeSequence()
  private var quotes = ExchangeSequence()
  private var prices = PriceGuard()
  private var motion = PriceMotion()

  var statistics: FeedStatistics.Instrument {
    var result = counts
    result.skew = skew.estimate
    result.isBookSynchronised = book.isSynchronised
    result.lastPriceChange = motion.changedAt
    return result
  }

  /// A frame with its instrument's symbol: what all kinds of them have in common.
  struct Arrival {
    var instrument: InstrumentID
    var source: UInt16
    var time: EventTime
    var maximumPriceChange: Ratio
  }

  @inline(__always)
  mutating func note(_ arrival: Arrival, counting kind: WritableKeyPath<FeedStatistics.Instrument, Int64>) {
    counts[keyPath: kind] &+= 1
    counts.lastReceiveTime = arrival.time
    source = arrival.source
  }

  @inline(__always)
  private mutating func note(exchangeTime: EventTime, _ arrival: Arrival) {
    counts.lastExchangeTime = exchangeTime
    skew.observe(receive: arrival.time, exchange: exchangeTime)
    counts.latestDelay = skew.correctedLatency(receive: arrival.time, exchange: exchangeTime)
  }

  @inline(__always)
  private func requirePlausible(_ price: Price, _ arrival: Arrival) throws(FrameRefusal) {
    guard prices.accepts(price, at: arrival.time, maximumChange: arrival.maximumPriceChange) else {
      throw FrameRefusal(.absurdPrice)
    }
  }
}

extension InstrumentFeed {
  /// `trade`, which covers one trade id, and `aggTrade`, which covers those from `f` to `l`. The event
  /// carries the last id, so that both are of one numbering.
  @inline(__always)
  mutating func trade(
    _ fields: BinanceFields, _ reader: FieldReader, _ arrival: Arrival, isAggregate: Bool,
    emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let first = try reader.identifier(isAggregate ? fields.f : fields.t)
    let last = isAggregate ? try reader.identifier(fields.l) : first
    guard first <= last else { throw FrameRefusal(.malformedFrame) }
    let position = trades.position(first: first, last: last, source: arrival.source)
    if position == .old { return .absorbed(.duplicateTrade) }

    let tradeTime = try reader.time(fields.T)
    let sentTime = fields.E.isPresent ? try reader.time(fields.E) : tradeTime
    let price = try reader.price(fields.p)
    let quantity = try reader.quantity(fields.q)
    let buyerIsMaker = try reader.flag(fields.m)
    try requirePlausible(price, arrival)

    if case .gap(let missing) = position {
      counts.tradeGaps &+= 1
      counts.missingTrades = counts.missingTrades.addingReportingOverflow(missing).partialValue
    }
    trades.advance(to: last, source: arrival.source)
    prices.accept(price, at: arrival.time)
    motion.observe(trade: price, at: arrival.time)
    note(exchangeTime: sentTime, arrival)
    emit(
      .trade(
        Trade(
          instrument: arrival.instrument, aggressor: buyerIsMaker ? .sell : .buy,
          exchangeTime: tradeTime, tradeID: last, price: price, quantity: quantity)))
    return .emitted
  }

  /// `bookTicker`. Its `u` only increases; one that does not was overtaken by a newer one.
  @inline(__always)
  mutating func quote(
    _ fields: BinanceFields, _ reader: FieldReader, _ arrival: Arrival, emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let id = try reader.identifier(fields.u)
    if quotes.position(first: id, last: id, source: arrival.source) == .old {
      return .absorbed(.staleBookUpdate)
    }
    let quote = Quote(
      instrument: arrival.instrument, updateID: id,
      bid: try reader.price(fields.b), bidQuantity: try reader.quantity(fields.B),
      ask: try reader.price(fields.a), askQuantity: try reader.quantity(fields.A))
    guard quote.bid <= quote.ask else { throw FrameRefusal(.crossedQuote) }
    try requirePlausible(quote.mid, arrival)
    quotes.advance(to: id, source: arrival.source)
    prices.accept(quote.mid, at: arrival.time)
    motion.observe(quote: quote.mid, at: arrival.time)
    emit(.quote(quote))
    return .emitted
  }

  /// `kline`: only a closed candle is market data, as its figures change until then.
  mutating func kline(
    _ candle: BinanceFields, sent: JSONValue, _ reader: FieldReader, frame: FieldReader, _ arrival: Arrival,
    emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let sentTime = try frame.time(sent)
    let kline = Kline(
      instrument: arrival.instrument,
      openTime: try reader.time(candle.t), closeTime: try reader.time(candle.T),
      open: try reader.price(candle.o), high: try reader.price(candle.h),
      low: try reader.price(candle.l), close: try reader.price(candle.c),
      volume: try reader.quantity(candle.v), trades: try reader.identifier(candle.n),
      isClosed: try reader.flag(candle.x))
    guard kline.openTime <= kline.closeTime else { throw FrameRefusal(.invalidTime) }
    let body = min(kline.open, kline.close)...max(kline.open, kline.close)
    guard kline.low <= body.lowerBound, body.upperBound <= kline.high else {
      throw FrameRefusal(.absurdPrice)
    }
    try requirePlausible(kline.close, arrival)
    note(exchangeTime: sentTime, arrival)
    guard kline.isClosed else { return .absorbed(.unfinishedKline) }
    emit(.kline(kline))
    return .emitted
  }
}

extension InstrumentFeed {
  /// `depthUpdate`.
  mutating func depthUpdate(
    _ fields: BinanceFields, _ reader: FieldReader, _ arrival: Arrival, emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let sentTime = try reader.time(fields.E)
    let update = BookUpdate(
      instrument: arrival.instrument, isSnapshot: false, exchangeTime: sentTime,
      firstUpdateID: try reader.identifier(fields.U), lastUpdateID: try reader.identifier(fields.u),
      bids: try reader.levels(fields.b), asks: try reader.levels(fields.a))
    guard update.firstUpdateID <= update.lastUpdateID else { throw FrameRefusal(.malformedFrame) }
    note(exchangeTime: sentTime, arrival)
    switch book.judge(
      updateFrom: update.firstUpdateID, to: update.lastUpdateID, source: arrival.source)
    {
    case .stale: return .absorbed(.staleBookUpdate)
    case .keep:
      book.keep(update, source: arrival.source)
      return .absorbed(.awaitingSnapshot)
    case .gap:
      counts.bookGaps &+= 1
      return .dropped(.bookGap)
    case .apply:
      book.applied(update, source: arrival.source)
      emit(.book(update))
      return .emitted
    }
  }

  /// A depth snapshot, as REST gives it. It emits itself and the updates that waited for it.
  mutating func depthSnapshot(
    _ message: BinanceMessage, _ reader: FieldReader, _ arrival: Arrival, emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let id = try reader.identifier(message.lastUpdateID)
    let snapshot = BookUpdate(
      instrument: arrival.instrument, isSnapshot: true, exchangeTime: nil, firstUpdateID: id,
      lastUpdateID: id, bids: try reader.levels(message.bids), asks: try reader.levels(message.asks))
    if let bid = snapshot.bids.lazy.map(\.price).max(), let ask = snapshot.asks.lazy.map(\.price).min(),
      bid > ask
    {
      throw FrameRefusal(.crossedQuote)
    }
    switch book.judge(snapshot: id, source: arrival.source) {
    case .stale: return .absorbed(.staleBookUpdate)
    case .gap: return .dropped(.bookGap)
    case .adopt:
      emit(.book(snapshot))
      for update in book.adopt(snapshot: id, source: arrival.source) { emit(.book(update)) }
      return .emitted
    }
  }
}
