/// A value that goes up and down. Every update is lock-free and allocates nothing.
public final class Gauge: Instrument {
  private let current = AtomicDouble()
  private let context: InstrumentContext

  init(context: InstrumentContext) { self.context = context }

  /// Any double, NaN and infinities included.
  public func set(_ value: Double) { current.store(value) }

  public func increment(by amount: Double = 1) { current.add(amount) }

  public func decrement(by amount: Double = 1) { current.add(-amount) }

  /// Sets the gauge to the seconds since the Unix epoch.
  public func setToCurrentTime() { set(context.clock.now().secondsSinceEpoch) }

  /// Counts `body` while it runs, whether it returns or throws.
  public func trackInProgress<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    increment()
    defer { decrement() }
    return try body()
  }

  /// As the other, the time that `body` is suspended included.
  public func trackInProgress<Result, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    increment()
    defer { decrement() }
    return try await body()
  }

  public var value: Double { current.load() }

  static func kind(_ context: InstrumentContext) -> InstrumentKind<Gauge> {
    InstrumentKind(
      make: { Gauge(context: context) },
      read: { columns in
        let values = columns.children.map { MetricValue.double($0.value) }
        return MetricList(gauges: ScalarColumns(labels: columns.labels, values: values))
      }, fingerprint: { $0.value.bitPattern })
  }
}
