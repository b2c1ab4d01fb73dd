/// What an account may do, as its layers stand.
public enum TradingState: String, Sendable, Hashable, CaseIterable, Codable {
  /// Orders pass where their layers let them.
  case active
  /// The daily drawdown is tripped: only what reduces a position passes.
  case reducing
  /// The kill switch is engaged or the total drawdown is tripped: nothing passes.
  case halted
}

/// A layer that refuses at the moment.
public struct TrippedLayer: Sendable, Hashable, Codable {
  public var layer: RiskLayerName
  /// The instrument it refuses; nil where it refuses the whole account.
  public var instrument: InstrumentID?
  /// The figure last seen, and its limit, both as ratios of the layer's own kind.
  public var figure: Ratio
  public var limit: Ratio
  public var since: EventTime
}

/// Where a layer stands: its figure, of the instrument where it is highest, and its limit.
public struct LayerStanding: Sendable, Hashable, Codable {
  public var layer: RiskLayerName
  public var figure: Ratio
  public var limit: Ratio
}
