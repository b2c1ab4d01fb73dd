/// Refuses everything while the kill switch is engaged.
public struct KillSwitchLayer: RiskLayer {
  public var name: RiskLayerName { .killSwitch }
  public init() {}

  /// One while it is engaged, zero while it is not.
  public func figure(of proposal: OrderProposal?, _ figures: RiskFigures) -> Ratio {
    figures.killSwitchEngaged ? .one : .zero
  }

  public func limit(in limits: RiskLimits) -> Ratio { .zero }
}
