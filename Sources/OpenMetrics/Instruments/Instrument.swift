/// One series' worth of measuring: what a family has for each label set.
public protocol Instrument: AnyObject, Sendable {}

/// What a family needs to know of its kind of instrument.
struct InstrumentKind<Child: Instrument>: Sendable {
  let make: @Sendable () -> Child
  /// The points of these children, in their order.
  let read: @Sendable ([Child]) -> [MetricPointValue]
  /// A number that changes whenever an update changes what the child shows, but for rare coincidences.
  let fingerprint: @Sendable (Child) -> UInt64
  /// Allows the next update to bring an exemplar of its own accord.
  let arm: @Sendable (Child) -> Void

  init(
    make: @escaping @Sendable () -> Child, read: @escaping @Sendable ([Child]) -> [MetricPointValue],
    fingerprint: @escaping @Sendable (Child) -> UInt64, arm: @escaping @Sendable (Child) -> Void = { _ in }
  ) {
    self.make = make
    self.read = read
    self.fingerprint = fingerprint
    self.arm = arm
  }
}
