import Dispatch
import Synchronization

/// The hard end of a drain: a timer on its own queue, which fires even when every thread of the
/// concurrency pool is stuck.
final class DrainWatchdog: Sendable {
  private let deadline: Duration
  private let queue = DispatchQueue(label: "service-runtime.drain-watchdog", qos: .userInteractive)
  private let onExpiry: @Sendable () -> Void
  private let state = Mutex(State.idle)

  private enum State {
    /// Nothing asked for an end yet.
    case idle
    /// The time runs.
    case armed
    /// The drain finished in time.
    case disarmed
  }

  init(deadline: Duration, onExpiry: @escaping @Sendable () -> Void) {
    self.deadline = deadline
    self.onExpiry = onExpiry
  }

  /// Starts the time; the first call counts.
  func arm() {
    let starts = state.withLock { state in
      guard case .idle = state else { return false }
      state = .armed
      return true
    }
    guard starts else { return }
    let nanoseconds = deadline / .nanoseconds(1)
    queue.asyncAfter(deadline: .now() + .nanoseconds(Int(min(nanoseconds, 1e18)))) { [self] in
      guard state.withLock({ if case .armed = $0 { true } else { false } }) else { return }
      onExpiry()
    }
  }

  func disarm() {
    state.withLock { $0 = .disarmed }
  }
}
