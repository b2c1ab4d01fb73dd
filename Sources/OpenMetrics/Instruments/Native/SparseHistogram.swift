import Synchronization

/// A distribution over native buckets, which need no bounds to be chosen; classic ones are kept beside them where the
/// declaration names some. An observation takes a lock.
public final class SparseHistogram: DurationObserver {
  /// How many exemplars of the whole distribution are kept.
  public static let maximumExemplars = 10

  let context: InstrumentContext
  private let bounds: BucketBounds?
  private let bucketing: NativeBucketing
  private let state: Mutex<State>
  private let isArmed: Atomic<Bool>

  private struct State: Sendable {
    var native: NativeDistribution
    var count: UInt64 = 0
    var sum = 0.0
    var classic: [UInt64]
    var created: MetricTimestamp
    var began: Duration
    var isReduced = false
    var updates: UInt64 = 0
    var exemplars: [Exemplar] = []
    var bucketExemplars: [Exemplar?] = []
  }

  public var clock: any MetricClock { context.clock }

  init(bounds: BucketBounds?, bucketing: NativeBucketing, context: InstrumentContext) {
    self.context = context
    self.bounds = bounds
    self.bucketing = bucketing
    isArmed = Atomic(context.samplesExemplars)
    state = Mutex(
      State(
        native: NativeDistribution(bucketing),
        classic: Array(repeating: 0, count: bounds.map { $0.count + 1 } ?? 0), created: context.clock.now(),
        began: bucketing.minimumResetInterval == nil ? .zero : context.clock.uptime()))
  }

  public func observe(_ value: Double) { observe(value, count: 1) }

  /// Records `count` observations of `value`; as ``Histogram/observe(_:count:exemplar:)``. The exemplar is one of the
  /// distribution, and of the classic bucket of its value. An update is also rejected where the count of all
  /// observations would no longer fit into 64 bits.
  public func observe(_ value: Double, count: UInt64 = 1, exemplar: Exemplar? = nil) {
    guard !value.isNaN, count <= Histogram.maximumCount else { return context.statistics.rejectUpdate() }
    guard count > 0 else { return }
    let exemplar = exemplar ?? sampledExemplar(value)
    state.withLock { state in
      guard count <= UInt64.max - state.count else { return context.statistics.rejectUpdate() }
      record(value, count, in: &state)
      if bucketing.minimumResetInterval != nil, state.isReduced { resetIfDue(&state, value, count) }
      if bucketing.maximumBuckets > 0, state.native.bucketCount > bucketing.maximumBuckets {
        if !resetIfDue(&state, value, count), state.native.limit(bucketing) { state.isReduced = true }
      }
      if let exemplar, !exemplar.value.isNaN { remember(exemplar, in: &state) }
    }
  }

  private func record(_ value: Double, _ count: UInt64, in state: inout State) {
    state.native.observe(value, count: count)
    state.count += count
    state.sum += count == 1 ? value : value * Double(count)
    state.updates &+= 1
    if let bounds { state.classic[bounds.bucket(of: value)] &+= count }
  }

  /// Begins anew, with this observation alone, if enough time has passed.
  @discardableResult
  private func resetIfDue(_ state: inout State, _ value: Double, _ count: UInt64) -> Bool {
    guard let interval = bucketing.minimumResetInterval else { return false }
    let now = context.clock.uptime()
    guard now - state.began >= interval else { return false }
    state.native = NativeDistribution(bucketing)
    state.classic = Array(repeating: 0, count: state.classic.count)
    state.count = 0
    state.sum = 0
    state.created = context.clock.now()
    state.began = now
    state.isReduced = false
    record(value, count, in: &state)
    return true
  }

  private func remember(_ exemplar: Exemplar, in state: inout State) {
    if state.exemplars.count == Self.maximumExemplars { state.exemplars.removeFirst() }
    state.exemplars.append(exemplar)
    guard let bounds else { return }
    if state.bucketExemplars.isEmpty {
      state.bucketExemplars = Array(repeating: nil, count: bounds.count + 1)
    }
    state.bucketExemplars[bounds.bucket(of: exemplar.value)] = exemplar
  }

  private func sampledExemplar(_ value: Double) -> Exemplar? {
    guard isArmed.load(ordering: .relaxed) else { return nil }
    isArmed.store(false, ordering: .relaxed)
    switch context.sampleExemplar(value, after: state.withLock { $0.exemplars.last?.timestamp }) {
    case .exemplar(let exemplar): return exemplar
    case .tryNext:
      isArmed.store(true, ordering: .relaxed)
      return nil
    case .none: return nil
    }
  }

  func point() -> MetricPointValue {
    let state = state.withLock { $0 }
    let buckets = bounds?.cumulative(
      state.classic, exemplars: state.bucketExemplars.isEmpty ? nil : state.bucketExemplars)
    return .histogram(
      HistogramPoint(
        buckets: buckets ?? [], native: state.native.model, count: .integer(state.count),
        sum: .double(state.sum), created: state.created, exemplars: state.exemplars))
  }

  static func kind(
    bounds: BucketBounds?, bucketing: NativeBucketing, _ context: InstrumentContext
  ) -> InstrumentKind<SparseHistogram> {
    InstrumentKind(
      make: { SparseHistogram(bounds: bounds, bucketing: bucketing, context: context) },
      point: { $0.point() }, fingerprint: { $0.state.withLock { $0.updates } },
      arm: { $0.isArmed.store(true, ordering: .relaxed) }, options: .native(bucketing))
  }
}
