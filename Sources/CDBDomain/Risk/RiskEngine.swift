/// Decides over signals: sizes an order, and lets every layer judge it.
///
/// The market is shared; every account has its own money, latches and history. All that a layer looks at is written
/// by what happens here: quotes and trades, booked results, orders that went out, and time.
public struct RiskEngine: Sendable, Hashable {
  /// The answer to a signal, before it has an identity.
  public struct Ruling: Sendable, Hashable {
    public var approved: OrderProposal?
    public var reason: ReasonCode
    public var layers: [LayerVerdict]
  }

  /// What an order is sized to.
  public enum Sizing: Sendable, Hashable {
    /// The configured notional; a sell is the whole position.
    case configured
    /// The smallest that the exchange surely takes; a sell is the whole position.
    case smallest
  }

  /// The name that orders of the shadow account carry.
  public static let canaryName = "canary"

  public var limits: RiskLimits { didSet { bounds = Self.bounds(of: chain, limits) } }
  public let instruments: InstrumentCatalogue
  public internal(set) var market: RiskMarket
  public internal(set) var killSwitch: String?
  public let chain: RiskLayerChain
  /// By ``AccountRole/position``.
  var accounts: [RiskAccount]
  /// Of each layer of the chain, as the limits have it.
  var bounds: [RiskBound]

  public init(configuration: PipelineConfiguration, chain: RiskLayerChain = .standard) {
    self.init(
      limits: configuration.risk, account: configuration.account, instruments: configuration.instruments,
      chain: chain)
  }

  public init(
    limits: RiskLimits, account: AccountRules, instruments: InstrumentCatalogue, chain: RiskLayerChain
  ) {
    let count = instruments.instruments.count
    self.limits = limits
    self.instruments = instruments
    self.chain = chain
    bounds = Self.bounds(of: chain, limits)
    market = RiskMarket(instruments: count)
    accounts = [
      RiskAccount(rules: account, instruments: count), Self.canary(account.startingCash, instruments: count),
    ]
  }

  static func bounds(of chain: RiskLayerChain, _ limits: RiskLimits) -> [RiskBound] {
    chain.layers.map { limits.bound(at: $0.limit(in: limits)) }
  }

  /// The shadow account has money without end, as far as that goes: the fees of its probes must never become a
  /// drawdown that refuses them.
  static func canary(_ startingCash: Money, instruments: Int) -> RiskAccount {
    var rules = AccountRules()
    rules.name = canaryName
    rules.startingCash = max(startingCash, Money(mantissa: 100_000_000_000_000_000))
    return RiskAccount(rules: rules, instruments: instruments)
  }

  /// The account that trades.
  public var account: Account { self[.trading].account }

  public subscript(_ role: AccountRole) -> RiskAccount { accounts[role.position] }

  /// The account of that name; nil where there is none.
  public func role(of account: String) -> AccountRole? {
    if account == self[.trading].account.name { return .trading }
    return account == Self.canaryName ? .canary : nil
  }

  public var hasOpenOrders: Bool { accounts.contains { !$0.account.openOrders.isEmpty } }

  // MARK: What happens

  /// From the next look on, every order of every account is refused.
  public mutating func engageKillSwitch(reason: String) { killSwitch = reason }
  public mutating func releaseKillSwitch() { killSwitch = nil }

  /// Takes a quote. Nothing is computed here: this is the busiest path.
  public mutating func mark(_ quote: Quote, at time: EventTime) { market.apply(quote, at: time) }

  /// Takes a trade.
  public mutating func mark(_ trade: Trade, at time: EventTime) { market.apply(trade, at: time) }

  /// Books a result in the account that its order belongs to. Nothing changes where an amount would overflow, or
  /// where no account has that name.
  public mutating func apply(_ result: OrderResult, at time: EventTime) throws(ArithmeticOverflow) {
    guard let role = role(of: result.account) else { return }
    try accounts[role.position].apply(result, at: time)
    look(at: role, time)
  }

  /// Notes that an order went out. Those of the shadow account do not count against the order rate: how often the
  /// gate asks must never be the reason that it is refused.
  public mutating func opened(_ order: Order, reserving notional: Money, at time: EventTime) {
    guard let role = role(of: order.account) else { return }
    accounts[role.position].account.open(
      Account.OpenOrder(
        id: order.id, instrument: order.instrument, side: order.side,
        reserved: order.side == .buy ? notional : .zero, referencePrice: order.referencePrice))
    if role == .trading { accounts[role.position].orders.add(at: time) }
  }

  /// Lets time go on: layers that judge how things stand trip and release, signal or none.
  public mutating func look(at time: EventTime) {
    look(at: .trading, time)
    look(at: .canary, time)
  }

  // MARK: How things stand

  public func state(of role: AccountRole) -> TradingState {
    self[role].state(killSwitchEngaged: killSwitch != nil)
  }

  /// The state of the account that trades.
  public var tradingState: TradingState { state(of: .trading) }

  /// The layers that refuse at the moment, in order.
  public func tripped(_ role: AccountRole = .trading) -> [TrippedLayer] {
    zip(chain.layers, bounds).flatMap { layer, bound in
      self[role].latches[layer.name].enumerated().compactMap { index, latch in
        latch.since.map {
          TrippedLayer(
            layer: layer.name,
            instrument: layer.name.isPerInstrument ? InstrumentID(UInt16(index)) : nil,
            figure: latch.figure, limit: bound.limit, since: $0)
        }
      }
    }
  }

  /// Every layer's figure as last looked at, of the instrument where it is highest.
  public func standings(_ role: AccountRole = .trading) -> [LayerStanding] {
    chain.layers.map { layer in
      LayerStanding(
        layer: layer.name, figure: self[role].latches[layer.name].map(\.figure).max() ?? .zero,
        limit: layer.limit(in: limits))
    }
  }

  /// What must be sold to stop a loss: where the stop-loss is tripped, something is held and no order is open.
  /// Each trip is answered once, whatever becomes of the exit.
  public mutating func takeProtectiveExits() -> [ProtectiveExit] {
    var exits: [ProtectiveExit] = []
    for index in 0..<instruments.instruments.count {
      let id = InstrumentID(UInt16(index))
      let held = self[.trading].account.positions[index].quantity
      guard let loss = self[.trading].unansweredLoss(of: id), let mark = market.mark(of: id),
        instruments[id].roundedDownToLot(held) > .zero
      else { continue }
      accounts[AccountRole.trading.position].answered(id)
      exits.append(
        ProtectiveExit(instrument: id, loss: loss, limit: limits.stopLoss, referencePrice: mark))
    }
    return exits
  }
}

/// A sale that the stop-loss asks for.
public struct ProtectiveExit: Sendable, Hashable {
  public var instrument: InstrumentID
  /// The unrealised loss that tripped it, as a share of the position's cost, and its limit.
  public var loss: Ratio
  public var limit: Ratio
  public var referencePrice: Price

  /// The loss as a multiple of its limit.
  public var strength: Ratio {
    let multiple = try? Exact.multiply(
      loss.mantissa, Ratio.one.mantissa, dividingBy: Int128(limit.mantissa), rounding: .down)
    return multiple.map { Ratio(mantissa: $0) } ?? .one
  }
}
