extension RiskEngine {
  /// Shows every latch of an account how things stand. Where the account's worth does not fit in 64 bits nothing
  /// is shown, and a ruling says so.
  mutating func look(at role: AccountRole, _ time: EventTime) {
    guard (try? recordEquity(of: role, at: time)) != nil, let common = try? figures(of: role, at: time) else {
      return
    }
    for index in 0..<instruments.instruments.count {
      let id = InstrumentID(UInt16(index))
      var figures = common
      guard (try? complete(&figures, for: id, role)) != nil else { continue }
      for (layer, bound) in zip(chain.layers, bounds) {
        let name = layer.name
        guard name.isPerInstrument || index == 0, isJudged(name, id, role),
          let figure = try? layer.figure(of: nil, figures)
        else { continue }
        if name.isStanding {
          accounts[role.position].latches[name, id].take(figure, bound, at: time)
        } else {
          accounts[role.position].latches[name, id].note(figure)
        }
      }
    }
  }

  /// Before the first data of an instrument that nobody holds there is nothing that could be too old.
  private func isJudged(_ layer: RiskLayerName, _ id: InstrumentID, _ role: AccountRole) -> Bool {
    layer != .dataStaleness || market.mark(of: id) != nil
      || self[role].account.positions[Int(id.index)].quantity != .zero
  }

  /// Shows the equity curve what the account is worth. A new UTC day releases the daily drawdown.
  mutating func recordEquity(of role: AccountRole, at time: EventTime) throws(ArithmeticOverflow) {
    let equity = try self[role].account.equity(in: instruments, at: market)
    if chain.recordsEquity(&accounts[role.position].curve, equity, time) {
      accounts[role.position].latches[.drawdownDaily, InstrumentID(0)].reset()
    }
  }

  /// The figures of an account that are the same for every instrument, and the age of the oldest data of what it
  /// holds.
  mutating func figures(of role: AccountRole, at time: EventTime) throws(ArithmeticOverflow) -> RiskFigures {
    var figures = RiskFigures()
    figures.time = time
    figures.killSwitchEngaged = killSwitch != nil
    figures.orders = accounts[role.position].orders.count(at: time, window: limits.orderRateWindow)
    let account = self[role].account
    figures.equity = try account.equity(in: instruments, at: market)
    figures.exposure = try account.exposure(in: instruments, at: market)
    figures.dailyDrawdown = self[role].curve.dailyDrawdown
    figures.drawdown = self[role].curve.drawdown
    // The oldest counts: an account is worth what all that it holds is worth.
    for index in account.positions.indices where account.positions[index].quantity != .zero {
      figures.dataAge = max(figures.dataAge, market.ageFigure(of: InstrumentID(UInt16(index)), at: time))
    }
    return figures
  }

  /// Adds the figures of an instrument.
  mutating func complete(
    _ figures: inout RiskFigures, for id: InstrumentID, _ role: AccountRole
  ) throws(ArithmeticOverflow) {
    let index = Int(id.index)
    figures.slippage = accounts[role.position].slippages[index].worst(
      at: figures.time, window: limits.slippageWindow)
    let account = self[role].account
    figures.position = try account.exposure(in: instruments, at: market, of: id)
    figures.spread = market.spread(of: id)
    figures.dataAge = max(figures.dataAge, market.ageFigure(of: id, at: figures.time))
    figures.unrealisedLoss = try account.positions[index].unrealisedLoss(
      at: try account.value(of: id, in: instruments, at: market))
  }
}

extension RiskMarket {
  /// The age in seconds; what never came is older than every limit.
  fileprivate func ageFigure(of id: InstrumentID, at time: EventTime) -> Ratio {
    age(of: id, at: time).map { Ratio(secondsOf: $0) } ?? Ratio(mantissa: .max)
  }
}
