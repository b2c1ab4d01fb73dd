import Synchronization

/// What a route takes of bodies, where that is more than an endpoint takes otherwise.
public struct RouteBody: Sendable {
  /// Larger ones are answered with 413.
  public var maximumBytes: Int
  /// Who takes longer to send one is answered with 408; a little later where nothing comes at all.
  public var deadline: Duration
  /// Beyond it requests are answered with 503, and may come again.
  public var budget: BodyBudget

  public init(maximumBytes: Int, deadline: Duration, budget: BodyBudget) {
    self.maximumBytes = maximumBytes
    self.deadline = deadline
    self.budget = budget
  }
}

/// What the bodies of requests that are under way may take together.
public final class BodyBudget: Sendable {
  private let left: Mutex<Int>

  /// - Parameter bytes: of all bodies at the same time.
  public init(bytes: Int) { left = Mutex(bytes) }

  /// - Returns: whether there is as much.
  func take(_ bytes: Int) -> Bool {
    left.withLock { left in
      guard bytes <= left else { return false }
      left -= bytes
      return true
    }
  }

  func give(back bytes: Int) { left.withLock { $0 += bytes } }
}
