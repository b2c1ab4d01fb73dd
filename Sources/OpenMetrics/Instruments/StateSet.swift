import Synchronization

/// Named booleans, often an enumeration of which one is on. All states change in one atomic step.
public final class StateSet: Instrument {
  private let states: [String]
  private let bits = Atomic<UInt64>(0)
  private let statistics: RegistryStatistics

  /// - Parameter states: at most ``MetricDescriptor/maximumStates``, as ``MetricDescriptor/validate()`` has made sure.
  init(states: [String], statistics: RegistryStatistics) {
    self.states = states
    self.statistics = statistics
  }

  /// Turns one state on or off. An undeclared state is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func set(_ state: String, to isEnabled: Bool) {
    guard let mask = mask(of: state) else { return statistics.rejectUpdate() }
    if isEnabled {
      bits.bitwiseOr(mask, ordering: .relaxed)
    } else {
      bits.bitwiseAnd(~mask, ordering: .relaxed)
    }
  }

  /// Turns this state on and all others off. An undeclared state is ignored and counted.
  public func set(only state: String) {
    guard let mask = mask(of: state) else { return statistics.rejectUpdate() }
    bits.store(mask, ordering: .relaxed)
  }

  /// The states that are on.
  public var enabled: Set<String> {
    let bits = bits.load(ordering: .relaxed)
    return Set(states.enumerated().filter { bits & (1 << UInt64($0.offset)) != 0 }.map(\.element))
  }

  func point() -> MetricPointValue {
    let bits = bits.load(ordering: .relaxed)
    return .stateSet(states.enumerated().map { StatePoint($1, bits & (1 << UInt64($0)) != 0) })
  }

  static func kind(states: [String], _ context: InstrumentContext) -> InstrumentKind<StateSet> {
    InstrumentKind(
      make: { StateSet(states: states, statistics: context.statistics) }, point: { $0.point() },
      fingerprint: { $0.bits.load(ordering: .relaxed) })
  }

  private func mask(of state: String) -> UInt64? {
    states.firstIndex { ExactText($0) == ExactText(state) }.map { 1 << UInt64($0) }
  }
}
