/// A rule of the OpenMetrics data model; the raw value is a sentence for people.
public enum ModelRule: String, Sendable, Hashable {
  case invalidMetricName = "invalid metric name"
  case invalidLabelName = "invalid label name"
  case reservedName = "a leading underscore is reserved"
  case reservedLabel = "a label is reserved for the metric's type"
  case duplicateLabel = "duplicate label name"
  case unitNotSuffix = "the unit is not the suffix of the name"
  case unitNotAllowed = "info and stateset have no unit"
  case wrongPointType = "a point is not of its family's type"
  case duplicateMetric = "two metrics have the same labels"
  case noPoints = "a metric has no points"
  case timestampPresenceMixed = "points with and without timestamps"
  case timestampsNotIncreasing = "timestamps do not increase"
  case counterNaN = "a counter is NaN"
  case counterNegative = "a counter is negative"
  case countNegative = "a count is negative or not a number"
  case countNotInteger = "a count is not an integer of 0 ... 2^64-1"
  case noBuckets = "no buckets"
  case thresholdNaN = "a bucket threshold is NaN"
  case infinityBucketMissing = "the +Inf bucket is missing"
  case bucketsNotAscending = "bucket thresholds do not ascend"
  case bucketsNotCumulative = "bucket counts are not cumulative"
  case countMismatch = "the count is not the +Inf bucket's"
  case sumNaN = "a sum is NaN"
  case sumNegative = "a sum is negative"
  case sumWithNegativeThreshold = "a sum beside a negative threshold"
  case exemplarOutsideBucket = "an exemplar is outside its bucket"
  case nativeSchemaUnknown = "the schema is not one of -4 ... 8"
  case nativeZeroThresholdInvalid = "a zero threshold is negative or not finite"
  case nativeSpansInvalid = "the spans do not fit the buckets"
  case quantileOutOfRange = "a quantile is not in 0 ... 1"
  case duplicateQuantile = "duplicate quantile"
  case quantileValueNegative = "the value of a quantile is negative"
  case infoLabelOverlap = "an info label repeats a metric label"
  case duplicateState = "duplicate state"
  case emptyState = "a state has no name"
}

/// Which rule is broken, and where.
public struct ModelViolation: Error, Sendable, Hashable, CustomStringConvertible {
  public let rule: ModelRule
  /// The family, label set or number in question.
  public let subject: String

  init(_ rule: ModelRule, _ subject: String) {
    self.rule = rule
    self.subject = subject
  }

  public var description: String { "\(rule.rawValue): \(subject)" }
}
