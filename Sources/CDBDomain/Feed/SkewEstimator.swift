/// Estimates how far the local clock is behind the exchange's.
///
/// A message cannot arrive before it was sent: where the smallest receive time minus exchange time of the
/// last minutes is negative, the clocks differ by at least that much. Where it is positive it may as well be
/// the way of the message, so it says nothing of the clocks and is not used.
///
/// The local clock may jump. Receive times that were journaled never fall back, so while the clock makes up
/// for a step back, messages carry nearly the same receive time: the estimate follows the growing distance, which is
/// what the clock then is behind. A step forward begins a new window. Whatever an estimate came from, two minutes of
/// receive time later it is gone.
public struct SkewEstimator: Sendable, Hashable, Codable {
  /// Half of the window, nanoseconds of receive time: an observation counts for one to two of these.
  public static let halfWindow: Int64 = 60_000_000_000

  private var start = EventTime.distantPast
  private var current: Int64?
  private var previous: Int64?

  public init() {}

  /// Local minus exchange time, nanoseconds: negative where the local clock is behind, otherwise zero.
  public var estimate: Int64 {
    min(0, min(current ?? 0, previous ?? 0))
  }

  /// Takes the two times of one message.
  @inline(__always)
  public mutating func observe(receive: EventTime, exchange: EventTime) {
    // A receive time before the window belongs to another clock than the window's.
    if receive >= start.advanced(by: Self.halfWindow) || receive < start {
      let isAdjacent =
        receive >= start && receive < start.advanced(by: Self.halfWindow).advanced(by: Self.halfWindow)
      previous = isAdjacent ? current : nil
      current = nil
      start = receive
    }
    let difference = Self.difference(receive, exchange)
    current = min(current ?? difference, difference)
  }

  /// How long a message was on its way, nanoseconds, with the skew taken out: never negative.
  public func correctedLatency(receive: EventTime, exchange: EventTime) -> Int64 {
    let (latency, overflow) = Self.difference(receive, exchange).subtractingReportingOverflow(estimate)
    return overflow ? .max : max(0, latency)
  }

  @inline(__always)
  private static func difference(_ a: EventTime, _ b: EventTime) -> Int64 {
    let (result, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
    return overflow ? (a < b ? .min : .max) : result
  }
}
