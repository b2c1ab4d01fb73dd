extension CloudEventEncoder {
  func write(_ trade: Trade, at time: EventTime, _ json: inout JSONWriter) {
    let instrument = self.instrument(trade.instrument)
    head("trade", instrument, trade.exchangeTime, time, &json)
    json.integer("sequence", trade.tradeID)
    json.price("price", trade.price, instrument)
    json.quantity("quantity", trade.quantity, instrument)
    json.string("side", trade.aggressor.code)
  }

  func write(_ quote: Quote, at time: EventTime, _ json: inout JSONWriter) {
    let instrument = self.instrument(quote.instrument)
    head("quote", instrument, nil, time, &json)
    json.integer("sequence", quote.updateID)
    json.price("bid", quote.bid, instrument)
    json.quantity("bid_quantity", quote.bidQuantity, instrument)
    json.price("ask", quote.ask, instrument)
    json.quantity("ask_quantity", quote.askQuantity, instrument)
  }

  func write(_ update: BookUpdate, at time: EventTime, _ json: inout JSONWriter) {
    let instrument = self.instrument(update.instrument)
    head("book", instrument, update.exchangeTime, time, &json)
    json.integer("first_sequence", update.firstUpdateID)
    json.integer("sequence", update.lastUpdateID)
    json.boolean("snapshot", update.isSnapshot)
    json.array("bids") { for level in update.bids { write(level, instrument, &$0) } }
    json.array("asks") { for level in update.asks { write(level, instrument, &$0) } }
  }

  func write(_ kline: Kline, at time: EventTime, _ json: inout JSONWriter) {
    let instrument = self.instrument(kline.instrument)
    head("kline", instrument, nil, time, &json)
    json.integer("open_time_ns", kline.openTime.nanoseconds)
    json.integer("close_time_ns", kline.closeTime.nanoseconds)
    json.price("open", kline.open, instrument)
    json.price("high", kline.high, instrument)
    json.price("low", kline.low, instrument)
    json.price("close", kline.close, instrument)
    json.quantity("volume", kline.volume, instrument)
    json.integer("trades", kline.trades)
    json.boolean("closed", kline.isClosed)
  }

  func write(_ summary: MarketSummary, _ json: inout JSONWriter) {
    let instrument = self.instrument(summary.instrument)
    json.string("symbol", instrument.symbol)
    json.integer("start_time_ns", summary.start.nanoseconds)
    json.integer("end_time_ns", summary.end.nanoseconds)
    json.price("open", summary.open, instrument)
    json.price("high", summary.high, instrument)
    json.price("low", summary.low, instrument)
    json.price("close", summary.close, instrument)
    json.quantity("volume", summary.volume, instrument)
    json.integer("trades", summary.trades)
    json.integer("quotes", summary.quotes)
    json.integer("book_updates", summary.bookUpdates)
  }

  private func head(
    _ kind: String, _ instrument: Instrument, _ exchangeTime: EventTime?, _ receiveTime: EventTime,
    _ json: inout JSONWriter
  ) {
    if let feed, !feed.isEmpty { json.string("feed", feed) }
    json.string("symbol", instrument.symbol)
    json.string("kind", kind)
    if let exchangeTime { json.integer("exchange_time_ns", exchangeTime.nanoseconds) }
    json.integer("receive_time_ns", receiveTime.nanoseconds)
  }

  private func write(_ level: BookLevel, _ instrument: Instrument, _ json: inout JSONWriter) {
    json.array {
      $0.price(nil, level.price, instrument)
      $0.quantity(nil, level.quantity, instrument)
    }
  }
}
