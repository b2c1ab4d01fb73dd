/// How long nobody is asked after a connection did not come about: twice as long each time.
struct ReconnectPause: Sendable, Equatable {
  static let first = Duration.milliseconds(100)
  static let longest = Duration.seconds(2)

  private var next = Self.first
  private(set) var until: ContinuousClock.Instant?

  mutating func failed(at now: ContinuousClock.Instant) {
    until = now + next
    next = min(next * 2, Self.longest)
  }

  mutating func succeeded() { self = ReconnectPause() }

  func holds(at now: ContinuousClock.Instant) -> Bool { until.map { now < $0 } ?? false }
}
