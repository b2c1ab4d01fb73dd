import Synchronization

/// What all instruments of a registry share.
final class InstrumentContext: Sendable {
  let statistics = RegistryStatistics()
  let clock: any MetricClock
  private let sampling = Mutex(Sampling())
  private let isSampling = Atomic<Bool>(false)

  private struct Sampling: Sendable {
    var source: (@Sendable () -> LabelSet?)?
    var interval: Duration = .seconds(10)
  }

  init(clock: any MetricClock) { self.clock = clock }

  /// Whether exemplars are made without being asked for.
  var samplesExemplars: Bool { isSampling.load(ordering: .relaxed) }

  var exemplarSource: (@Sendable () -> LabelSet?)? {
    get { sampling.withLock { $0.source } }
    set {
      sampling.withLock { $0.source = newValue }
      isSampling.store(newValue != nil, ordering: .relaxed)
    }
  }

  var exemplarInterval: Duration {
    get { sampling.withLock { $0.interval } }
    set { sampling.withLock { $0.interval = newValue } }
  }

  /// An exemplar from the source, stamped now; `nil` without a source or when it has nothing to refer to. Labels that
  /// make no exemplar count as a rejected update.
  func sampleExemplar(_ value: Double) -> Exemplar? {
    guard let source = exemplarSource, let labels = source() else { return nil }
    guard let exemplar = try? Exemplar(labels: labels, value: value, timestamp: clock.now()) else {
      statistics.rejectUpdate()
      return nil
    }
    return exemplar
  }

  /// Whether the interval has passed since `earlier`.
  func isExemplarDue(after earlier: MetricTimestamp?) -> Bool {
    guard let earlier else { return true }
    let now = clock.now()
    // A wall clock that was put back does not hold exemplars up.
    return now < earlier || now.secondsSinceEpoch - earlier.secondsSinceEpoch >= exemplarInterval.inSeconds
  }
}
