@testable import CDBDomain

/// What time of the week it is for a market.
enum MarketHour: Hashable {
  case day, night, weekend, opening

  /// - Parameter hour: since a Monday, midnight UTC. Nights have eight hours.
  init(_ hour: Int) {
    switch (hour / 24 % 7, hour % 24) {
    case (_, 22...), (_, ..<6): self = .night
    case (5..., _): self = .weekend
    case (_, 13...14): self = .opening
    default: self = .day
    }
  }
}

extension MarketSimulator.Profile {
  /// An ordinary market, with a word a second instead of many. Prices stand on a grid of a tenth of a
  /// basis point, coarser than a liquid pair's, so a step is seldom smaller: no price of any instrument stands still for
  /// as long as `feed.frozen_after`.
  static func moody(_ hour: MarketHour) -> MarketSimulator.Profile {
    switch hour {
    case .day: moody(noise: 24, drift: 4, interval: 1_000, bursts: 1)
    case .opening: moody(noise: 36, drift: 14, interval: 1_000, bursts: 3)
    case .night: moody(noise: 20, drift: 0, interval: 1_000, bursts: 0)
    case .weekend: moody(noise: 20, drift: 1, interval: 1_000, bursts: 1)
    }
  }

  private static func moody(
    noise: Int64, drift: Int64, interval: Int64, bursts: Int64
  ) -> MarketSimulator.Profile {
    MarketSimulator.Profile(
      behaviours: [
        behaviour(drift: 0, noise: noise, milliseconds: interval, seconds: 300...1_800, weight: 8),
        behaviour(drift: drift, noise: noise, milliseconds: interval, seconds: 60...600, weight: 3),
        behaviour(drift: -drift, noise: noise, milliseconds: interval, seconds: 60...600, weight: 3),
        behaviour(drift: 0, noise: noise * 2, milliseconds: interval / 2, seconds: 60...300, weight: 2),
        behaviour(drift: 0, noise: noise, milliseconds: interval, seconds: 60...600, weight: 2),
        behaviour(drift: 0, noise: noise * 6, milliseconds: 200, seconds: 2...10, weight: bursts),
      ], startsWithTrend: false)
  }
}
