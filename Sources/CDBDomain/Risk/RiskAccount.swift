/// The accounts that risk decides for.
public enum AccountRole: String, Sendable, Hashable, CaseIterable, Codable {
  /// The account that trades.
  case trading
  /// The shadow account of probes: the same limits and layers, its own money, never part of a report.
  case canary

  /// The account's place in the engine, from 0.
  var position: Int { self == .trading ? 0 : 1 }
}

/// One account, with all that its layers remember of it.
public struct RiskAccount: Sendable, Hashable, Codable {
  public internal(set) var account: Account
  public internal(set) var curve: EquityCurve
  public internal(set) var latches: LatchTable
  var slippages: [SlippageWindow]
  var orders = OrderWindow()
  /// By instrument, the trip of its stop-loss that a protective exit was made for.
  var exits: [EventTime?]

  init(rules: AccountRules, instruments: Int) {
    self.init(Account(rules: rules, instruments: instruments), instruments: instruments)
  }

  /// An account of which nothing is remembered.
  init(_ account: Account, instruments: Int) {
    self.account = account
    curve = EquityCurve(starting: account.startingCash)
    latches = LatchTable(instruments: instruments)
    slippages = Array(repeating: SlippageWindow(), count: instruments)
    exits = Array(repeating: nil, count: instruments)
  }

  /// Books a result. What a fill was worse than its order's reference price is kept for a while.
  mutating func apply(_ result: OrderResult, at time: EventTime) throws(ArithmeticOverflow) {
    let order = account.openOrders.first { $0.id == result.orderID }
    try account.apply(result)
    let index = Int(result.instrument.index)
    guard let fill = result.fill, let reference = order?.referencePrice, index < slippages.count else {
      return
    }
    let slippage = SlippageWindow.slippage(of: fill.price, against: reference, side: result.side)
    slippages[index].add(slippage, at: time)
  }

  /// The loss that tripped an instrument's stop-loss and has not been answered by an exit; nil where there is
  /// none, or while an order is open.
  func unansweredLoss(of id: InstrumentID) -> Ratio? {
    let latch = latches[.stopLoss, id]
    guard let since = latch.since, exits[Int(id.index)] != since, !account.hasOpenOrder(for: id) else {
      return nil
    }
    return latch.figure
  }

  mutating func answered(_ id: InstrumentID) { exits[Int(id.index)] = latches[.stopLoss, id].since }

  /// Where the account's latches leave it.
  func state(killSwitchEngaged: Bool) -> TradingState {
    let tripped = { (layer: RiskLayerName) in latches[layer].contains(where: \.isTripped) }
    if killSwitchEngaged || RiskLayerName.allCases.contains(where: { $0.haltsTrading && tripped($0) }) {
      return .halted
    }
    return tripped(.drawdownDaily) ? .reducing : .active
  }
}
