/// A condition did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
  var what: String
  var limit: Duration
  var lastFault: (any Error)?
  var description: String { "after \(limit) still not: \(what)" + (lastFault.map { "; last: \($0)" } ?? "") }
}

/// A fault that the next look may not meet: a service that answers late, or is just being started.
protocol PassingFault: Error {}

extension Duration {
  /// How long is waited for what only has to happen at all. It costs nothing where it happens, and a machine that is ten
  /// times slower than one expects has it, too. What the product promises by the clock is waited for with a
  /// ``PromiseWatch``.
  static let patience = Duration.seconds(300)
  /// How long a backlog may stay as it is before nobody works on it any more.
  static let standstill = Duration.seconds(120)

  var seconds: Double { self / .seconds(1) }
}

/// Looks every few milliseconds until `condition` holds, and returns what it found.
///
/// - Throws: ``DeadlinePassed`` once `limit` is over; what `condition` throws, at once, where it is no
///   ``PassingFault``.
func eventually<T: Sendable>(
  _ what: @autoclosure () -> String, within limit: Duration = .patience,
  every pause: Duration = .milliseconds(10),
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> T?
) async throws -> T {
  let start = ContinuousClock.now
  return try await look(
    what, every: pause, for: limit, passed: { ContinuousClock.now - start }, condition)
}

/// The same for what the product promises within a time, by a ``PromiseWatch`` that starts with the call.
func eventually<T: Sendable>(
  _ what: @autoclosure () -> String, promised limit: Duration, every pause: Duration = .milliseconds(10),
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> T?
) async throws -> T {
  let watch = PromiseWatch()
  return try await look(what, every: pause, for: limit, passed: { watch.elapsed }, condition)
}

/// The same for the end of a backlog: it may take as long as it likes while `progress` changes, and has failed when that has
/// stood still for `limit`.
func eventually<T: Sendable, Progress: Equatable>(
  _ what: @autoclosure () -> String, standingStillFor limit: Duration = .standstill,
  every pause: Duration = .milliseconds(50), isolation: isolated (any Actor)? = #isolation,
  progress: () async throws -> Progress, _ condition: () async throws -> T?
) async throws -> T {
  var last: Progress?
  var changed = ContinuousClock.now
  return try await look(
    what, every: pause, for: limit, passed: { ContinuousClock.now - changed },
    {
      if let found = try await condition() { return found }
      let now = try await progress()
      if now != last { (last, changed) = (now, ContinuousClock.now) }
      return nil
    })
}

private func look<T: Sendable>(
  _ what: () -> String, every pause: Duration, for limit: Duration, passed: () -> Duration,
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> T?
) async throws -> T {
  var lastFault: (any Error)?
  while true {
    do {
      if let found = try await condition() { return found }
      lastFault = nil
    } catch let fault as any PassingFault {
      lastFault = fault
    }
    guard passed() < limit else {
      throw DeadlinePassed(what: what(), limit: limit, lastFault: lastFault)
    }
    try await ContinuousClock().sleep(for: pause)
  }
}

extension Bool {
  /// For ``eventually(_:within:every:isolation:_:)``: something where it is true.
  var found: Void? { self ? () : nil }
}
