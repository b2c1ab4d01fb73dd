/// What a metric of good manners keeps, beyond what the formats demand.
///
/// Source: Prometheus, "Metric and label naming" (docs/practices/naming), and the checks of `promtool check metrics`.
public enum LintRule: String, Sendable, Hashable, CaseIterable {
  /// Every family says what it counts.
  case helpMissing = "no help text"
  /// Seconds and bytes, not their multiples; ratios, not percentages.
  case notBaseUnit = "not a base unit"
  /// `_seconds`, not `_ms`.
  case abbreviatedUnit = "abbreviated unit"
  /// A counter's samples end in `_total`.
  case counterWithoutTotal = "a counter whose samples lack _total"
  /// The family of a counter is named without `_total`, or its samples would end in `_total_total`.
  case counterNamedTotal = "a counter's family named with _total"
  /// Nothing but a counter ends in `_total`.
  case totalOfNoCounter = "_total on a metric that is no counter"
  /// Points in time do not add up: nothing but a gauge ends in `_timestamp_seconds`.
  case timestampOfNoGauge = "_timestamp_seconds on a metric that is no gauge"
  /// `_bucket`, `_count` and `_sum` are how distributions name their samples.
  case reservedSuffix = "a suffix of histograms and summaries"
  /// `le` is for histograms, `quantile` for summaries.
  case reservedLabel = "a label of histograms or summaries"
  /// The type may change, and names must not.
  case typeInName = "the type in the name"
  /// Colons are for the names of recording rules.
  case colonInName = "a colon in the name"
  case camelCaseName = "a name in camel case"
  case camelCaseLabel = "a label in camel case"
  /// Two metrics of a family have the same labels.
  case duplicateMetric = "two metrics with the same labels"
}

/// A rule that a family breaks.
public struct LintFinding: Sendable, Hashable, CustomStringConvertible {
  public let family: String
  public let rule: LintRule
  /// What is wrong and what would be right.
  public let text: String

  public init(family: String, rule: LintRule, text: String) {
    self.family = family
    self.rule = rule
    self.text = text
  }

  public var description: String { "\(family): \(text)" }
}
