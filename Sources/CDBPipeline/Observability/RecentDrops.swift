/// What a stage has dropped lately, by reason: the difference to what it had dropped a window ago.
struct RecentDrops: Sendable {
  private let window: UInt64
  /// The totals of the window's samples, oldest first.
  private var samples: [(at: UInt64, total: ReasonCounts)] = []

  /// - Parameter window: nanoseconds.
  init(window: UInt64 = HealthThresholds().window) { self.window = window }

  /// - Parameter now: monotonic nanoseconds.
  mutating func note(_ total: ReasonCounts, at now: UInt64) {
    samples.append((now, total))
    while samples.count > 1, now &- samples[1].at >= window { samples.removeFirst() }
  }

  func recent(_ total: ReasonCounts) -> ReasonCounts {
    total.subtracting(samples.first?.total ?? ReasonCounts())
  }
}
