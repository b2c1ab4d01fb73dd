/// Buys nothing in a market whose bid and ask are too far apart.
public struct SpreadLayer: RiskLayer {
  public var name: RiskLayerName { .spread }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.spread }
  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumSpread }
}

/// Buys nothing more for a while after a fill that was far worse than the price it was decided at.
public struct SlippageLayer: RiskLayer {
  public var name: RiskLayerName { .slippage }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.slippage }
  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumSlippage }
}

/// Buys nothing on old market data, neither the instrument's own nor that of what is held: without it nobody
/// knows what the account is worth.
public struct DataStalenessLayer: RiskLayer {
  public var name: RiskLayerName { .dataStaleness }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.dataAge }
  public func limit(in limits: RiskLimits) -> Ratio { Ratio(secondsOf: limits.maximumDataAge) }
}
