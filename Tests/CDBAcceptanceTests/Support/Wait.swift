/// A condition did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
  var what: String
  var limit: Duration
  var description: String { "after \(limit) still not: \(what)" }
}

/// Looks every few milliseconds until `condition` holds, and returns what it found.
///
/// - Throws: ``DeadlinePassed`` once `limit` is over; what `condition` throws, at once.
func eventually<T: Sendable>(
  _ what: @autoclosure () -> String, within limit: Duration, every pause: Duration = .milliseconds(10),
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> T?
) async throws -> T {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while true {
    if let found = try await condition() { return found }
    guard clock.now < deadline else { throw DeadlinePassed(what: what(), limit: limit) }
    try await clock.sleep(for: pause)
  }
}

extension Bool {
  /// For ``eventually(_:within:every:isolation:_:)``: something where it is true.
  var found: Void? { self ? () : nil }
}

extension Duration {
  var seconds: Double { self / .seconds(1) }
}
