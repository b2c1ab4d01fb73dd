import Synchronization

/// A whole number that goes up and down, exact to 64 bits. Every update is one atomic step.
public final class IntegerGauge: Instrument {
  private let current = Atomic<Int64>(0)

  init() {}

  public func set(_ value: Int64) { current.store(value, ordering: .relaxed) }

  /// Wraps around at the ends of 64 bits.
  public func increment(by amount: Int64 = 1) { current.wrappingAdd(amount, ordering: .relaxed) }

  /// Wraps around at the ends of 64 bits.
  public func decrement(by amount: Int64 = 1) { current.wrappingSubtract(amount, ordering: .relaxed) }

  public var value: Int64 { current.load(ordering: .relaxed) }

  /// Negative numbers are exposed as doubles, which above 2^53 lose their last digits.
  private var metricValue: MetricValue {
    let value = value
    return UInt64(exactly: value).map { .integer($0) } ?? .double(Double(value))
  }

  static let kind = InstrumentKind<IntegerGauge>(
    make: { IntegerGauge() },
    read: { columns in
      MetricList(
        gauges: ScalarColumns(labels: columns.labels, values: columns.children.map(\.metricValue)))
    }, fingerprint: { UInt64(bitPattern: $0.value) })
}
