/// Refuses prices that no market makes: those that jump too far from the last accepted one.
///
/// After a minute without an accepted price there is nothing left to compare with, so that a real jump
/// cannot lock an instrument out for ever.
struct PriceGuard: Sendable, Hashable, Codable {
  /// How long an accepted price counts, nanoseconds of receive time.
  static let memory: Int64 = 60_000_000_000

  private var last: Int64 = 0
  private var acceptedAt = EventTime.distantPast

  /// Whether a positive price is within `maximumChange` of the last one.
  @inline(__always)
  func accepts(_ price: Price, at time: EventTime, maximumChange: Ratio) -> Bool {
    guard last > 0, time < acceptedAt.advanced(by: Self.memory) else { return true }
    // |price - last| ÷ last <= change, without the division.
    let difference = (price.mantissa &- last).magnitude
    let moved = difference.multipliedFullWidth(by: UInt64(Ratio.one.mantissa))
    let allowed = UInt64(last).multipliedFullWidth(by: UInt64(max(0, maximumChange.mantissa)))
    return (moved.high, moved.low) <= (allowed.high, allowed.low)
  }

  @inline(__always)
  mutating func accept(_ price: Price, at time: EventTime) {
    last = price.mantissa
    acceptedAt = max(acceptedAt, time)
  }
}
