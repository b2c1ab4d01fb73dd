import CDBDomain

/// Decides the times that the journal gives to inputs, and where ticks go between them.
///
/// Receive times become strictly ascending (a clock that stands still or steps back moves on by a
/// nanosecond), so that time alone orders the inputs of a journal. Before the first input at or beyond a
/// multiple of the interval there is a tick at that multiple: it depends on the inputs' times alone. An input that
/// comes at a multiple itself goes a nanosecond behind the tick.
public struct TickPolicy: Sendable, Hashable {
  /// Nanoseconds between ticks.
  public let interval: Int64
  /// A silence longer than this many ticks gets its last tick only.
  public static let longestRun: Int64 = 3_600
  public private(set) var last: EventTime

  /// - Parameter last: the time of the journal's last record; `distantPast` for an empty journal.
  public init(interval: Int64, last: EventTime) {
    self.interval = max(1_000_000, interval)
    self.last = last
  }

  /// The time that an input received at `time` gets, and the ticks that go before it.
  public mutating func stamp(_ time: EventTime, tick: (EventTime) -> Void) -> EventTime {
    var stamped = last == .distantPast ? time : max(time, last.advanced(by: 1))
    if last != .distantPast {
      var boundary = Self.next(after: last, interval)
      let final = Self.floor(stamped, interval)
      if final > boundary.advanced(by: interval &* Self.longestRun) { boundary = final }
      while boundary <= final {
        tick(boundary)
        last = boundary
        boundary = boundary.advanced(by: interval)
      }
      stamped = max(stamped, last.advanced(by: 1))
    }
    last = stamped
    return stamped
  }

  /// A tick for the present, while nothing else comes: the multiple of the interval at or before `now`,
  /// if it is later than everything so far.
  public mutating func idle(at now: EventTime) -> EventTime? {
    let boundary = Self.floor(now, interval)
    guard boundary > last else { return nil }
    last = boundary
    return boundary
  }

  private static func floor(_ time: EventTime, _ interval: Int64) -> EventTime {
    let rest = time.nanoseconds % interval
    return time.advanced(by: rest < 0 ? -(rest + interval) : -rest)
  }

  private static func next(after time: EventTime, _ interval: Int64) -> EventTime {
    floor(time, interval).advanced(by: interval)
  }
}
