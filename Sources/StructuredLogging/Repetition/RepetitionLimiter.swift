public import Logging

/// Lets equal lines through a number of times in an interval, then holds them back and counts them.
///
/// Lines are equal if logger, level and message are; metadata does not count. An interval begins with its first
/// line. Once it has ended and lines were held back, one summary says how many. A pure state machine: time
/// comes in, and nothing is written from here.
public struct RepetitionLimiter: Sendable {
  public struct Policy: Sendable, Equatable {
    /// How many equal lines pass in an interval; at least 1.
    public var lines: Int
    public var interval: Duration
    /// How many different lines are watched at a time. Further ones pass without limit.
    public var capacity: Int

    public init(lines: Int = 10, interval: Duration = .seconds(30), capacity: Int = 1024) {
      self.lines = max(1, lines)
      self.interval = max(.nanoseconds(1), interval)
      self.capacity = max(1, capacity)
    }
  }

  /// What was held back in an interval that has ended.
  public struct Summary: Sendable, Equatable {
    public var logger: String
    public var level: Logger.Level
    public var message: String
    public var suppressed: UInt64
  }

  public struct Verdict: Sendable, Equatable {
    /// Whether to write the line.
    public var isAdmitted: Bool
    /// To be written before it.
    public var summaries: [Summary]
  }

  private struct Line: Hashable {
    var logger: String
    var level: Logger.Level
    var message: String
  }

  private struct Interval {
    var end: Duration
    var passed: Int
    var suppressed: UInt64
  }

  public let policy: Policy
  private var intervals: [Line: Interval] = [:]
  /// No interval ends before this.
  private var nextEnd: Duration?

  public init(policy: Policy = Policy()) {
    self.policy = policy
  }

  /// Judges a line.
  ///
  /// - Parameter now: Time since any fixed moment, from a clock that does not go back.
  public mutating func admit(
    logger: String,
    level: Logger.Level,
    message: String,
    now: Duration
  ) -> Verdict {
    let summaries = expire(now: now)
    let line = Line(logger: logger, level: level, message: message)
    if var interval = intervals[line] {
      let isAdmitted = interval.passed < policy.lines
      if isAdmitted { interval.passed += 1 } else { interval.suppressed += 1 }
      intervals[line] = interval
      return Verdict(isAdmitted: isAdmitted, summaries: summaries)
    }
    if intervals.count < policy.capacity {
      let end = now + policy.interval
      intervals[line] = Interval(end: end, passed: 1, suppressed: 0)
      nextEnd = min(nextEnd ?? end, end)
    }
    return Verdict(isAdmitted: true, summaries: summaries)
  }

  /// Ends the intervals that are over, and says what they held back.
  public mutating func expire(now: Duration) -> [Summary] {
    guard let nextEnd, now >= nextEnd else { return [] }
    var summaries: [Summary] = []
    var earliest: Duration?
    for (line, interval) in intervals {
      if interval.end > now {
        earliest = min(earliest ?? interval.end, interval.end)
        continue
      }
      intervals[line] = nil
      guard interval.suppressed > 0 else { continue }
      summaries.append(
        Summary(
          logger: line.logger, level: line.level, message: line.message, suppressed: interval.suppressed))
    }
    self.nextEnd = earliest
    return summaries
  }
}
