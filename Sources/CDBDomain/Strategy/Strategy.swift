/// Watches one instrument's price, and suggests when to trade.
///
/// A strategy is a value: the same prices at the same times give the same suggestions, and its coded form goes
/// on where it was.
public protocol Strategy: Sendable, Hashable, Codable {
  associatedtype Parameters: Sendable, Hashable, Codable
  /// What signals, settings and metrics call it.
  static var name: StrategyName { get }
  init(parameters: Parameters)
  /// New parameters hold for what is observed from then on.
  var parameters: Parameters { get set }
  /// Takes a price, and says what it suggests. Times do not go back.
  mutating func observe(_ price: Price, at time: EventTime) -> Suggestion?
  /// How near the latest judgement came to a signal: one is the threshold, zero is nowhere near. It may be above
  /// one where something else, such as the cooldown, still holds a signal back. Nil before there was one.
  var nearness: Ratio? { get }
}

/// The strategies that there are.
public enum StrategyName: String, Sendable, Hashable, CaseIterable, Codable {
  case momentum
  case emaCross = "ema_cross"
}

/// What a strategy suggests, before it has an identity.
public struct Suggestion: Sendable, Hashable {
  public var side: Side
  /// The figure relative to its threshold; one is just enough.
  public var strength: Ratio
  public var referencePrice: Price
  /// The figures that it was decided by, by name.
  public var features: [String: Ratio]

  public init(side: Side, strength: Ratio, referencePrice: Price, features: [String: Ratio]) {
    self.side = side
    self.strength = strength
    self.referencePrice = referencePrice
    self.features = features
  }
}

extension Ratio {
  /// This figure's magnitude as a multiple of a threshold, rounded down and held to 64 bits; nil where the
  /// threshold is not positive.
  func magnitude(relativeTo threshold: Ratio) -> Ratio? {
    guard threshold.mantissa > 0 else { return nil }
    let scaled = Int128(mantissa.magnitude) * Int128(Ratio.one.mantissa) / Int128(threshold.mantissa)
    return Ratio(mantissa: Int64(clamping: scaled))
  }
}
