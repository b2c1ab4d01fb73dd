/// One thing that does not fit together, and where.
public struct LintFinding: Sendable, Hashable, Codable {
  /// What kind of drift it is, for programs.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The text is no PromQL.
    case syntax
    /// Neither the catalogue, a scrape, a recording rule nor another exporter has the metric.
    case unknownMetric = "unknown_metric"
    /// The catalogue declares it, and the scrape does not have it.
    case notExported = "not_exported"
    case unknownLabel = "unknown_label"
    /// A value that the label cannot have.
    case unknownValue = "unknown_value"
    /// A counter that is looked at as if it were a gauge.
    case bareCounter = "bare_counter"
    /// A rate of what goes up and down.
    case rateOfGauge = "rate_of_gauge"
    /// `histogram_quantile` of buckets whose bounds are summed away.
    case quantileWithoutLe = "quantile_without_le"
    case noRunbook = "no_runbook"
    case unknownRunbook = "unknown_runbook"
    /// No test shows that the alert fires.
    case noFiringTest = "no_firing_test"
    /// No test shows that the alert keeps silent.
    case noSilentTest = "no_silent_test"
    /// A test of an alert that no rule has.
    case unknownAlert = "unknown_alert"
    /// The scrape has what the catalogue does not declare.
    case undeclared
  }

  public var file: String
  /// Counted from 1.
  public var line: Int
  public var kind: Kind
  public var message: String

  public init(file: String, line: Int, kind: Kind, message: String) {
    self.file = file
    self.line = line
    self.kind = kind
    self.message = message
  }
}

/// What cannot be linted at all: a file, a scrape, an argument.
public struct LintRefusal: Error, CustomStringConvertible {
  public var place: String
  public var reason: String
  public var description: String { "\(place): \(reason)" }

  public init(place: String, reason: String) {
    self.place = place
    self.reason = reason
  }
}
