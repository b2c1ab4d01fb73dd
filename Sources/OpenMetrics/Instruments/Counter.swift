import CMetricArena
import Synchronization

/// A count that only grows.
///
/// An increment stores to memory that only this thread writes: no lock, no locked instruction, no allocation, unless it
/// brings an exemplar. Whole increments are kept in 64 bits apart from fractions, so that a large count never loses
/// a one.
public final class Counter: Instrument {
  private let context: InstrumentContext
  private let rarities = AtomicLazyReference<CounterRarities>()
  private let created: MetricTimestamp
  private let slot: UInt32
  private let isArmed: Atomic<Bool>

  init(context: InstrumentContext) {
    self.context = context
    created = context.clock.now()
    slot = metric_slots_allocate(1)
    isArmed = Atomic(context.samplesExemplars)
  }

  deinit { metric_slots_free(slot, 1) }

  /// Adds one.
  public func increment() { increment(by: UInt64(1)) }

  public func increment(by amount: UInt64) {
    metric_add(slot, amount)
    if isArmed.load(ordering: .relaxed) { sampleExemplar(Double(amount)) }
  }

  /// - Parameter exemplar: replaces the one before, even if it is older; `nil` leaves that.
  public func increment(by amount: UInt64 = 1, exemplar: Exemplar?) {
    metric_add(slot, amount)
    if let exemplar { rare.remember(exemplar) }
  }

  /// A negative amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Int, exemplar: Exemplar? = nil) {
    guard let amount = UInt64(exactly: amount) else { return context.statistics.rejectUpdate() }
    increment(by: amount)
    if let exemplar { rare.remember(exemplar) }
  }

  /// A negative, infinite or NaN amount is ignored and counted in ``RegistryStatistics/rejectedUpdates``.
  public func increment(by amount: Double, exemplar: Exemplar? = nil) {
    guard amount >= 0, amount.isFinite else { return context.statistics.rejectUpdate() }
    if let exact = UInt64(exactly: amount) {
      metric_add(slot, exact)
    } else {
      metric_add_double(rare.fraction, amount)
    }
    if let exemplar {
      rare.remember(exemplar)
    } else if isArmed.load(ordering: .relaxed) {
      sampleExemplar(amount)
    }
  }

  public var value: MetricValue {
    let whole = metric_sum(slot)
    return rarities.load()?.value(whole: whole) ?? .integer(whole)
  }

  private var rare: CounterRarities { rarities.load() ?? rarities.storeIfNil(CounterRarities()) }

  private func sampleExemplar(_ value: Double) {
    guard context.isExemplarDue(after: rarities.load()?.exemplar?.timestamp) else {
      return isArmed.store(false, ordering: .relaxed)
    }
    guard let exemplar = context.sampleExemplar(value) else { return }
    rare.remember(exemplar)
    isArmed.store(false, ordering: .relaxed)
  }
}

extension Counter {
  static func kind(_ context: InstrumentContext) -> InstrumentKind<Counter> {
    InstrumentKind(
      make: { Counter(context: context) }, read: read, fingerprint: { $0.fingerprint },
      arm: { $0.isArmed.store(true, ordering: .relaxed) })
  }

  /// All sums in one go over the arenas.
  private static func read(_ columns: ChildColumns<Counter>) -> Metrics {
    let count = columns.children.count
    var slots: [UInt32] = []
    var created: [MetricTimestamp] = []
    var rare: [(Int, CounterRarities)] = []
    slots.reserveCapacity(count)
    created.reserveCapacity(count)
    for (position, counter) in columns.children.enumerated() {
      slots.append(counter.slot)
      created.append(counter.created)
      if let rarities = counter.rarities.load() { rare.append((position, rarities)) }
    }
    let totals = [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress { metric_sums(slots, start, count) }
      initialized = count
    }
    var values = totals.map { MetricValue.integer($0) }
    var exemplars: [Int: Exemplar] = [:]
    for (position, rarities) in rare {
      values[position] = rarities.value(whole: totals[position])
      exemplars[position] = rarities.exemplar
    }
    return Metrics(
      counters: ScalarColumns(labels: columns.labels, values: values, created: created, exemplars: exemplars))
  }

  private var fingerprint: UInt64 {
    guard let rare = rarities.load() else { return metric_sum(slot) }
    return metric_sum(slot) &+ metric_sum_double(rare.fraction).bitPattern
  }
}

/// What few counters need: fractions and an exemplar.
private final class CounterRarities: Sendable {
  let fraction = metric_slots_allocate(1)
  private let last = Mutex<Exemplar?>(nil)

  func value(whole: UInt64) -> MetricValue {
    let fraction = metric_sum_double(fraction)
    return fraction == 0 ? .integer(whole) : .double(Double(whole) + fraction)
  }

  var exemplar: Exemplar? { last.withLock { $0 } }

  func remember(_ exemplar: Exemplar) { last.withLock { $0 = exemplar } }

  deinit { metric_slots_free(fraction, 1) }
}
