import Synchronization

/// The mailbox was closed while something was being sent: its reader is gone.
public struct MailboxClosed: Error, Sendable {
  public init() {}
}

/// A bounded queue between two tasks: the in-process form of an edge.
///
/// The ordinary lane makes its sender wait when the capacity is used up: back-pressure, never loss. The
/// priority lane never makes anyone wait; it carries the one edge that goes back, whose content is bounded
/// by the orders that are open. One task receives.
public final class Mailbox<Element: Sendable>: Sendable {
  private typealias StateMachine = MailboxStateMachine<
    Element, CheckedContinuation<Void, Never>, CheckedContinuation<Element?, Never>
  >
  private let state: Mutex<StateMachine>

  /// - Parameter capacity: the weight from which on senders wait.
  public init(capacity: Int) {
    state = Mutex(StateMachine(capacity: capacity))
  }

  /// The weight that waits to be received.
  public var backlog: Int { state.withLock { $0.weight } }

  /// Whether senders have to wait.
  public var isFull: Bool { state.withLock { $0.isFull } }

  /// Puts an element in, waiting while the mailbox is full.
  public func send(_ element: Element, weight: Int) async throws(MailboxClosed) {
    while true {
      switch state.withLock({ $0.send(element, weight: weight) }) {
      case .accepted(let resume):
        if let (receiver, element) = resume { receiver.resume(returning: element) }
        return
      case .closed: throw MailboxClosed()
      case .wait:
        await withCheckedContinuation { continuation in
          let isFree = state.withLock { state in
            guard !state.isClosed, state.isFull else { return true }
            state.enqueue(continuation)
            return false
          }
          if isFree { continuation.resume() }
        }
      }
    }
  }

  /// Puts an element into the priority lane; false where the mailbox is closed.
  @discardableResult
  public func sendPriority(_ element: Element) -> Bool {
    switch state.withLock({ $0.sendPriority(element) }) {
    case .accepted(let resume):
      if let (receiver, element) = resume { receiver.resume(returning: element) }
      return true
    case .wait, .closed: return false
    }
  }

  /// The next element, waiting for one; nil when the mailbox is closed and empty.
  public func receive() async -> Element? { await receive(.both) }

  /// The next element of the priority lane, waiting for one and leaving the ordinary lane as it is.
  public func receivePriority() async -> Element? { await receive(.priorityOnly) }

  /// The next element if there is one now.
  public func poll() -> Element? {
    switch state.withLock({ $0.receive(.both) }) {
    case .element(let element, let senders):
      for sender in senders { sender.resume() }
      return element
    case .wait, .finished: return nil
    }
  }

  private func receive(_ lanes: StateMachine.Lanes) async -> Element? {
    await withCheckedContinuation { continuation in
      let action = state.withLock { state in
        let action = state.receive(lanes)
        if case .wait = action { state.wait(continuation, lanes) }
        return action
      }
      switch action {
      case .element(let element, let senders):
        continuation.resume(returning: element)
        for sender in senders { sender.resume() }
      case .finished: continuation.resume(returning: nil)
      case .wait: break
      }
    }
  }

  /// Accepts nothing more; what is inside can still be received.
  public func close() {
    let woken = state.withLock { $0.close() }
    for sender in woken.senders { sender.resume() }
    woken.receiver?.resume(returning: nil)
  }
}
