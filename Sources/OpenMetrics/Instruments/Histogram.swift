import CMetricArena
import Synchronization

/// A distribution over fixed buckets.
///
/// An observation stores to memory that only this thread writes: no lock, no locked instruction, no allocation, unless
/// it brings an exemplar. A snapshot is consistent: its sum belongs to exactly the observations its buckets count.
public final class Histogram: DurationObserver {
  /// The largest number of equal observations one call may record: what a double still counts exactly.
  public static let maximumCount: UInt64 = 1 << 53

  let context: InstrumentContext
  @usableFromInline let bounds: BucketBounds
  private let exemplars = AtomicLazyReference<BucketExemplars>()
  private let created: MetricTimestamp
  private let slot: UInt32
  /// Where the short way of an observation leads: the slot, or nowhere while some bucket may bring an exemplar.
  @usableFromInline let quick: Atomic<UInt32>
  /// A bit for each bucket that may bring an exemplar of its own accord; the last one is for all buckets from the 64th.
  private let armed: Atomic<UInt64>

  public var clock: any MetricClock { context.clock }

  init(bounds: BucketBounds, context: InstrumentContext) {
    self.context = context
    self.bounds = bounds
    created = context.clock.now()
    slot = metric_slots_allocate(bounds.runLength)
    armed = Atomic(context.samplesExemplars ? Self.bits(of: bounds) : 0)
    quick = Atomic(context.samplesExemplars ? METRIC_NO_SLOT : slot)
  }

  deinit { metric_slots_free(slot, bounds.runLength) }

  /// Records one observation; as ``observe(_:count:exemplar:)``.
  @inlinable
  public func observe(_ value: Double) {
    let bucket = UInt32(truncatingIfNeeded: bounds.bucket(of: value))
    if value.isNaN || !metric_run_add_known(quick.load(ordering: .relaxed), bucket, 1, value) {
      observeSlowly(value, bucket)
    }
  }

  /// Records `count` observations of `value`.
  ///
  /// NaN belongs to no bucket, so it is ignored and counted in ``RegistryStatistics/rejectedUpdates``, as is a count
  /// above ``maximumCount``, and one that would take what this thread has counted in the bucket beyond 2^63 - 1. Infinities are counted and make the sum infinite. The exemplar goes to the bucket of its
  /// own value.
  public func observe(_ value: Double, count: UInt64 = 1, exemplar: Exemplar? = nil) {
    guard !value.isNaN, count <= Self.maximumCount else { return context.statistics.rejectUpdate() }
    guard count > 0 else { return }
    let bucket = bounds.bucket(of: value)
    let sum = count == 1 ? value : value * Double(count)
    guard metric_run_add(slot, UInt32(truncatingIfNeeded: bucket), count, sum) else {
      return context.statistics.rejectUpdate()
    }
    if let exemplar {
      if !exemplar.value.isNaN { remember(exemplar, at: bounds.bucket(of: exemplar.value)) }
    } else if armed.load(ordering: .relaxed) & Self.bit(of: bucket) != 0 {
      sampleExemplar(value, bucket)
    }
  }

  /// NaN, the first observation of a thread, one that a reader holds up, or one that may bring an exemplar.
  @usableFromInline @inline(never)
  func observeSlowly(_ value: Double, _ bucket: UInt32) {
    if armed.load(ordering: .relaxed) != 0, !context.samplesExemplars { disarm(.max) }
    let isArmed = armed.load(ordering: .relaxed) & Self.bit(of: Int(bucket)) != 0
    if !isArmed, !value.isNaN, metric_run_add_known(slot, bucket, 1, value) { return }
    observe(value, count: 1)
  }

  func point() -> MetricPointValue {
    var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    var scratch = counts
    let sum = metric_run_read(slot, UInt32(clamping: counts.count), &counts, &scratch)
    let buckets = bounds.cumulative(counts, exemplars: exemplars.load()?.all)
    return .histogram(HistogramPoint(buckets: buckets, sum: .double(sum), created: created))
  }

  /// From the 64th on, buckets share a bit.
  private static func bit(of bucket: Int) -> UInt64 { 1 << UInt64(min(bucket, 63)) }

  private static func bits(of bounds: BucketBounds) -> UInt64 {
    bounds.count < 63 ? (1 << UInt64(bounds.count + 1)) - 1 : .max
  }

  private func remember(_ exemplar: Exemplar, at bucket: Int) {
    let store = exemplars.load() ?? exemplars.storeIfNil(BucketExemplars(count: bounds.count + 1))
    store.remember(exemplar, at: bucket)
  }

  private func sampleExemplar(_ value: Double, _ bucket: Int) {
    disarm(Self.bit(of: bucket))
    switch context.sampleExemplar(value, after: exemplars.load()?[bucket]?.timestamp) {
    case .exemplar(let exemplar): remember(exemplar, at: bucket)
    case .tryNext: arm(Self.bit(of: bucket))
    case .none: return
    }
  }

  private func disarm(_ bits: UInt64) {
    let left = armed.bitwiseAnd(~bits, ordering: .relaxed).newValue
    if left == 0 { quick.store(slot, ordering: .relaxed) }
  }

  private func arm(_ bits: UInt64) {
    armed.bitwiseOr(bits, ordering: .relaxed)
    quick.store(METRIC_NO_SLOT, ordering: .relaxed)
  }
}

extension Histogram {
  static func kind(bounds: BucketBounds, _ context: InstrumentContext) -> InstrumentKind<Histogram> {
    InstrumentKind(
      make: { Histogram(bounds: bounds, context: context) }, point: { $0.point() },
      fingerprint: { metric_sum($0.slot) }, arm: { $0.arm(bits(of: bounds)) })
  }
}
