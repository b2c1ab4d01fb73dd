/// How long something takes, as four quantiles with straight lines between them: nanoseconds.
///
/// Whatever the four are set to, ``quantile(_:)`` is at least ``floor`` and never falls: a figure that is
/// below the one before it counts as that one.
public struct LatencyDistribution: Sendable, Hashable, Codable {
  /// No latency is shorter: time must pass between a cause and what follows from it.
  public static let floor: Int64 = 1_000

  public var minimum: Int64
  public var median: Int64
  public var percentile99: Int64
  public var maximum: Int64

  public init(minimum: Int64, median: Int64, percentile99: Int64, maximum: Int64) {
    self.minimum = minimum
    self.median = median
    self.percentile99 = percentile99
    self.maximum = maximum
  }

  /// Always the same.
  public init(constant: Int64) {
    self.init(minimum: constant, median: constant, percentile99: constant, maximum: constant)
  }

  /// The shortest that ``quantile(_:)`` gives.
  public var smallest: Int64 { max(Self.floor, minimum) }

  /// Whether the four are in order and none is below ``floor``.
  public var isInOrder: Bool {
    minimum >= Self.floor && minimum <= median && median <= percentile99 && percentile99 <= maximum
  }

  /// The latency that a share of all do not exceed; `share` is held to 0…1. Rounded down.
  public func quantile(_ share: Ratio) -> Int64 {
    var (low, from) = (smallest, Ratio.zero)
    for (value, upTo) in [
      (median, Ratio(basisPoints: 5_000)), (percentile99, Ratio(basisPoints: 9_900)), (maximum, .one),
    ] {
      let high = max(low, value)
      if share <= upTo {
        let position = Int128(max(0, share.mantissa - from.mantissa))
        let rise = (Int128(high) - Int128(low)) * position / Int128(upTo.mantissa - from.mantissa)
        // Between low and high, and so within 64 bits.
        return Int64(truncatingIfNeeded: Int128(low) + rise)
      }
      (low, from) = (high, upTo)
    }
    return low
  }

  /// What a latency is drawn for: one order has a different draw for each.
  public enum Purpose: UInt64, Sendable {
    case order = 1
    case cancel = 2
    case report = 3
  }

  /// The latency that this event has. The chance is its id, so that the same event always waits the same.
  public func sample(_ id: EventID, for purpose: Purpose) -> Int64 {
    // SplitMix64 over the id's parts.
    let seed = id.sequence &+ UInt64(id.partition) << 48
    var state = seed &+ purpose.rawValue &* 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 31
    return quantile(Ratio(mantissa: Int64(state % (UInt64(Ratio.one.mantissa) + 1))))
  }
}
