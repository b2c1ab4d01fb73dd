/// A number of which nobody says what it is, such as one taken over from another system.
public final class UnknownMetric: Instrument {
  private let current = AtomicDouble()

  init() {}

  /// Any double, NaN and infinities included.
  public func set(_ value: Double) { current.store(value) }

  public var value: Double { current.load() }

  static let kind = InstrumentKind<UnknownMetric>(
    make: { UnknownMetric() }, point: { .unknown(.double($0.value)) }, fingerprint: { $0.value.bitPattern })
}
