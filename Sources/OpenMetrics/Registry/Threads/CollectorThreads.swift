/// The threads that collectors are called on: made when needed, used again, and given back after some time without work.
///
/// They belong to no pool that anything else waits for, so a collector that never returns costs one of them and nothing
/// else. When every one of them hangs, nothing is taken on any more.
final class CollectorThreads: Sendable {
  static let shared = CollectorThreads(limit: 64, idleTime: .seconds(30))

  enum Refusal: Error, Hashable, CustomStringConvertible {
    case allHang(Int)
    case noThread

    var description: String {
      switch self {
      case .allHang(let limit): "not called, because all \(limit) threads for collectors hang"
      case .noThread: "not called, because the system gives no more threads"
      }
    }
  }

  private struct State: Sendable {
    var next: UInt64 = 0
    /// No work before this one is waiting.
    var first: UInt64 = 0
    var waiting: [UInt64: @Sendable () -> Void] = [:]
    var threads = 0
    var idle = 0
    var hanging = 0

    mutating func take() -> (@Sendable () -> Void)? {
      guard !waiting.isEmpty else {
        first = next
        return nil
      }
      while first < next {
        defer { first += 1 }
        if let work = waiting.removeValue(forKey: first) { return work }
      }
      return nil
    }
  }

  private let limit: Int
  private let idleTime: Duration
  private let state = ThreadCondition(State())

  init(limit: Int, idleTime: Duration) {
    self.limit = limit
    self.idleTime = idleTime
  }

  /// Does this work on a thread, as soon as one has time for it.
  ///
  /// - Returns: what ``withdraw(_:)`` takes.
  func submit(_ work: @escaping @Sendable () -> Void) -> Result<UInt64, Refusal> {
    let (ticket, starts) = state.update { state -> (UInt64?, Bool) in
      guard state.hanging < limit else { return (nil, false) }
      let starts = state.idle <= state.waiting.count && state.threads < limit
      if starts { state.threads += 1 }
      let ticket = state.next
      state.waiting[ticket] = work
      state.next += 1
      return (ticket, starts)
    }
    guard let ticket else { return .failure(.allHang(limit)) }
    if starts, !DetachedThread.start({ self.work() }) {
      let isLost = state.update { state in
        state.threads -= 1
        return state.threads == 0 && state.waiting.removeValue(forKey: ticket) != nil
      }
      if isLost { return .failure(.noThread) }
    }
    return .success(ticket)
  }

  /// - Returns: whether the work had not begun, and will not.
  func withdraw(_ ticket: UInt64) -> Bool {
    state.update { $0.waiting.removeValue(forKey: ticket) != nil }
  }

  /// Somebody has given up waiting for work that is under way.
  func beginHanging() { state.update { $0.hanging += 1 } }

  /// Such work has ended after all.
  func endHanging() { state.update { $0.hanging -= 1 } }

  private func work() {
    while let work = next() { work() }
  }

  private func next() -> (@Sendable () -> Void)? {
    let end = ContinuousClock.now + idleTime
    var isIdle = false
    return state.wait { state in
      let work = state.take()
      let rest = end - .now
      if work == nil, rest > .zero {
        if !isIdle { state.idle += 1 }
        isIdle = true
        return .wait(rest)
      }
      if isIdle { state.idle -= 1 }
      if work == nil { state.threads -= 1 }
      return .done(work)
    }
  }
}
