import Synchronization

/// Set once, when the drain starts; those who wait are let go, and what is under way hears of it.
final class Draining: Sendable {
  private struct State {
    var hasStarted = false
    var nextKey: UInt64 = 0
    var actions: [UInt64: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())
  private let stream = AsyncStream.makeStream(of: Never.self)

  var hasStarted: Bool { state.withLock { $0.hasStarted } }

  func start() {
    let actions = state.withLock { state in
      state.hasStarted = true
      defer { state.actions = [:] }
      return Array(state.actions.values)
    }
    stream.continuation.finish()
    for action in actions { action() }
  }

  /// Calls `action` when the drain starts; at once where it has.
  ///
  /// - Returns: what ``forget(_:)`` takes.
  func whenStarted(_ action: @escaping @Sendable () -> Void) -> UInt64 {
    let key: UInt64? = state.withLock { state in
      guard !state.hasStarted else { return nil }
      state.nextKey += 1
      state.actions[state.nextKey] = action
      return state.nextKey
    }
    if key == nil { action() }
    return key ?? 0
  }

  /// The action of that key is not called any more.
  func forget(_ key: UInt64) {
    state.withLock { _ = $0.actions.removeValue(forKey: key) }
  }

  /// Returns when the drain has started, or the task is cancelled. For one waiter.
  func wait() async {
    for await _ in stream.stream {}
  }
}
