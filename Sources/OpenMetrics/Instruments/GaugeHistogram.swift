import Synchronization

/// A distribution of what is there now, such as the ages of the jobs in a queue: counts go up and down.
///
/// An update takes a lock.
public final class GaugeHistogram: Instrument {
  private let bounds: BucketBounds
  private let context: InstrumentContext
  private let state: Mutex<State>

  private struct State: Sendable {
    var counts: [UInt64]
    /// Infinities are kept apart: taken away again, they would leave no number.
    var finiteSum = 0.0
    var infinities = 0
    var negativeInfinities = 0
    var updates: UInt64 = 0

    var sum: Double {
      switch (infinities > 0, negativeInfinities > 0) {
      case (false, false): finiteSum
      case (true, false): .infinity
      case (false, true): -.infinity
      case (true, true): .nan
      }
    }

    /// - Parameter sign: 1 when it came, -1 when it went.
    mutating func addToSum(_ value: Double, sign: Int) {
      if value.isFinite {
        finiteSum += Double(sign) * value
      } else if value > 0 {
        infinities = max(0, infinities + sign)
      } else {
        negativeInfinities = max(0, negativeInfinities + sign)
      }
    }

    mutating func setSum(_ value: Double) {
      finiteSum = 0
      infinities = 0
      negativeInfinities = 0
      addToSum(value, sign: 1)
    }
  }

  init(bounds: BucketBounds, context: InstrumentContext) {
    self.bounds = bounds
    self.context = context
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  /// Replaces the whole distribution.
  ///
  /// - Parameters:
  ///   - counts: of each bucket by itself, the one for +Inf last; of another length they are ignored, and that is
  ///     counted in ``RegistryStatistics/rejectedUpdates``, as is a sum that is not a number.
  ///   - sum: of all values.
  public func set(counts: [UInt64], sum: Double) {
    guard counts.count == bounds.count + 1, !sum.isNaN else { return context.statistics.rejectUpdate() }
    state.withLock {
      $0.counts = counts
      $0.setSum(sum)
      $0.updates &+= 1
    }
  }

  /// Replaces the distribution by that of these values; NaN is left out and counted as rejected.
  public func set(values: some Sequence<Double>) {
    var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    var sum = 0.0
    for value in values {
      if value.isNaN {
        context.statistics.rejectUpdate()
      } else {
        counts[bounds.bucket(of: value)] += 1
        sum += value
      }
    }
    set(counts: counts, sum: sum)
  }

  /// Something of this value came. NaN is ignored and counted as rejected.
  public func add(_ value: Double) { move(from: nil, to: value) }

  /// Something of this value went. Ignored and counted as rejected where the value's bucket is empty.
  public func remove(_ value: Double) { move(from: value, to: nil) }

  /// Something of the one value has the other now. Ignored and counted as rejected where the old value's bucket is
  /// empty, and for NaN.
  public func move(from old: Double, to new: Double) { move(from: .some(old), to: .some(new)) }

  private func move(from old: Double?, to new: Double?) {
    guard old?.isNaN != true, new?.isNaN != true else { return context.statistics.rejectUpdate() }
    let isDone = state.withLock { state in
      if let old {
        let bucket = bounds.bucket(of: old)
        guard state.counts[bucket] > 0 else { return false }
        state.counts[bucket] -= 1
        state.addToSum(old, sign: -1)
      }
      if let new {
        state.counts[bounds.bucket(of: new)] &+= 1
        state.addToSum(new, sign: 1)
      }
      // Nothing that is left sums up to nothing, whatever roundings and infinities left behind.
      if state.counts.allSatisfy({ $0 == 0 }) { state.setSum(0) }
      state.updates &+= 1
      return true
    }
    if !isDone { context.statistics.rejectUpdate() }
  }

  func point() -> MetricPointValue {
    let state = state.withLock { $0 }
    return .gaugeHistogram(HistogramPoint(buckets: bounds.cumulative(state.counts), sum: .double(state.sum)))
  }

  static func kind(bounds: BucketBounds, _ context: InstrumentContext) -> InstrumentKind<GaugeHistogram> {
    InstrumentKind(
      make: { GaugeHistogram(bounds: bounds, context: context) }, point: { $0.point() },
      fingerprint: { $0.state.withLock { $0.updates } })
  }
}
