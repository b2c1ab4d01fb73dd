/// A value that goes up and down. Every update is lock-free and allocates nothing.
public final class Gauge: Sendable {
  private let current = AtomicDouble()

  init() {}

  /// Any double, NaN and infinities included.
  public func set(_ value: Double) { current.store(value) }

  public func increment(by amount: Double = 1) { current.add(amount) }

  public func decrement(by amount: Double = 1) { current.add(-amount) }

  public var value: Double { current.load() }

  func point() -> MetricPointValue { .gauge(.double(value)) }
}
