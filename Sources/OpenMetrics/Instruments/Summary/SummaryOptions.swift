/// A quantile that a summary is to know, and how well.
public struct SummaryObjective: Sendable, Hashable {
  /// 0 ... 1
  public let quantile: Double
  /// How far the rank may be off, as a part of all observations: with a quantile of 0.95 and an error of 0.005 the
  /// answer lies between the true quantiles 0.945 and 0.955. More than 0, at most 1.
  ///
  /// Memory is bounded: should the values come in an order for which that does not do, such as closing in on one value
  /// for long, the error grows by up to 0.0005 for each time that their number doubles.
  public let error: Double

  public init(_ quantile: Double, error: Double) {
    self.quantile = quantile
    self.error = error
  }
}

/// What a summary tells beside count and sum.
public struct SummaryOptions: Sendable, Hashable {
  /// None means none: count and sum alone.
  public var objectives: [SummaryObjective]
  /// How long an observation counts for the quantiles, at most; 10 min by default.
  public var maximumAge: Duration = .seconds(600)
  /// In how many steps observations are forgotten; 1 ... 100, 5 by default.
  public var ageBuckets: Int = 5

  public init(
    objectives: [SummaryObjective] = [
      SummaryObjective(0.5, error: 0.05), SummaryObjective(0.9, error: 0.01),
      SummaryObjective(0.99, error: 0.001),
    ]
  ) {
    self.objectives = objectives
  }

  /// - Throws: ``MetricError/invalidBuckets(family:reason:)``
  func validate(family: String) throws(MetricError) {
    for objective in objectives
    where !(objective.quantile >= 0 && objective.quantile <= 1 && objective.error > 0 && objective.error <= 1)
    {
      throw .invalidBuckets(
        family: family, reason: "a quantile is in 0 ... 1, its error above 0 and at most 1")
    }
    guard Set(objectives.map(\.quantile)).count == objectives.count else {
      throw .invalidBuckets(family: family, reason: "a quantile is there twice")
    }
    guard maximumAge > .zero, (1...100).contains(ageBuckets) else {
      throw .invalidBuckets(family: family, reason: "observations age, in 1 to 100 steps")
    }
  }
}
