/// How long to wait before the next attempt: twice as long after each failure, up to a bound, and of that a random part
/// between a half and all, so that many clients of a server that died do not come back at the same instant.
public struct BackOff: Sendable, Hashable {
  public var first = Duration.milliseconds(50)
  public var longest = Duration.seconds(5)
  public private(set) var failures = 0

  public init(first: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
    self.first = first
    self.longest = longest
  }

  /// Notes a failure.
  ///
  /// - Parameter random: any 64 random bits.
  public mutating func failed(random: UInt64) -> Duration {
    var bound = first
    for _ in 0..<min(failures, 32) where bound < longest { bound *= 2 }
    bound = min(bound, longest)
    failures += 1
    let share = Double(random >> 11) / Double(1 << 53)
    return bound * (0.5 + share / 2)
  }

  public mutating func succeeded() { failures = 0 }
}
