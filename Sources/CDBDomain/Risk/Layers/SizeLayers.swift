/// Bounds all positions together, as a share of equity.
public struct ExposureLayer: RiskLayer {
  public var name: RiskLayerName { .exposure }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) throws(ArithmeticOverflow) -> Ratio
  {
    try figures.share(try figures.exposure + (proposal?.added ?? .zero))
  }

  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumExposure }
}

/// Bounds the position in one instrument, as a share of equity.
public struct PositionSizeLayer: RiskLayer {
  public var name: RiskLayerName { .positionSize }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) throws(ArithmeticOverflow) -> Ratio
  {
    try figures.share(try figures.position + (proposal?.added ?? .zero))
  }

  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumPosition }
}

extension OrderProposal {
  /// What the order adds to a position: its notional for a buy, nothing for a sell.
  fileprivate var added: Money { side == .buy ? notional : .zero }
}
