import CDBDomain

extension FeedStatus {
  /// Takes over what ws has seen.
  mutating func note(_ feed: BinanceFeed, frames: Int, instruments: InstrumentCatalogue, wall: EventTime) {
    let statistics = feed.statistics
    self.frames &+= UInt64(frames)
    unsynchronised = instruments.ids.filter(feed.needsSnapshot).map { instruments[$0].symbol }
    if frames > 0 {
      let pause = lastFrameWall.map { wall.nanoseconds &- $0.nanoseconds } ?? .max
      if pause >= Self.longestPause { flowingSinceWall = wall }
      lastFrameWall = wall
    }
    let move = statistics.instruments.lazy.compactMap(\.lastPriceChange).max()
    if move != lastMove {
      lastMove = move
      lastMoveWall = wall
    }
    let newest = statistics.instruments.filter { $0.lastExchangeTime != nil }.max {
      ($0.lastReceiveTime ?? .distantPast) < ($1.lastReceiveTime ?? .distantPast)
    }
    delayNanoseconds = newest?.latestDelay
    offsetNanoseconds = newest.map { $0.skew &+ $0.latestDelay }
    for id in instruments.ids {
      let seen = statistics[id]
      let symbol = instruments[id].symbol
      skewNanoseconds = min(seen.skew, id.index == 0 ? 0 : skewNanoseconds)
      tradeGaps[symbol] = UInt64(clamping: seen.tradeGaps)
      bookGaps[symbol] = UInt64(clamping: seen.bookGaps)
    }
  }
}

extension ExecutionStage {
  /// The gate, for reports.
  var gateStatus: GateStatus { GateStatus(state: gate, enforced: gateRules.enforced, since: gateSince) }
}

extension RiskStage {
  /// The account, for reports. A figure that does not fit in 64 bits shows as zero.
  var status: AccountStatus {
    let instruments = engine.instruments
    let account = engine.account
    var status = AccountStatus(
      name: account.name, cash: account.cash,
      equity: (try? account.equity(in: instruments, at: engine.market)) ?? .zero,
      startingCash: account.startingCash, fees: account.fees, peakEquity: engine[.trading].curve.peak,
      exposure: (try? account.exposure(in: instruments, at: engine.market)) ?? .zero,
      openOrders: account.openOrders.count,
      openOrderIDs: account.openOrders.map(\.id), fills: account.fills,
      positions: instruments.ids.map { id in
        PositionStatus(
          symbol: instruments[id].symbol, quantity: account.positions[Int(id.index)].quantity,
          scale: instruments[id].quantityScale, mark: engine.market.mark(of: id),
          priceScale: instruments[id].priceScale)
      },
      killSwitch: engine.killSwitch)
    status.tradingState = engine.tradingState
    status.tripped = engine.tripped()
    status.layers = engine.standings()
    status.selfTest = selfTest
    status.canaryState = engine.state(of: .canary)
    return status
  }
}
