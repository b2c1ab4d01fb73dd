/// A condition did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
  var what: String
  var limit: Duration
  var lastFault: (any Error)?
  var description: String { "after \(limit) still not: \(what)" + (lastFault.map { "; last: \($0)" } ?? "") }
}

/// A fault that the next look may not meet: a service that answers late, or is just being started.
protocol PassingFault: Error {}

/// Looks every few milliseconds until `condition` holds, and returns what it found.
///
/// - Throws: ``DeadlinePassed`` once `limit` is over; what `condition` throws, at once, where it is no
///   ``PassingFault``.
func eventually<T: Sendable>(
  _ what: @autoclosure () -> String, within limit: Duration, every pause: Duration = .milliseconds(10),
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> T?
) async throws -> T {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  var lastFault: (any Error)?
  while true {
    do {
      if let found = try await condition() { return found }
      lastFault = nil
    } catch let fault as any PassingFault {
      lastFault = fault
    }
    guard clock.now < deadline else {
      throw DeadlinePassed(what: what(), limit: limit, lastFault: lastFault)
    }
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
