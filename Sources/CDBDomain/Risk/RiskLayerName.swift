/// The layers of risk, in the order in which an order meets them.
public enum RiskLayerName: String, Sendable, Hashable, CaseIterable, Codable {
  case killSwitch = "kill_switch"
  case drawdownDaily = "drawdown_daily"
  case drawdownTotal = "drawdown_total"
  case spread
  case slippage
  case dataStaleness = "data_staleness"
  case exposure
  case positionSize = "position_size"
  case orderRate = "order_rate"
  case stopLoss = "stop_loss"

  /// The code that a refusal by the layer carries: each layer has its own.
  public var reason: ReasonCode {
    switch self {
    case .killSwitch: .killSwitch
    case .drawdownDaily: .drawdownDaily
    case .drawdownTotal: .drawdownTotal
    case .spread: .abnormalSpread
    case .slippage: .abnormalSlippage
    case .dataStaleness: .staleData
    case .exposure: .exposureLimit
    case .positionSize: .positionSizeLimit
    case .orderRate: .orderRateLimit
    case .stopLoss: .stopLoss
    }
  }

  /// Whether the layer is tripped for one instrument at a time; otherwise for the whole account.
  public var isPerInstrument: Bool {
    switch self {
    case .spread, .slippage, .dataStaleness, .positionSize, .stopLoss: true
    case .killSwitch, .drawdownDaily, .drawdownTotal, .exposure, .orderRate: false
    }
  }

  /// Whether the layer judges how things stand, with or without an order: such a layer trips and releases
  /// as time goes on. The others judge what an order would make of it.
  public var isStanding: Bool {
    switch self {
    case .killSwitch, .drawdownDaily, .drawdownTotal, .spread, .slippage, .dataStaleness, .stopLoss: true
    case .exposure, .positionSize, .orderRate: false
    }
  }

  /// Whether the layer, while tripped, refuses even what reduces a position.
  public var haltsTrading: Bool { self == .killSwitch || self == .drawdownTotal }
}
