extension MarketSimulator {
  /// What the market is doing for a while.
  public enum Regime: UInt8, Sendable, Hashable, Codable, CaseIterable {
    case calm, trendingUp, trendingDown, volatile, quiet, burst
  }

  /// How a regime moves prices and how busy it is.
  public struct Behaviour: Sendable, Hashable, Codable {
    /// The drift, millionths of the price a second.
    public var drift: Int64
    /// The standard deviation of one step, millionths of the price.
    public var noise: Int64
    /// The mean time between two steps, nanoseconds.
    public var interval: Int64
    /// The regime's shortest and longest duration, nanoseconds.
    public var duration: ClosedRange<Int64>
    /// How often it is chosen, relative to the others.
    public var weight: Int64

    public init(
      drift: Int64, noise: Int64, interval: Int64, duration: ClosedRange<Int64>, weight: Int64
    ) {
      self.drift = drift
      self.noise = noise
      self.interval = interval
      self.duration = duration
      self.weight = weight
    }
  }

  /// The character of a simulated market.
  public struct Profile: Sendable, Hashable, Codable {
    /// By ``Regime/rawValue``.
    let behaviours: [Behaviour]
    /// Instruments begin with a trend, up and down in turn.
    let startsWithTrend: Bool

    public subscript(_ regime: Regime) -> Behaviour { behaviours[Int(regime.rawValue)] }

    /// Lively: with two instruments about a hundred frames a second, and trends that a momentum of four
    /// basis points over five seconds notices soon, in both directions.
    public static let demo = Profile(
      behaviours: [
        behaviour(drift: 0, noise: 4, milliseconds: 45, seconds: 4...8, weight: 2),
        behaviour(drift: 220, noise: 8, milliseconds: 32, seconds: 8...16, weight: 4),
        behaviour(drift: -220, noise: 8, milliseconds: 32, seconds: 8...16, weight: 4),
        behaviour(drift: 0, noise: 30, milliseconds: 28, seconds: 5...10, weight: 2),
        behaviour(drift: 0, noise: 2, milliseconds: 250, seconds: 2...4, weight: 1),
        behaviour(drift: 0, noise: 20, milliseconds: 4, seconds: 1...2, weight: 1),
      ], startsWithTrend: true)

    /// As a liquid pair is on an ordinary day: mostly calm, a trend of some basis points a minute now and
    /// then, seldom a burst.
    public static let normal = Profile(
      behaviours: [
        behaviour(drift: 0, noise: 2, milliseconds: 40, seconds: 60...300, weight: 8),
        behaviour(drift: 12, noise: 4, milliseconds: 25, seconds: 30...180, weight: 3),
        behaviour(drift: -12, noise: 4, milliseconds: 25, seconds: 30...180, weight: 3),
        behaviour(drift: 0, noise: 12, milliseconds: 20, seconds: 20...90, weight: 2),
        behaviour(drift: 0, noise: 1, milliseconds: 400, seconds: 10...60, weight: 2),
        behaviour(drift: 0, noise: 8, milliseconds: 2, seconds: 1...4, weight: 1),
      ], startsWithTrend: false)

    private static func behaviour(
      drift: Int64, noise: Int64, milliseconds: Int64, seconds: ClosedRange<Int64>, weight: Int64
    ) -> Behaviour {
      Behaviour(
        drift: drift, noise: noise, interval: milliseconds * 1_000_000,
        duration: seconds.lowerBound * 1_000_000_000...seconds.upperBound * 1_000_000_000,
        weight: weight)
    }
  }
}
