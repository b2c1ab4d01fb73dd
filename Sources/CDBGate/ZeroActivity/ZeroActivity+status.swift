import CDBDomain
import CDBPipeline

extension ZeroActivity {
  /// What a pipeline has done since its process began.
  public static func counts(of tally: OrderPathTally) -> Counts {
    [
      .signals: tally.signals.values.reduce(0, +), .orders: tally.results[.accepted] ?? 0,
      .fills: tally.fills.values.reduce(0, +),
    ]
  }
}

extension Diagnosis {
  /// Whether data are fresh and prices move.
  public var isMarketAlive: Bool { verdict.isOfLivingMarket(layer: layer) }

  /// Whether the strategies look at the market and want nothing: they have said how near they came.
  public var isMarketQuiet: Bool {
    verdict == .quiet && evidence.contains { $0.name == Self.nearestSignal }
  }

  /// The evidence of how near a strategy came to a signal.
  static let nearestSignal = "nearest_signal"
}
