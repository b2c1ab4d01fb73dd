import Synchronization

/// Whether an endpoint listens yet, and who waits to hear of it.
final class ListeningState: Sendable {
  private enum State {
    case initial(waiting: [CheckedContinuation<Result<ListenAddress, EndpointError>, Never>])
    case starting(waiting: [CheckedContinuation<Result<ListenAddress, EndpointError>, Never>])
    case settled(Result<ListenAddress, EndpointError>)
  }

  private let state = Mutex(State.initial(waiting: []))

  func start() throws(EndpointError) {
    let started = state.withLock { state in
      guard case .initial(let waiting) = state else { return false }
      state = .starting(waiting: waiting)
      return true
    }
    if !started { throw .alreadyRun }
  }

  func succeed(_ address: ListenAddress) { settle(.success(address)) }

  /// Has no effect once it listens.
  func fail(_ error: EndpointError) { settle(.failure(error)) }

  func address() async throws(EndpointError) -> ListenAddress {
    let result = await withCheckedContinuation { continuation in
      let settled: Result<ListenAddress, EndpointError>? = state.withLock { state in
        switch state {
        case .initial(let waiting): state = .initial(waiting: waiting + [continuation])
        case .starting(let waiting): state = .starting(waiting: waiting + [continuation])
        case .settled(let result): return result
        }
        return nil
      }
      if let settled { continuation.resume(returning: settled) }
    }
    return try result.get()
  }

  private func settle(_ result: Result<ListenAddress, EndpointError>) {
    let waiting = state.withLock { state in
      switch state {
      case .initial(let waiting), .starting(let waiting):
        state = .settled(result)
        return waiting
      case .settled: return []
      }
    }
    for continuation in waiting { continuation.resume(returning: result) }
  }
}
