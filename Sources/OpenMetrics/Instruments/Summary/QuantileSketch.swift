/// Quantiles of a stream within an error that each of them sets for itself, in little memory for values in no
/// particular order; a pure value. For values that only fall, or that close in on one value, the samples kept can grow to
/// a few hundredths of all values, or to half of them for objectives far below the median.
///
/// Source: Cormode, Korn, Muthukrishnan, Srivastava, "Effective Computation of Biased Quantiles over Data Streams",
/// ICDE 2005, with targeted quantiles.
struct QuantileSketch: Sendable {
  private struct Sample: Sendable {
    let value: Double
    /// How many values this one stands for: all from the sample before to itself.
    var weight: Double
    /// How uncertain its rank is.
    let spread: Double
  }

  private static let bufferSize = 500

  private let objectives: [SummaryObjective]
  private var samples: [Sample] = []
  private var count = 0.0
  private var buffer: [Double] = []

  init(_ objectives: [SummaryObjective]) { self.objectives = objectives }

  /// - Parameter value: not NaN.
  mutating func insert(_ value: Double) {
    buffer.append(value)
    if buffer.count >= Self.bufferSize { flush() }
  }

  mutating func removeAll() {
    samples.removeAll(keepingCapacity: true)
    buffer.removeAll(keepingCapacity: true)
    count = 0
  }

  /// The value at this quantile; `nil` without values.
  mutating func query(_ quantile: Double) -> Double? {
    flush()
    guard let first = samples.first else { return nil }
    var rank = (quantile * count).rounded(.up)
    rank += tolerance(rank) / 2
    var before = 0.0
    var previous = first
    for sample in samples.dropFirst() {
      before += previous.weight
      if before + sample.weight + sample.spread > rank { return previous.value }
      previous = sample
    }
    return previous.value
  }

  /// Of the error that an objective allows: joining takes the tolerance at the lower end of what it joins, where it can
  /// be a quarter larger than at the upper end.
  private static let share = 0.75

  /// How far a rank may be off: as far as the strictest of the objectives allows.
  private func tolerance(_ rank: Double) -> Double {
    var least = Double.infinity
    for objective in objectives {
      let quantile = objective.quantile
      let allowed =
        rank >= quantile * count && quantile > 0
        ? 2 * Self.share * objective.error * rank / quantile
        : 2 * Self.share * objective.error * (count - rank) / max(1 - quantile, 1e-9)
      least = min(least, allowed)
    }
    return least
  }

  private mutating func flush() {
    guard !buffer.isEmpty else { return }
    buffer.sort()
    var merged: [Sample] = []
    merged.reserveCapacity(samples.count + buffer.count)
    var rank = 0.0
    var position = 0
    for value in buffer {
      while position < samples.count, samples[position].value <= value {
        rank += samples[position].weight
        merged.append(samples[position])
        position += 1
      }
      let isInside = !merged.isEmpty && position < samples.count
      let spread = isInside ? max(0, tolerance(rank).rounded(.down) - 1) : 0
      merged.append(Sample(value: value, weight: 1, spread: spread))
      rank += 1
      count += 1
    }
    merged += samples[position...]
    buffer.removeAll(keepingCapacity: true)
    samples = merged
    compress()
  }

  /// Joins neighbours that together are still certain enough.
  private mutating func compress() {
    guard samples.count > 2 else { return }
    var kept: [Sample] = []
    kept.reserveCapacity(samples.count)
    var last = samples[samples.count - 1]
    var rank = count - last.weight
    for index in stride(from: samples.count - 2, through: 0, by: -1) {
      let sample = samples[index]
      rank -= sample.weight
      // The least value is kept as it is.
      if index > 0, sample.weight + last.weight + last.spread <= tolerance(rank) {
        last.weight += sample.weight
      } else {
        kept.append(last)
        last = sample
      }
    }
    kept.append(last)
    samples = kept.reversed()
  }
}
