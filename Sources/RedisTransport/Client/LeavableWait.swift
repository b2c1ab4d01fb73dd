import Synchronization

/// Somebody who waits for what others may wait for too, and who leaves before it has come when his task is cancelled.
final class LeavableWait<Value: Sendable>: Sendable {
  private enum State: Sendable {
    /// Neither has anybody begun to wait, nor has anything come.
    case beginning
    case waiting(CheckedContinuation<Value, any Error>)
    /// It has come before anybody waited.
    case come(Result<Value, any Error>)
    case over
  }
  private let state = Mutex(State.beginning)

  private init() {}

  /// What `source` comes to, or `CancellationError` as soon as the task is cancelled; `source` goes on then.
  static func value(_ source: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let wait = LeavableWait()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        wait.begin(continuation)
        Task {
          do {
            wait.end(.success(try await source()))
          } catch {
            wait.end(.failure(error))
          }
        }
      }
    } onCancel: {
      wait.end(.failure(CancellationError()))
    }
  }

  private func begin(_ continuation: CheckedContinuation<Value, any Error>) {
    let come = state.withLock { state -> Result<Value, any Error>? in
      if case .come(let result) = state {
        state = .over
        return result
      }
      state = .waiting(continuation)
      return nil
    }
    if let come { continuation.resume(with: come) }
  }

  /// The first end counts.
  private func end(_ result: Result<Value, any Error>) {
    let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      switch state {
      case .beginning:
        state = .come(result)
        return nil
      case .waiting(let continuation):
        state = .over
        return continuation
      case .come, .over: return nil
      }
    }
    waiting?.resume(with: result)
  }
}
