/// The parameters of ``EMACrossStrategy``.
public struct EMACrossParameters: Sendable, Hashable, Codable {
  /// The windows of the two averages, in samples; what is out of 1…100,000 counts as its nearer end.
  public var fast = 20
  public var slow = 80
  /// How often the price is sampled and judged, nanoseconds.
  public var sampleInterval: Int64 = 1_000_000_000
  /// How far apart the averages must be for a cross to be one, as a share of the slow one.
  public var threshold = Ratio(basisPoints: 2)
  /// The shortest time between two signals, nanoseconds.
  public var cooldown: Int64 = 30_000_000_000
  public init() {}
}

/// Buys when a fast average of the price rises through a slow one, sells when it falls through it.
///
/// The averages are exponential: with every sample, `average += (price − average) × 2 ÷ (window + 1)`, in
/// integers: a price is a mantissa times 10⁹, quotients are rounded towards minus infinity. A cross counts once
/// the averages are a threshold apart on the other side of where they last were; where they first came to be is
/// none. After a gap longer than the slow window both begin anew.
public struct EMACrossStrategy: Strategy {
  public static let name = StrategyName.emaCross

  private struct Averages: Sendable, Hashable, Codable {
    var fast: FixedPoint
    var slow: FixedPoint
    var samples = 1
    var last: EventTime
  }

  public var parameters: EMACrossParameters
  private var averages: Averages?
  /// The side that the fast average last was on by a threshold: buy is above.
  private var side: Side?
  private var lastSignal: EventTime?
  /// How far the fast average is above the slow one, as a share of it; nil until a slow window was seen.
  public private(set) var separation: Ratio?

  public init(parameters: EMACrossParameters) { self.parameters = parameters }

  public mutating func observe(_ price: Price, at time: EventTime) -> Suggestion? {
    guard price.mantissa > 0 else { return nil }
    let interval = max(1, parameters.sampleInterval)
    let slowWindow = Self.window(parameters.slow)
    guard var averages else {
      begin(price, at: time)
      return nil
    }
    guard time >= averages.last.advanced(by: interval) else { return nil }
    let (length, isEndless) = interval.multipliedReportingOverflow(by: Int64(slowWindow))
    if !isEndless, time > averages.last.advanced(by: length) {
      begin(price, at: time)
      return nil
    }
    averages.fast.approach(price, window: Self.window(parameters.fast))
    averages.slow.approach(price, window: slowWindow)
    averages.samples = min(averages.samples + 1, Self.windows.upperBound)
    averages.last = time
    self.averages = averages
    separation = averages.samples < slowWindow ? nil : averages.fast.distance(from: averages.slow)
    return judge(price, at: time)
  }

  /// How far the averages are on the way to the next cross.
  public var nearness: Ratio? {
    guard let separation else { return nil }
    let isOnTheWay = side == nil || (side == .buy) != (separation.mantissa > 0)
    return isOnTheWay ? separation.magnitude(relativeTo: parameters.threshold) : .zero
  }

  private mutating func judge(_ price: Price, at time: EventTime) -> Suggestion? {
    guard let separation, let strength = separation.magnitude(relativeTo: parameters.threshold),
      strength >= .one
    else { return nil }
    let reached = separation.mantissa > 0 ? Side.buy : .sell
    guard let side else {
      self.side = reached
      return nil
    }
    guard reached != side else { return nil }
    if let lastSignal, time < lastSignal.advanced(by: parameters.cooldown) { return nil }
    self.side = reached
    lastSignal = time
    return Suggestion(
      side: reached, strength: strength, referencePrice: price,
      features: ["separation": separation, "threshold": parameters.threshold])
  }

  private mutating func begin(_ price: Price, at time: EventTime) {
    averages = Averages(fast: FixedPoint(price), slow: FixedPoint(price), last: time)
    side = nil
    separation = nil
  }

  private static let windows = 1...100_000
  private static func window(_ samples: Int) -> Int {
    min(max(samples, windows.lowerBound), windows.upperBound)
  }
}

/// A price with nine digits more.
private struct FixedPoint: Sendable, Hashable, Codable {
  private static let unit: Int128 = 1_000_000_000
  private var high: Int64
  private var low: UInt64

  /// Between zero and the largest price, and so within 94 bits.
  private var value: Int128 {
    get { Int128(high) << 64 | Int128(low) }
    set {
      high = Int64(truncatingIfNeeded: newValue >> 64)
      low = UInt64(truncatingIfNeeded: newValue)
    }
  }

  init(_ price: Price) {
    let value = Int128(price.mantissa) * Self.unit
    high = Int64(truncatingIfNeeded: value >> 64)
    low = UInt64(truncatingIfNeeded: value)
  }

  /// Moves towards a price by the weight of a window.
  mutating func approach(_ price: Price, window: Int) {
    let change = (Int128(price.mantissa) * Self.unit - value) * 2
    let (quotient, remainder) = change.quotientAndRemainder(dividingBy: Int128(window) + 1)
    value += remainder < 0 ? quotient - 1 : quotient
  }

  /// The distance from another value as a share of it, rounded down; nil where it does not fit.
  func distance(from other: FixedPoint) -> Ratio? {
    guard other.value > 0 else { return nil }
    let (scaled, overflow) = (value - other.value).multipliedReportingOverflow(by: Int128(Ratio.one.mantissa))
    guard !overflow else { return nil }
    let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: other.value)
    return Int64(exactly: remainder < 0 ? quotient - 1 : quotient).map(Ratio.init(mantissa:))
  }
}
