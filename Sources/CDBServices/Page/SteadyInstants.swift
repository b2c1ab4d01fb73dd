import CDBDomain

/// Keeps an instant that is computed anew from an age at each look from trembling.
struct SteadyInstants: Sendable {
  /// Differences up to this count as the same instant, nanoseconds.
  static let tolerance: Int64 = 900_000_000
  private var known: [String: EventTime] = [:]

  /// The instant that `age` seconds before `now` was, or the one that was said before where it is the same.
  mutating func instant(_ name: String, age: Double?, now: EventTime) -> EventTime? {
    guard let age, age.isFinite, age >= 0, age < 1e9 else {
      known[name] = nil
      return nil
    }
    let new = now.advanced(by: -Int64(age * 1e9))
    if let old = known[name], abs(old.nanoseconds &- new.nanoseconds) <= Self.tolerance { return old }
    known[name] = new
    return new
  }
}
