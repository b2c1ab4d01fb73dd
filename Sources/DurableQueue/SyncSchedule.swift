/// When the interval policy is due: a value without a clock.
struct SyncSchedule {
  /// Nanoseconds; nil for a policy without one, which is never due.
  private let interval: UInt64?
  private var last: UInt64?

  init(policy: FsyncPolicy) {
    if case .interval(let nanoseconds) = policy { interval = nanoseconds } else { interval = nil }
  }

  /// Whether an interval has passed since the last time this said so; the first call only starts it.
  mutating func isDue(now: UInt64) -> Bool {
    guard let interval else { return false }
    guard let last, now >= last else {
      self.last = now
      return false
    }
    guard now - last >= interval else { return false }
    self.last = now
    return true
  }
}
