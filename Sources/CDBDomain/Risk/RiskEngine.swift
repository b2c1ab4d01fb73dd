/// Decides over signals for one account: sizes an order, and lets every layer judge it.
public struct RiskEngine: Sendable, Hashable, Codable {
  /// The answer to a signal, before it has an identity.
  public struct Ruling: Sendable, Hashable {
    public var approved: OrderProposal?
    public var reason: ReasonCode
    public var layers: [LayerVerdict]
  }

  public var limits: RiskLimits
  public var instruments: InstrumentCatalogue
  public private(set) var account: Account
  public private(set) var killSwitch: String?
  /// Which instruments the feed has shown a quote for.
  private var quoted: [Bool]

  /// The layers in force, in order.
  public static let layers: [any RiskLayer] = [KillSwitchLayer(), ExposureLayer(), PositionSizeLayer()]

  public init(configuration: PipelineConfiguration) {
    limits = configuration.risk
    instruments = configuration.instruments
    account = Account(rules: configuration.account, instruments: configuration.instruments.instruments.count)
    quoted = Array(repeating: false, count: configuration.instruments.instruments.count)
  }

  public mutating func engageKillSwitch(reason: String) { killSwitch = reason }
  public mutating func releaseKillSwitch() { killSwitch = nil }

  /// Marks an instrument at the middle of its quote.
  public mutating func mark(_ quote: Quote) {
    let index = Int(quote.instrument.index)
    guard index < quoted.count else { return }
    quoted[index] = true
    account.mark(quote.instrument, at: quote.mid)
  }

  /// Marks an instrument at a trade's price, while its feed shows no quotes.
  public mutating func mark(_ trade: Trade) {
    let index = Int(trade.instrument.index)
    guard index < quoted.count, !quoted[index] else { return }
    account.mark(trade.instrument, at: trade.price)
  }

  public mutating func apply(_ result: OrderResult) throws(ArithmeticOverflow) {
    try account.apply(result)
  }

  /// Notes that an order went out.
  public mutating func opened(_ order: Order, reserving notional: Money) {
    account.open(
      Account.OpenOrder(
        id: order.id, instrument: order.instrument, side: order.side,
        reserved: order.side == .buy ? notional : .zero))
  }

  /// Rules on a signal. Never fails: a figure that does not fit is a refusal with that reason.
  public func rule(on signal: Signal) -> Ruling {
    // A stop is in force before anything else is looked at: its refusal never hides behind another reason.
    if killSwitch != nil {
      return Ruling(approved: nil, reason: .killSwitch, layers: [KillSwitchLayer.verdict(engaged: true)])
    }
    do throws(ArithmeticOverflow) {
      return try judge(signal)
    } catch {
      return Ruling(approved: nil, reason: .arithmeticOverflow, layers: [])
    }
  }

  private func judge(_ signal: Signal) throws(ArithmeticOverflow) -> Ruling {
    guard instruments.contains(signal.instrument) else {
      return Ruling(approved: nil, reason: .unknownSymbol, layers: [])
    }
    let instrument = instruments[signal.instrument]
    let index = Int(signal.instrument.index)
    guard let mark = account.marks[index], mark.mantissa > 0 else {
      return Ruling(approved: nil, reason: .noReferencePrice, layers: [])
    }
    let quantity: Quantity
    switch signal.side {
    case .buy: quantity = try instrument.quantity(for: limits.orderNotional, at: mark)
    case .sell: quantity = instrument.roundedDownToLot(account.positions[index].quantity)
    }
    let proposal = OrderProposal(
      instrument: signal.instrument, side: signal.side, quantity: quantity,
      notional: try instrument.notional(mark, quantity, rounding: .up))
    let figures = RiskFigures(
      killSwitchEngaged: killSwitch != nil,
      equity: try account.equity(in: instruments),
      exposure: try account.exposure(in: instruments),
      position: try account.exposure(in: instruments, of: signal.instrument))

    var verdicts: [LayerVerdict] = []
    for layer in Self.layers {
      let verdict = try layer.judge(proposal, figures, limits)
      verdicts.append(verdict)
      guard verdict.passed else {
        return Ruling(approved: nil, reason: layer.reason, layers: verdicts)
      }
    }
    if account.hasOpenOrder(for: signal.instrument) {
      return Ruling(approved: nil, reason: .openOrderPending, layers: verdicts)
    }
    if signal.side == .sell, quantity.mantissa <= 0 {
      return Ruling(approved: nil, reason: .nothingToReduce, layers: verdicts)
    }
    guard quantity.mantissa > 0, proposal.notional >= instrument.minimumNotional else {
      return Ruling(approved: nil, reason: .belowMinimumNotional, layers: verdicts)
    }
    return Ruling(approved: proposal, reason: .none, layers: verdicts)
  }
}
