import Synchronization

/// Wakes whoever waits until something has changed.
///
/// Counted before one looks, waited for after it: what changes between the two is not missed.
final class Bell: Sendable {
  private struct State: Sendable {
    var count: UInt64 = 0
    var lastWaiter: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  /// How often it has rung.
  var count: UInt64 { state.withLock { $0.count } }

  /// How many wait for it.
  var waiters: Int { state.withLock { $0.waiting.count } }

  func ring() {
    let woken = state.withLock { state in
      state.count += 1
      let woken = Array(state.waiting.values)
      state.waiting = [:]
      return woken
    }
    for waiter in woken { waiter.resume() }
  }

  /// Returns when it has rung more often than that, at once where it has; or when the task is cancelled.
  func rings(after count: UInt64) async {
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          // Who is cancelled before this is not seen by the handler below, and after this it is.
          guard state.count == count, !Task.isCancelled else { return true }
          state.waiting[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }
}
