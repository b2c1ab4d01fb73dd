import Synchronization
import TaskTiming

/// Where scrapes go. It may be changed while targets are asked: scrapes wait for as long as it is held, and none is lost.
final class ScrapeOutlet: Sendable {
  /// Routes, and the queues of each one's endpoints.
  struct Queues: Sendable {
    var routes: [SampleRoute] = []
    var queues: [[EndpointQueue]] = []

    /// Endpoints for which the same is done with labels share a route.
    init(_ senders: [EndpointSender], externalLabels: SeriesLabels) {
      for sender in senders {
        let route = SampleRoute(
          externalLabels: externalLabels, rules: sender.endpoint.rules,
          samplesPerFragment: sender.endpoint.queue.samplesPerBatch,
          sendsExemplars: sender.endpoint.sendsExemplars, sendsHistograms: sender.endpoint.sendsHistograms,
          metadataInterval: sender.endpoint.metadataInterval)
        if let known = routes.firstIndex(of: route) {
          queues[known].append(sender.queue)
        } else {
          routes.append(route)
          queues.append([sender.queue])
        }
      }
    }
  }

  private struct State {
    var queues: Queues
    var isHeld = false
    var users = 0
  }

  private let state: Mutex<State>
  private let isFree = Signal()
  private let isIdle = Signal()

  init(_ queues: Queues) {
    state = Mutex(State(queues: queues))
    isFree.set()
    isIdle.set()
  }

  /// The routes and queues as they are; they stay so until ``leave()``. Nil where the task was cancelled before.
  func enter() async -> Queues? {
    while !Task.isCancelled {
      let found = state.withLock { state -> Queues? in
        guard !state.isHeld else { return nil }
        state.users += 1
        isIdle.reset()
        return state.queues
      }
      if let found { return found }
      await isFree.wait()
    }
    return nil
  }

  func leave() {
    state.withLock { state in
      state.users -= 1
      if state.users == 0 { isIdle.set() }
    }
  }

  /// Lets nobody in until ``release(_:)``, and waits until everybody has left.
  func hold() async {
    state.withLock { state in
      state.isHeld = true
      isFree.reset()
    }
    while state.withLock({ $0.users > 0 }) {
      // The bridge's own task is not cancelled while it holds; were it, this would turn without rest.
      if Task.isCancelled { await Task.yield() } else { await isIdle.wait() }
    }
  }

  func release(_ queues: Queues) {
    state.withLock { state in
      state.queues = queues
      state.isHeld = false
      isFree.set()
    }
  }
}
