import CoreMetrics
import OpenMetrics
import Synchronization

/// Adds to a counter, whole or broken numbers.
final class CountingHandler: CounterHandler, FloatingPointCounterHandler, Sendable {
  /// What came of beginning a series anew.
  enum Renewal {
    case renewed(OpenMetrics.Counter)
    /// The series goes on as it was.
    case refused
    /// The old series has ended, and there is no room for the new one.
    case lost
  }

  private struct State {
    /// `nil` once a renewal was lost.
    var counter: OpenMetrics.Counter?
    var isReleased = false
  }

  private let first: OpenMetrics.Counter
  private let wasReset = Atomic(false)
  private let state: Mutex<State>
  private let statistics: FactoryStatistics
  /// Ends the counter's series and begins it anew.
  private let renew: @Sendable () -> Renewal

  init(
    _ counter: OpenMetrics.Counter, statistics: FactoryStatistics,
    renew: @escaping @Sendable () -> Renewal
  ) {
    first = counter
    state = Mutex(State(counter: counter))
    self.statistics = statistics
    self.renew = renew
  }

  func increment(by amount: Int64) {
    guard let counter else { return statistics.countDroppedUpdate() }
    guard let whole = UInt64(exactly: amount) else { return counter.increment(by: Double(amount)) }
    counter.increment(by: whole)
  }

  func increment(by amount: Double) {
    guard let counter else { return statistics.countDroppedUpdate() }
    counter.increment(by: amount)
  }

  /// A counter never goes back; what begins at zero is a new one, with a new time of creation.
  func reset() {
    state.withLock { state in
      guard !state.isReleased else { return statistics.countDroppedUpdate() }
      switch renew() {
      case .refused: return statistics.countDroppedUpdate()
      case .renewed(let counter): state.counter = counter
      case .lost: state.counter = nil
      }
      wasReset.store(true, ordering: .releasing)
    }
  }

  /// No reset may bring the series back after this.
  func release() { state.withLock { $0.isReleased = true } }

  /// The lock is paid for only by those who use resets.
  private var counter: OpenMetrics.Counter? {
    wasReset.load(ordering: .acquiring) ? state.withLock { $0.counter } : first
  }
}
