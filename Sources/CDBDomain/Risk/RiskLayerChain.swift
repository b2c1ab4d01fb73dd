/// The layers in force, in order.
///
/// Another chain than ``standard`` exists only to see that a fault in it is found: it is never written into a
/// snapshot, and chains are compared by the layers' names.
public struct RiskLayerChain: Sendable {
  public var layers: [any RiskLayer]
  /// How an account's equity becomes what the drawdown layers look at; says whether a new day began.
  var recordsEquity: @Sendable (inout EquityCurve, Money, EventTime) -> Bool

  public init(_ layers: [any RiskLayer]) {
    self.layers = layers
    recordsEquity = { $0.observe($1, at: $2) }
  }

  public static let standard = RiskLayerChain([
    KillSwitchLayer(), DailyDrawdownLayer(), TotalDrawdownLayer(), SpreadLayer(), SlippageLayer(),
    DataStalenessLayer(), ExposureLayer(), PositionSizeLayer(), OrderRateLayer(), StopLossLayer(),
  ])
}

extension RiskLayerChain: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.layers.map(\.name) == b.layers.map(\.name) }
  public func hash(into hasher: inout Hasher) { hasher.combine(layers.map(\.name)) }
}
