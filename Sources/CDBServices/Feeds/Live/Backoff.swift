/// How long to wait before the next attempt: twice as long each time, up to a cap, less up to a fifth by chance.
/// So no wait is shorter than four fifths of the one before.
struct Backoff: Sendable, Hashable {
  let first: Duration
  let cap: Duration
  /// Failures since things were last well.
  private(set) var failures = 0

  init(first: Duration, cap: Duration) {
    self.first = first
    self.cap = cap
  }

  mutating func next(random: inout some RandomNumberGenerator) -> Duration {
    // Beyond 2^20 the cap holds, whatever the two are.
    let whole = min(cap, first * (1 << min(failures, 20)))
    failures += 1
    return whole * Double.random(in: 0.8...1, using: &random)
  }

  mutating func reset() { failures = 0 }
}
