@testable import CDBDomain

extension MarketSimulator.Profile {
  /// Lively, and of few words: the trends of the demonstration's market at a fifth of its frames.
  static let campaign = MarketSimulator.Profile(
    behaviours: [
      behaviour(drift: 0, noise: 20, milliseconds: 250, seconds: 4...8, weight: 2),
      behaviour(drift: 220, noise: 20, milliseconds: 250, seconds: 8...16, weight: 4),
      behaviour(drift: -220, noise: 20, milliseconds: 250, seconds: 8...16, weight: 4),
      behaviour(drift: 0, noise: 60, milliseconds: 200, seconds: 5...10, weight: 2),
      behaviour(drift: 0, noise: 12, milliseconds: 500, seconds: 2...4, weight: 1),
      behaviour(drift: 0, noise: 40, milliseconds: 50, seconds: 1...2, weight: 1),
    ], startsWithTrend: true)

  static func behaviour(
    drift: Int64, noise: Int64, milliseconds: Int64, seconds: ClosedRange<Int64>, weight: Int64
  ) -> MarketSimulator.Behaviour {
    MarketSimulator.Behaviour(
      drift: drift, noise: noise, interval: milliseconds * 1_000_000,
      duration: seconds.lowerBound * 1_000_000_000...seconds.upperBound * 1_000_000_000, weight: weight)
  }
}

extension PipelineConfiguration {
  /// The settings of the profile `demo`, with a gate.
  static func campaign() throws -> PipelineConfiguration {
    var configuration = PipelineConfiguration(
      profile: "demo",
      instruments: try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot)))
    configuration.momentum.window = 5_000_000_000
    configuration.momentum.threshold = Ratio(basisPoints: 4)
    configuration.momentum.cooldown = 5_000_000_000
    configuration.gate.enforced = true
    return configuration
  }
}
