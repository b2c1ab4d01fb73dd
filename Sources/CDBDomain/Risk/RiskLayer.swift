/// An order that is being considered.
public struct OrderProposal: Sendable, Hashable {
  public var instrument: InstrumentID
  public var side: Side
  public var quantity: Quantity
  public var notional: Money
}

/// What a layer may look at: figures, no history.
public struct RiskFigures: Sendable, Hashable {
  public var killSwitchEngaged: Bool
  public var equity: Money
  /// Positions at market plus open buys, before the proposal.
  public var exposure: Money
  /// The instrument's position at market plus its open buys, before the proposal.
  public var position: Money

  /// An amount as a share of equity. Where equity is used up anything is beyond every limit, and says so:
  /// it is a limit that refuses then, not the arithmetic.
  func share(_ amount: Money) throws(ArithmeticOverflow) -> Ratio {
    if equity <= .zero { return amount <= .zero ? .zero : Ratio(mantissa: .max) }
    return try amount.ratio(to: equity)
  }
}

/// A condition that every order must satisfy.
public protocol RiskLayer: Sendable {
  var name: RiskLayerName { get }
  /// The code that a refusal by this layer carries.
  var reason: ReasonCode { get }
  func judge(_ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits)
    throws(ArithmeticOverflow) -> LayerVerdict
}

/// Refuses everything while it is engaged.
public struct KillSwitchLayer: RiskLayer {
  public var name: RiskLayerName { .killSwitch }
  public var reason: ReasonCode { .killSwitch }
  public init() {}
  public func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits
  ) -> LayerVerdict {
    Self.verdict(engaged: figures.killSwitchEngaged)
  }

  /// The verdict needs no figures, so it can be had when nothing is known of a market or an account.
  static func verdict(engaged: Bool) -> LayerVerdict {
    LayerVerdict(layer: .killSwitch, passed: !engaged, figure: engaged ? .one : .zero, limit: .zero)
  }
}

/// Bounds all positions together, as a share of equity. Selling always passes: it reduces.
public struct ExposureLayer: RiskLayer {
  public var name: RiskLayerName { .exposure }
  public var reason: ReasonCode { .exposureLimit }
  public init() {}
  public func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits
  ) throws(ArithmeticOverflow) -> LayerVerdict {
    let after =
      proposal.side == .buy ? try figures.exposure + proposal.notional : figures.exposure
    let figure = try figures.share(after)
    return LayerVerdict(
      layer: name,
      passed: proposal.side == .sell || (figures.equity > .zero && figure <= limits.maximumExposure),
      figure: figure, limit: limits.maximumExposure)
  }
}

/// Bounds the position in one instrument, as a share of equity. Selling always passes: it reduces.
public struct PositionSizeLayer: RiskLayer {
  public var name: RiskLayerName { .positionSize }
  public var reason: ReasonCode { .positionSizeLimit }
  public init() {}
  public func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits
  ) throws(ArithmeticOverflow) -> LayerVerdict {
    let after =
      proposal.side == .buy ? try figures.position + proposal.notional : figures.position
    let figure = try figures.share(after)
    return LayerVerdict(
      layer: name,
      passed: proposal.side == .sell || (figures.equity > .zero && figure <= limits.maximumPosition),
      figure: figure, limit: limits.maximumPosition)
  }
}
