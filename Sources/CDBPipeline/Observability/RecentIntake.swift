/// What came into a stage within a window, and what it dropped of it.
public struct RecentIntake: Sendable, Codable {
  public var received: UInt64
  public var dropped: ReasonCounts
  /// How long the window is by now, seconds.
  public var seconds: Double

  /// Of two processes of a stage.
  func adding(_ other: RecentIntake) -> RecentIntake {
    var both = self
    both.received &+= other.received
    both.dropped.add(other.dropped)
    both.seconds = max(seconds, other.seconds)
    return both
  }

  /// The last minute: the difference to what the ledger had then.
  struct Window: Sendable {
    /// Long enough for a share of one in a hundred to show in a slow market too. Nanoseconds.
    static let length: UInt64 = 60_000_000_000

    /// Of the window, oldest first.
    private var samples: [(at: UInt64, received: UInt64, dropped: ReasonCounts)] = []

    /// - Parameter now: monotonic nanoseconds.
    mutating func note(_ ledger: NodeLedger, at now: UInt64) {
      samples.append((now, ledger.received, ledger.dropped))
      while samples.count > 1, now &- samples[1].at >= Self.length { samples.removeFirst() }
    }

    /// Nil before there is a sample.
    func recent(_ ledger: NodeLedger) -> RecentIntake? {
      guard let first = samples.first, let last = samples.last else { return nil }
      return RecentIntake(
        received: ledger.received &- first.received, dropped: ledger.dropped.subtracting(first.dropped),
        seconds: Double(last.at &- first.at) / 1e9)
    }
  }
}
