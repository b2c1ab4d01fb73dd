import CDBDomain

/// How near a strategy has come to a signal since its last one, or since the process began.
public struct StrategyNearness: Sendable, Hashable, Codable {
  public var symbol: String
  public var strategy: StrategyName
  /// The highest that was seen; one is the threshold.
  public var highest: Ratio

  public init(symbol: String, strategy: StrategyName, highest: Ratio) {
    self.symbol = symbol
    self.strategy = strategy
    self.highest = highest
  }

  /// The order of a report: the nearest first.
  static func isNearer(_ one: StrategyNearness, _ other: StrategyNearness) -> Bool {
    (other.highest, one.symbol, one.strategy.rawValue) < (one.highest, other.symbol, other.strategy.rawValue)
  }
}

/// Keeps the highest of what is seen, by instrument and strategy.
struct NearnessRecord: Sendable {
  private var highest: [InstrumentID: [StrategyName: Ratio]] = [:]

  mutating func note(_ nearness: [StrategyName: Ratio], of instrument: InstrumentID) {
    for (strategy, figure) in nearness where figure > highest[instrument]?[strategy] ?? .zero {
      highest[instrument, default: [:]][strategy] = figure
    }
  }

  /// The strategy has signalled: it begins anew.
  mutating func forget(_ signal: Signal) {
    guard let strategy = StrategyName(rawValue: signal.strategy) else { return }
    highest[signal.instrument]?[strategy] = nil
  }

  /// The nearest first.
  func report(_ symbols: [String]) -> [StrategyNearness] {
    highest.flatMap { instrument, figures in
      figures.compactMap { strategy, figure in
        Int(instrument.index) < symbols.count
          ? StrategyNearness(symbol: symbols[Int(instrument.index)], strategy: strategy, highest: figure)
          : nil
      }
    }.sorted(by: StrategyNearness.isNearer)
  }
}
