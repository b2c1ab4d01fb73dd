/// Buys no more of what has lost too much against its cost. What is held is sold: see
/// ``RiskEngine/takeProtectiveExits()``.
public struct StopLossLayer: RiskLayer {
  public var name: RiskLayerName { .stopLoss }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio { figures.unrealisedLoss }
  public func limit(in limits: RiskLimits) -> Ratio { limits.stopLoss }
}
