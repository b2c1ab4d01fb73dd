/// Quantiles of a stream within an error that each of them sets for itself, in bounded memory; a pure value.
///
/// A few dozen samples do for most streams, but some orders, such as values that close in on one, make them more and
/// more. Where they are more than ``maximumSamples``, they stay as they are, and values that come later go to
/// ``CollapsingBuffers``: errors then are the objectives' and those of the buffers, at most 2^-11 of all values for each
/// time that their number doubles.
struct QuantileSketch: Sendable {
  /// Of 24 bytes each: enough for the strictest objective in an order that is not made to hurt, and never above 2^16.
  let maximumSamples: Int

  private(set) var targeted: TargetedSamples
  /// Values after there were too many samples.
  private(set) var later: CollapsingBuffers?
  private var buffer: [Double] = []

  init(_ objectives: [SummaryObjective]) {
    targeted = TargetedSamples(objectives)
    let strictest = objectives.map(\.error).min() ?? 1
    maximumSamples = Int(min(65_536, max(2048, 2 / strictest)))
  }

  private var bufferSize: Int { maximumSamples / 4 }

  /// - Parameter value: not NaN.
  mutating func insert(_ value: Double) {
    buffer.append(value)
    if buffer.count >= bufferSize { flush() }
  }

  mutating func removeAll() {
    targeted.removeAll()
    later = nil
    buffer.removeAll(keepingCapacity: true)
  }

  /// The value at this quantile; `nil` without values.
  mutating func query(_ quantile: Double) -> Double? {
    guard let later else {
      flush()
      return targeted.query(quantile)
    }
    var steps = targeted.rankSteps + later.rankSteps + buffer.map { RankStep(value: $0, rise: 1) }
    steps.sort { $0.value < $1.value }
    let rank = (quantile * (targeted.count + later.count + Double(buffer.count))).rounded(.up)
    var reached = 0.0
    for step in steps {
      reached += step.rise
      if reached >= rank { return step.value }
    }
    return steps.last?.value
  }

  private mutating func flush() {
    guard !buffer.isEmpty else { return }
    buffer.sort()
    if later == nil {
      targeted.insert(sorted: buffer)
      if targeted.samples.count > maximumSamples { later = CollapsingBuffers(size: bufferSize) }
    } else {
      later?.insert(sorted: buffer)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// How many more values there are up to one than up to the one before it, as far as that is known.
struct RankStep: Sendable {
  let value: Double
  let rise: Double
}
