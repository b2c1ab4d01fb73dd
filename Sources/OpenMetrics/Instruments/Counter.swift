import Synchronization

/// A count that only grows. Every update is lock-free and allocates nothing, unless it brings an exemplar.
///
/// Whole increments are kept in 64 bits apart from fractions, so that a large count never loses a one.
public final class Counter: Sendable {
  private let whole = Atomic<UInt64>(0)
  private let fraction = AtomicDouble()
  private let exemplar = Mutex<Exemplar?>(nil)
  private let created = MetricTimestamp.now()
  private let statistics: RegistryStatistics

  init(statistics: RegistryStatistics) { self.statistics = statistics }

  public func increment(by amount: UInt64 = 1, exemplar: Exemplar? = nil) {
    whole.wrappingAdd(amount, ordering: .relaxed)
    if let exemplar { remember(exemplar) }
  }

  /// A negative amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Int, exemplar: Exemplar? = nil) {
    guard amount >= 0 else { return statistics.rejectUpdate() }
    increment(by: UInt64(amount), exemplar: exemplar)
  }

  /// A negative, infinite or NaN amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Double, exemplar: Exemplar? = nil) {
    guard amount >= 0, amount.isFinite else { return statistics.rejectUpdate() }
    if let exact = UInt64(exactly: amount) {
      whole.wrappingAdd(exact, ordering: .relaxed)
    } else {
      fraction.add(amount)
    }
    if let exemplar { remember(exemplar) }
  }

  public var value: MetricValue {
    let fraction = fraction.load()
    let whole = whole.load(ordering: .relaxed)
    return fraction == 0 ? .integer(whole) : .double(Double(whole) + fraction)
  }

  func point() -> MetricPointValue {
    .counter(CounterPoint(total: value, created: created, exemplar: exemplar.withLock { $0 }))
  }

  private func remember(_ new: Exemplar) { exemplar.withLock { $0 = new } }
}
