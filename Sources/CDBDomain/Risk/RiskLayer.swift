/// An order that is being considered.
public struct OrderProposal: Sendable, Hashable {
  public var instrument: InstrumentID
  public var side: Side
  public var quantity: Quantity
  public var notional: Money
}

/// What a layer may look at: figures, no history.
public struct RiskFigures: Sendable, Hashable {
  public var time = EventTime.distantPast
  public var killSwitchEngaged = false
  public var equity = Money.zero
  /// Positions at market plus open buys, before the proposal.
  public var exposure = Money.zero
  /// The instrument's position at market plus its open buys, before the proposal.
  public var position = Money.zero
  /// The loss since the UTC day began, and below the peak, as shares of the equity then.
  public var dailyDrawdown = Ratio.zero
  public var drawdown = Ratio.zero
  /// The spread of the instrument's last quote, as a share of its middle.
  public var spread = Ratio.zero
  /// The worst slippage of the instrument's recent fills, as a share of the reference price.
  public var slippage = Ratio.zero
  /// The age of the oldest market data among the instrument's and what is held, in seconds.
  public var dataAge = Ratio.zero
  /// Recent orders of the account, before the proposal.
  public var orders: Int64 = 0
  /// What the instrument's position has lost, as a share of its cost.
  public var unrealisedLoss = Ratio.zero

  public init() {}

  /// An amount as a share of equity. Where equity is used up anything is beyond every limit, and says so:
  /// it is a limit that refuses then, not the arithmetic.
  func share(_ amount: Money) throws(ArithmeticOverflow) -> Ratio {
    if equity <= .zero { return amount <= .zero ? .zero : Ratio(mantissa: .max) }
    return try amount.ratio(to: equity)
  }
}

/// A condition that every order must satisfy: a figure, a limit, and what follows.
public protocol RiskLayer: Sendable {
  var name: RiskLayerName { get }
  /// The code that a refusal by this layer carries.
  var reason: ReasonCode { get }
  /// The figure, as a ratio of the layer's own kind: with the proposal, or as things stand without one.
  func figure(of proposal: OrderProposal?, _ figures: RiskFigures) throws(ArithmeticOverflow) -> Ratio
  /// The limit, of the figure's kind.
  func limit(in limits: RiskLimits) -> Ratio
  /// The verdict on a proposal. The latch is the layer's memory of whether it is tripped.
  func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits, _ latch: inout Latch
  ) throws(ArithmeticOverflow) -> LayerVerdict
}

extension RiskLayer {
  public var reason: ReasonCode { name.reason }

  public func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits, _ latch: inout Latch
  ) throws(ArithmeticOverflow) -> LayerVerdict {
    let figure = try figure(of: proposal, figures)
    let limit = limit(in: limits)
    let reduces = proposal.side == .sell
    // What an order would make of it is no figure to trip at where the order makes it smaller.
    if name.isStanding || !reduces { latch.take(figure, limits.bound(at: limit), at: figures.time) }
    return LayerVerdict(
      layer: name, passed: !latch.isTripped || (reduces && !name.haltsTrading), figure: figure, limit: limit)
  }
}
