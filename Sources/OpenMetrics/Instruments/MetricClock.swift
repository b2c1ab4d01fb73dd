#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where instruments get the time from: of creation, of exemplars, of what they measure themselves.
public protocol MetricClock: Sendable {
  /// The wall clock.
  func now() -> MetricTimestamp

  /// Time since an unspecified moment; never falls.
  func uptime() -> Duration
}

/// The clocks of the machine.
public struct SystemMetricClock: MetricClock {
  public init() {}

  public func now() -> MetricTimestamp { .now() }

  public func uptime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }
}

extension Duration {
  /// In seconds, rounded to a double.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
