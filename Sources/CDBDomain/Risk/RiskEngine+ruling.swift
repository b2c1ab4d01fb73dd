extension RiskEngine {
  /// Rules on a signal. Never fails: a figure that does not fit is a refusal with that reason.
  public mutating func rule(
    on signal: Signal, account role: AccountRole = .trading, sizing: Sizing = .configured, at time: EventTime
  ) -> Ruling {
    // A stop is in force before anything else is looked at: its refusal never hides behind another reason.
    if killSwitch != nil, let refusal = refusal(by: .killSwitch, of: signal, role, time) { return refusal }
    do throws(ArithmeticOverflow) {
      return try judge(signal, role, sizing, time)
    } catch {
      return Ruling(approved: nil, reason: .arithmeticOverflow, layers: [])
    }
  }

  /// What a layer that needs no figures of the market or the account says; nil where it lets the signal pass.
  private mutating func refusal(
    by name: RiskLayerName, of signal: Signal, _ role: AccountRole, _ time: EventTime
  ) -> Ruling? {
    guard let layer = chain.layers.first(where: { $0.name == name }), !name.isPerInstrument else {
      return nil
    }
    var figures = RiskFigures()
    figures.time = time
    figures.killSwitchEngaged = killSwitch != nil
    let proposal = OrderProposal(
      instrument: signal.instrument, side: signal.side, quantity: .zero, notional: .zero)
    guard
      let verdict = try? layer.judge(
        proposal, figures, limits, &accounts[role.position].latches[name, signal.instrument]),
      !verdict.passed
    else { return nil }
    return Ruling(approved: nil, reason: layer.reason, layers: [verdict])
  }

  private mutating func judge(
    _ signal: Signal, _ role: AccountRole, _ sizing: Sizing, _ time: EventTime
  ) throws(ArithmeticOverflow) -> Ruling {
    guard instruments.contains(signal.instrument) else {
      return Ruling(approved: nil, reason: .unknownSymbol, layers: [])
    }
    let instrument = instruments[signal.instrument]
    guard let mark = market.mark(of: signal.instrument), mark.mantissa > 0 else {
      return Ruling(approved: nil, reason: .noReferencePrice, layers: [])
    }
    try recordEquity(of: role, at: time)
    let proposal = try proposal(for: signal, instrument, at: mark, role, sizing)
    var figures = try figures(of: role, at: time)
    try complete(&figures, for: signal.instrument, role)

    var verdicts: [LayerVerdict] = []
    for layer in chain.layers {
      let verdict = try layer.judge(
        proposal, figures, limits, &accounts[role.position].latches[layer.name, signal.instrument])
      verdicts.append(verdict)
      guard verdict.passed else {
        return Ruling(approved: nil, reason: layer.reason, layers: verdicts)
      }
    }
    if self[role].account.hasOpenOrder(for: signal.instrument) {
      return Ruling(approved: nil, reason: .openOrderPending, layers: verdicts)
    }
    if signal.side == .sell, proposal.quantity.mantissa <= 0 {
      return Ruling(approved: nil, reason: .nothingToReduce, layers: verdicts)
    }
    guard proposal.quantity.mantissa > 0, proposal.notional >= instrument.minimumNotional else {
      return Ruling(approved: nil, reason: .belowMinimumNotional, layers: verdicts)
    }
    return Ruling(approved: proposal, reason: .none, layers: verdicts)
  }

  /// The side of the next probe: what the shadow account holds is sold where that makes an order, otherwise it
  /// buys.
  public func probeSide(for id: InstrumentID) -> Side {
    let signal = Signal(
      id: EventID(producer: .risk, partition: 0, sequence: 0), instrument: id, side: .sell,
      strategy: Self.canaryName, strength: .one, referencePrice: Price(mantissa: 0), features: [:])
    guard instruments.contains(id), let mark = market.mark(of: id),
      let sale = try? proposal(for: signal, instruments[id], at: mark, .canary, .smallest)
    else { return .buy }
    return sale.quantity > .zero && sale.notional >= instruments[id].minimumNotional ? .sell : .buy
  }

  private func proposal(
    for signal: Signal, _ instrument: Instrument, at mark: Price, _ role: AccountRole, _ sizing: Sizing
  ) throws(ArithmeticOverflow) -> OrderProposal {
    let quantity: Quantity
    switch (signal.side, sizing) {
    case (.buy, .configured): quantity = try instrument.quantity(for: limits.orderNotional, at: mark)
    case (.buy, .smallest): quantity = try instrument.smallestQuantity(at: mark)
    case (.sell, _):
      quantity = instrument.roundedDownToLot(
        self[role].account.positions[Int(signal.instrument.index)].quantity)
    }
    return OrderProposal(
      instrument: signal.instrument, side: signal.side, quantity: quantity,
      notional: try instrument.notional(mark, quantity, rounding: .up))
  }
}

extension Instrument {
  /// The fewest lots that can be bought at a price, and sold again after it has halved: twice the smallest
  /// notional, because an order that is just large enough could never be sold after the first step down.
  func smallestQuantity(at price: Price) throws(ArithmeticOverflow) -> Quantity {
    let wanted = try minimumNotional + minimumNotional
    let lots = try quantity(for: wanted, at: price)
    let worth = try notional(price, lots, rounding: .down)
    return lots > .zero && worth >= wanted ? lots : try lots + lotSize
  }
}
