import Synchronization

/// Count, sum, and quantiles of what was observed of late. An observation takes a lock.
///
/// Quantiles of several processes cannot be put together; where that is wanted, use a histogram.
public final class Summary: DurationObserver {
  let context: InstrumentContext
  private let options: SummaryOptions
  private let created: MetricTimestamp
  private let state: Mutex<State>

  private struct State: Sendable {
    var count: UInt64 = 0
    var sum = 0.0
    var window: QuantileWindow
  }

  public var clock: any MetricClock { context.clock }

  init(options: SummaryOptions, context: InstrumentContext) {
    self.context = context
    self.options = options
    created = context.clock.now()
    state = Mutex(State(window: QuantileWindow(options, now: context.clock.uptime())))
  }

  /// NaN is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func observe(_ value: Double) {
    guard !value.isNaN else { return context.statistics.rejectUpdate() }
    let now = options.objectives.isEmpty ? .zero : context.clock.uptime()
    state.withLock { state in
      state.count &+= 1
      state.sum += value
      if !options.objectives.isEmpty { state.window.insert(value, now: now) }
    }
  }

  func point() -> MetricPointValue {
    let now = context.clock.uptime()
    return state.withLock { state in
      let quantiles = options.objectives.map {
        SummaryPoint.Quantile($0.quantile, .double(state.window.query($0.quantile, now: now)))
      }
      return .summary(
        SummaryPoint(
          count: .integer(state.count), sum: .double(state.sum), quantiles: quantiles, created: created))
    }
  }

  static func kind(options: SummaryOptions, _ context: InstrumentContext) -> InstrumentKind<Summary> {
    InstrumentKind(
      make: { Summary(options: options, context: context) }, point: { $0.point() },
      fingerprint: { $0.state.withLock { $0.count } }, options: .summary(options))
  }
}
