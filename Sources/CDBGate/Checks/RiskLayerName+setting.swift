import CDBDomain

extension RiskLayerName {
  /// The setting of its limit; nil where it has none.
  public var setting: String? {
    switch self {
    case .killSwitch: nil
    case .drawdownDaily: "risk.maximum_daily_drawdown"
    case .drawdownTotal: "risk.maximum_drawdown"
    case .spread: "risk.maximum_spread"
    case .slippage: "risk.maximum_slippage"
    case .dataStaleness: "risk.maximum_data_age"
    case .exposure: "risk.maximum_exposure"
    case .positionSize: "risk.maximum_position"
    case .orderRate: "risk.maximum_order_rate"
    case .stopLoss: "risk.stop_loss"
    }
  }

  /// The layer that refuses with a reason; nil where none does.
  init?(refusingWith reason: ReasonCode?) {
    guard let reason, let layer = Self.allCases.first(where: { $0.reason == reason }) else { return nil }
    self = layer
  }
}
