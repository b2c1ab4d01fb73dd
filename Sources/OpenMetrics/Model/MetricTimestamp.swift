#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A point in time: seconds since the Unix epoch with nanosecond resolution; may be negative.
///
/// A double cannot hold nanoseconds at today's epoch, so the two parts are integers.
/// Source: OpenMetrics 1.0, "Timestamps".
public struct MetricTimestamp: Sendable, Hashable, Comparable {
  /// Whole seconds, rounded towards negative infinity.
  public let seconds: Int64
  /// 0 ... 999 999 999, counted forward from `seconds`.
  public let nanoseconds: Int32

  /// Nanoseconds outside their range are carried into the seconds; the seconds saturate.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    let perSecond: Int32 = 1_000_000_000
    var carry = Int64(nanoseconds / perSecond)
    var rest = nanoseconds % perSecond
    if rest < 0 {
      rest += perSecond
      carry -= 1
    }
    let (sum, overflow) = seconds.addingReportingOverflow(carry)
    self.seconds = overflow ? (carry < 0 ? .min : .max) : sum
    self.nanoseconds = rest
  }

  /// `nil` when `value` is not finite or does not fit in 64 bits of seconds.
  public init?(secondsSinceEpoch value: Double) {
    let whole = value.rounded(.down)
    guard let seconds = Int64(exactly: whole) else { return nil }
    self.init(seconds: seconds, nanoseconds: Int32(((value - whole) * 1e9).rounded()))
  }

  public init(millisecondsSinceEpoch value: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 1000)
    self.init(seconds: quotient, nanoseconds: Int32(remainder) * 1_000_000)
  }

  /// The wall clock, now.
  public static func now() -> MetricTimestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return MetricTimestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }

  /// Rounded towards negative infinity; saturates.
  public var millisecondsSinceEpoch: Int64 {
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = scaled.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
    return carried ? .max : sum
  }

  public var secondsSinceEpoch: Double { Double(seconds) + Double(nanoseconds) / 1e9 }

  public static func < (left: MetricTimestamp, right: MetricTimestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}
