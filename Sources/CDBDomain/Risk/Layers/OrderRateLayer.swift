/// Bounds the number of orders within a window, the proposed one included. Selling passes, and counts.
public struct OrderRateLayer: RiskLayer {
  public var name: RiskLayerName { .orderRate }
  public init() {}

  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio {
    let (count, overflow) = figures.orders.addingReportingOverflow(proposal == nil ? 0 : 1)
    return Ratio(count: overflow ? .max : count)
  }

  public func limit(in limits: RiskLimits) -> Ratio { Ratio(count: limits.maximumOrderRate) }
}
