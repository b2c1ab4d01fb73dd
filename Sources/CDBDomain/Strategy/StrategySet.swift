/// The strategies of one instrument that are switched on. They see the same prices and know nothing of each
/// other.
public struct StrategySet: Sendable, Hashable, Codable {
  public private(set) var momentum: MomentumStrategy?
  public private(set) var emaCross: EMACrossStrategy?

  public init(configuration: PipelineConfiguration) { configure(configuration) }

  /// Takes another configuration on: what stays switched on keeps what it has seen.
  public mutating func configure(_ configuration: PipelineConfiguration) {
    Self.configure(&momentum, configuration.momentum, configuration)
    Self.configure(&emaCross, configuration.emaCross, configuration)
  }

  private static func configure<S: Strategy>(
    _ strategy: inout S?, _ parameters: S.Parameters, _ configuration: PipelineConfiguration
  ) {
    guard configuration.strategies.contains(S.name) else {
      strategy = nil
      return
    }
    if strategy == nil { strategy = S(parameters: parameters) }
    strategy?.parameters = parameters
  }

  /// Shows every strategy a price, in the order of ``StrategyName``, and tells what they suggest.
  public mutating func observe(
    _ price: Price, at time: EventTime, _ suggest: (StrategyName, Suggestion) -> Void
  ) {
    if let suggestion = momentum?.observe(price, at: time) { suggest(MomentumStrategy.name, suggestion) }
    if let suggestion = emaCross?.observe(price, at: time) { suggest(EMACrossStrategy.name, suggestion) }
  }

  /// How near each strategy is to a signal.
  public var nearness: [StrategyName: Ratio] {
    var figures: [StrategyName: Ratio] = [:]
    figures[MomentumStrategy.name] = momentum?.nearness
    figures[EMACrossStrategy.name] = emaCross?.nearness
    return figures
  }
}
