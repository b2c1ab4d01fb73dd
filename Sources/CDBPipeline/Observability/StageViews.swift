import CDBDomain

extension FeedStatus {
  /// Takes over what ws has seen.
  mutating func note(_ feed: BinanceFeed, frames: Int, instruments: InstrumentCatalogue) {
    let statistics = feed.statistics
    self.frames &+= UInt64(frames)
    unsynchronised = instruments.ids.filter(feed.needsSnapshot).map { instruments[$0].symbol }
    for id in instruments.ids {
      let seen = statistics[id]
      let symbol = instruments[id].symbol
      skewNanoseconds = min(seen.skew, id.index == 0 ? 0 : skewNanoseconds)
      tradeGaps[symbol] = UInt64(clamping: seen.tradeGaps)
      bookGaps[symbol] = UInt64(clamping: seen.bookGaps)
    }
  }
}

extension RiskStage {
  /// The account, for reports. A figure that does not fit in 64 bits shows as zero.
  var status: AccountStatus {
    let instruments = engine.instruments
    let account = engine.account
    return AccountStatus(
      name: account.name, cash: account.cash, equity: (try? account.equity(in: instruments)) ?? .zero,
      startingCash: account.startingCash, fees: account.fees, peakEquity: .zero,
      exposure: (try? account.exposure(in: instruments)) ?? .zero, openOrders: account.openOrders.count,
      positions: instruments.ids.map { id in
        PositionStatus(
          symbol: instruments[id].symbol, quantity: account.positions[Int(id.index)].quantity,
          scale: instruments[id].quantityScale, mark: account.marks[Int(id.index)],
          priceScale: instruments[id].priceScale)
      },
      killSwitch: engine.killSwitch)
  }
}
