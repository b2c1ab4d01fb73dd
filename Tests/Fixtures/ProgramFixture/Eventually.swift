/// A condition did not come true in time.
public struct DeadlinePassed: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Looks again and again until `condition` gives something, or `limit` is over. An error of it is a reason to look again.
public func eventually<Result: Sendable>(
  _ what: String, within limit: Duration = .seconds(300), isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Result?
) async throws -> Result {
  let deadline = ContinuousClock.now + limit
  var lastError: (any Error)?
  while ContinuousClock.now < deadline {
    do {
      if let found = try await condition() { return found }
      lastError = nil
    } catch {
      lastError = error
    }
    try await Task.sleep(for: .milliseconds(20))
  }
  throw DeadlinePassed(
    description: "after \(limit) still not: \(what)" + (lastError.map { "; last: \($0)" } ?? ""))
}
