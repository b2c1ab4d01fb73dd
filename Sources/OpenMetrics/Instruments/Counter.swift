import CMetricArena
import Synchronization

/// A count that only grows.
///
/// An increment stores to memory that only this thread writes: no lock, no locked instruction, no allocation, unless it
/// brings an exemplar. Whole increments are kept in 64 bits apart from fractions, so that a large count never loses
/// a one.
public final class Counter: Instrument {
  private let family: CounterFamilyState
  private let exemplar = AtomicLazyReference<CounterExemplar>()
  fileprivate let created: MetricTimestamp
  fileprivate let slot: UInt32
  /// Where the short way of an increment leads: the slot, or nowhere while the next update may bring an exemplar of its
  /// own accord.
  @usableFromInline let quick: Atomic<UInt32>
  /// The slot of fractions, once there are some.
  private let fraction = Atomic<UInt32>(METRIC_NO_SLOT)

  init(family: CounterFamilyState) {
    self.family = family
    let context = family.context
    created = context.clock.now()
    slot = metric_slots_allocate(1)
    quick = Atomic(context.samplesExemplars ? METRIC_NO_SLOT : slot)
  }

  deinit {
    metric_slots_free(slot, 1)
    metric_slots_free(fraction.load(ordering: .relaxed), 1)
  }

  /// Adds one.
  @inlinable
  public func increment() { increment(by: UInt64(1)) }

  /// Adds `amount`, which may be 0.
  ///
  /// An amount of 2^32 or more that would take what this thread has counted beyond 2^63 - 1 is ignored and counted in
  /// ``RegistryStatistics/rejectedUpdates``: the count would go round.
  @inlinable
  public func increment(by amount: UInt64) {
    // No slot is beyond all cells of every thread, so one comparison finds all that takes longer.
    if amount >> 32 != 0 || !metric_add_known(quick.load(ordering: .relaxed), amount) {
      incrementSlowly(amount)
    }
  }

  /// Adds `amount` and keeps what it belongs to.
  ///
  /// - Parameters:
  ///   - amount: may be 0.
  ///   - exemplar: replaces the one before, even if it is older; `nil` leaves that.
  public func increment(by amount: UInt64 = 1, exemplar: Exemplar?) {
    guard add(amount) else { return }
    if let exemplar { remember(exemplar) }
  }

  /// A negative amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Int, exemplar: Exemplar? = nil) {
    guard let amount = UInt64(exactly: amount) else { return family.context.statistics.rejectUpdate() }
    increment(by: amount)
    if let exemplar { remember(exemplar) }
  }

  /// A negative, infinite or NaN amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Double, exemplar: Exemplar? = nil) {
    guard amount >= 0, amount.isFinite else { return family.context.statistics.rejectUpdate() }
    // Larger ones are no more exact as integers, and would go round at 2^64.
    if amount < 0x1p53, let exact = UInt64(exactly: amount) {
      guard add(exact) else { return }
    } else {
      metric_add_double(fractionSlot(), amount)
    }
    if let exemplar {
      remember(exemplar)
    } else if isArmed {
      sampleExemplar(amount)
    }
  }

  public var value: MetricValue { value(whole: metric_sum(slot)) }

  private func value(whole: UInt64) -> MetricValue {
    let slot = fraction.load(ordering: .acquiring)
    if slot == METRIC_NO_SLOT { return .integer(whole) }
    let fraction = metric_sum_double(slot)
    return fraction == 0 ? .integer(whole) : .double(Double(whole) + fraction)
  }

  private func fractionSlot() -> UInt32 {
    let known = fraction.load(ordering: .acquiring)
    if known != METRIC_NO_SLOT { return known }
    let new = metric_slots_allocate(1)
    let (exchanged, winner) = fraction.compareExchange(
      expected: METRIC_NO_SLOT, desired: new, ordering: .acquiringAndReleasing)
    if exchanged {
      family.hasRarities.store(true, ordering: .relaxed)
      return new
    }
    metric_slots_free(new, 1)
    return winner
  }

  private var lastExemplar: Exemplar? { exemplar.load()?.last }

  private func remember(_ new: Exemplar) {
    (exemplar.load() ?? exemplar.storeIfNil(CounterExemplar())).last = new
    family.hasRarities.store(true, ordering: .relaxed)
  }

  /// False, and counted as rejected, where the cell could go round.
  private func add(_ amount: UInt64) -> Bool {
    let isAdded = metric_add_bounded(slot, amount)
    if !isAdded { family.context.statistics.rejectUpdate() }
    return isAdded
  }

  /// The first increment of a thread, a very large one, or one that may bring an exemplar.
  @usableFromInline @inline(never)
  func incrementSlowly(_ amount: UInt64) {
    guard add(amount) else { return }
    if isArmed { sampleExemplar(Double(amount)) }
  }

  private var isArmed: Bool { quick.load(ordering: .relaxed) != slot }

  private func arm() { quick.store(METRIC_NO_SLOT, ordering: .relaxed) }

  private func sampleExemplar(_ value: Double) {
    quick.store(slot, ordering: .relaxed)
    switch family.context.sampleExemplar(value, after: lastExemplar?.timestamp) {
    case .exemplar(let exemplar): remember(exemplar)
    case .tryNext: arm()
    case .none: return
    }
  }
}

extension Counter {
  static func kind(_ context: InstrumentContext) -> InstrumentKind<Counter> {
    let family = CounterFamilyState(context: context)
    return InstrumentKind(
      make: { Counter(family: family) },
      prepare: { CounterColumns($0) },
      read: { read($0, hasRarities: family.hasRarities.load(ordering: .relaxed)) },
      fingerprint: { $0.fingerprint }, arm: { $0.arm() })
  }

  /// All sums in one go over the arenas. No counter is touched, unless some have fractions or exemplars.
  private static func read(_ columns: ChildColumns<Counter>, hasRarities: Bool) -> MetricList {
    let count = columns.children.count
    let fixed = columns.prepared as? CounterColumns ?? CounterColumns(columns.children)
    let values = [MetricValue](unsafeUninitializedCapacity: count) { values, initialized in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: batch) { totals in
        guard let start = totals.baseAddress else { return }
        for first in stride(from: 0, to: count, by: batch) {
          let length = min(batch, count - first)
          fixed.slots.withUnsafeBufferPointer { slots in
            if let slots = slots.baseAddress { metric_sums(slots + first, start, length) }
          }
          for position in 0..<length {
            values.initializeElement(at: first + position, to: .integer(totals[position]))
          }
        }
      }
      initialized = count
    }
    guard hasRarities else {
      return MetricList(
        counters: ScalarColumns(labels: columns.labels, values: values, created: fixed.created))
    }
    return read(columns, fixed, wholes: values)
  }

  private static let batch = 1024

  private static func read(
    _ columns: ChildColumns<Counter>, _ fixed: CounterColumns, wholes: [MetricValue]
  ) -> MetricList {
    var values = wholes
    var exemplars: [Int: Exemplar] = [:]
    for (position, counter) in columns.children.enumerated() {
      if case .integer(let whole) = values[position] { values[position] = counter.value(whole: whole) }
      if let exemplar = counter.lastExemplar { exemplars[position] = exemplar }
    }
    return MetricList(
      counters: ScalarColumns(
        labels: columns.labels, values: values, created: fixed.created, exemplars: exemplars))
  }

  private var fingerprint: UInt64 {
    let slot = fraction.load(ordering: .acquiring)
    return metric_sum(self.slot) &+ (slot == METRIC_NO_SLOT ? 0 : metric_sum_double(slot).bitPattern)
  }
}

/// What all counters of a family share.
final class CounterFamilyState: Sendable {
  let context: InstrumentContext
  /// Whether any of them has a fraction or an exemplar.
  let hasRarities = Atomic<Bool>(false)

  init(context: InstrumentContext) { self.context = context }
}

/// What of a family's counters does not change.
private struct CounterColumns: Sendable {
  let slots: [UInt32]
  let created: [MetricTimestamp]

  init(_ counters: [Counter]) {
    slots = counters.map(\.slot)
    created = counters.map(\.created)
  }
}

/// The last exemplar of the few counters that have one.
private final class CounterExemplar: Sendable {
  private let current = Mutex<Exemplar?>(nil)

  var last: Exemplar? {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
