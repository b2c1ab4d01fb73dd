import Synchronization

/// Something that happens, and that tasks wait for. It stays so until it is taken back.
public final class Signal: Sendable {
  private struct State {
    var isSet = false
    var next: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Whether it has happened, and was not taken back.
  public var isSet: Bool { state.withLock { $0.isSet } }

  /// Lets everyone go on who waits.
  public func set() {
    let waiting = state.withLock { state in
      state.isSet = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Takes it back.
  ///
  /// - Returns: whether it was set.
  @discardableResult
  public func reset() -> Bool {
    state.withLock { state in
      defer { state.isSet = false }
      return state.isSet
    }
  }

  /// Returns when it is set, or the task is cancelled.
  public func wait() async {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard !state.isSet, !Task.isCancelled else { return true }
          state.waiting[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }

  /// Returns when it is set, the task is cancelled, or so much time has passed.
  public func wait(atMost duration: Duration, clock: TaskClock) async {
    guard duration > .zero else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait() }
      group.addTask { try? await clock.sleep(duration) }
      await group.next()
      group.cancelAll()
    }
  }
}
