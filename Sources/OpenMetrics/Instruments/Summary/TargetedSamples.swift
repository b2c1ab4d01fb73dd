/// Samples of a stream, close to each other in rank where an objective wants to know more.
///
/// Source: Cormode, Korn, Muthukrishnan, Srivastava, "Effective Computation of Biased Quantiles over Data Streams",
/// ICDE 2005, with targeted quantiles.
struct TargetedSamples: Sendable {
  struct Sample: Sendable {
    let value: Double
    /// How many values this one stands for: all from the sample before to itself.
    var weight: Double
    /// How uncertain its rank is.
    let spread: Double
  }

  private let objectives: [SummaryObjective]
  private(set) var samples: [Sample] = []
  /// Of the values, all of which some sample stands for.
  private(set) var count = 0.0

  init(_ objectives: [SummaryObjective]) { self.objectives = objectives }

  mutating func removeAll() {
    samples.removeAll(keepingCapacity: true)
    count = 0
  }

  /// The value at this quantile; `nil` without values.
  func query(_ quantile: Double) -> Double? {
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

  /// The rank of any value, taken to be in the middle of where it can be. Values that come from now on make it no less
  /// certain where an objective looks: ``tolerance(_:)`` at a sample never shrinks.
  var rankSteps: [RankStep] {
    var before = 0.0
    return samples.indices.map { index in
      let sample = samples[index]
      let next = index + 1 < samples.count ? samples[index + 1] : nil
      let middle = next.map { ($0.weight + $0.spread - 1) / 2 } ?? 0
      let middleBefore = index > 0 ? (sample.weight + sample.spread - 1) / 2 : 0
      before += sample.weight
      return RankStep(value: sample.value, rise: sample.weight + middle - middleBefore)
    }
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

  /// - Parameter values: in order, without NaN.
  mutating func insert(sorted values: [Double]) {
    var merged: [Sample] = []
    merged.reserveCapacity(samples.count + values.count)
    var position = 0
    for value in values {
      while position < samples.count, samples[position].value <= value {
        merged.append(samples[position])
        position += 1
      }
      // As uncertain as the sample that it goes before, which stands for all between them. The least value and the
      // greatest are certain.
      let isInside = !merged.isEmpty && position < samples.count
      let spread = isInside ? samples[position].weight + samples[position].spread - 1 : 0
      merged.append(Sample(value: value, weight: 1, spread: spread))
    }
    merged += samples[position...]
    count += Double(values.count)
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
