/// Bounds the loss of a UTC day: beyond it nothing is bought until the account recovers or the day ends.
public struct DailyDrawdownLayer: RiskLayer {
  public var name: RiskLayerName { .drawdownDaily }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.dailyDrawdown }
  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumDailyDrawdown }
}

/// Bounds the fall below the peak: beyond it trading is halted, selling included.
public struct TotalDrawdownLayer: RiskLayer {
  public var name: RiskLayerName { .drawdownTotal }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.drawdown }
  public func limit(in limits: RiskLimits) -> Ratio { limits.maximumDrawdown }
}
