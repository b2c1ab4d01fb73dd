/// A value that goes up and down. Every update is lock-free and allocates nothing.
public final class Gauge: Instrument {
  private let current = AtomicDouble()

  init() {}

  /// Any double, NaN and infinities included.
  public func set(_ value: Double) { current.store(value) }

  public func increment(by amount: Double = 1) { current.add(amount) }

  public func decrement(by amount: Double = 1) { current.add(-amount) }

  public var value: Double { current.load() }

  static let kind = InstrumentKind<Gauge>(
    make: { Gauge() },
    read: { columns in
      let values = columns.children.map { MetricValue.double($0.value) }
      return Metrics(gauges: ScalarColumns(labels: columns.labels, values: values))
    }, fingerprint: { $0.value.bitPattern })
}
