import OpenMetrics

/// A metric of swift-metrics that cannot be exposed beside those that are there already. Its updates are dropped and
/// counted.
public struct MetricMismatch: Error, Sendable, Hashable {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// No valid name, even by the rule for names.
    case invalidName = "invalid_name"
    /// A dimension's name is not valid, or two are the same by the rule for names.
    case invalidLabels = "invalid_labels"
    /// The first metric of this name had other dimensions.
    case otherLabels = "other_labels"
    /// The first metric of this name was of another kind.
    case otherKind = "other_kind"
    /// Other code has registered a metric of this name, or one with samples of this name.
    case nameTaken = "name_taken"
    /// The configured bounds are not finite or do not ascend.
    case invalidBuckets = "invalid_buckets"
    /// The family has as many label sets as its registry allows.
    case tooManyLabelSets = "too_many_label_sets"
  }

  public let reason: Reason
  /// As swift-metrics' user wrote it.
  public let label: String
  /// The names of the dimensions, as swift-metrics' user wrote them. Their values may be anyone's.
  public let dimensions: [String]
  /// What was expected.
  public let explanation: String
}

extension MetricMismatch: CustomStringConvertible {
  public var description: String {
    "the metric \"\(label)\" with the dimensions \(dimensions) is dropped: \(explanation)"
  }
}

extension MetricMismatch {
  init(_ reason: Reason, _ request: MetricRequest, _ explanation: String) {
    self.init(
      reason: reason, label: request.label, dimensions: request.dimensions.map(\.name),
      explanation: explanation)
  }

  init(_ error: MetricError, _ request: MetricRequest) {
    let reason: Reason =
      switch error {
      case .invalidLabelName, .reservedLabel, .reservedLabelWhenEscaped, .duplicateLabel: .invalidLabels
      case .labelMismatch: .otherLabels
      case .typeMismatch: .otherKind
      case .clash, .declaredOtherwise: .nameTaken
      case .invalidBuckets: .invalidBuckets
      case .tooManyChildren: .tooManyLabelSets
      default: .invalidName
      }
    self.init(reason, request, error.description)
  }
}
