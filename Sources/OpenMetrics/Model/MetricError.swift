/// A refusal to declare, register or use a metric: always a mistake in code or configuration, never a crash.
public enum MetricError: Error, Sendable, Hashable {
  case invalidName(family: String, reason: String)
  case invalidLabelName(family: String, label: String)
  /// `le`, `quantile`, a name that begins with an underscore, or a state set's own name.
  case reservedLabel(family: String, label: String)
  /// The name begins with another character than an ASCII letter. Most readers get an underscore in its place, and
  /// names that begin with one are reserved (OpenMetrics 1.0, "Label").
  case reservedLabelWhenEscaped(family: String, label: String)
  /// Also for names that become one when they are escaped.
  case duplicateLabel(family: String, label: String)
  /// The unit must be the last part of the name, and info and state sets have none.
  case invalidUnit(family: String, unit: String)
  case invalidBuckets(family: String, reason: String)
  case invalidStates(family: String, reason: String)
  case typeMismatch(family: String, expected: MetricType, actual: MetricType)
  case labelMismatch(family: String, expected: [String], actual: [String])
  /// Two families would expose samples of the same name.
  case clash(new: String, existing: String, sample: String)
  /// The name is registered; what differs is in both texts: the instrument, how labels are given, a part of the
  /// declaration, or options.
  case declaredOtherwise(family: String, existing: String, new: String)
  case tooManyChildren(family: String, limit: Int)
  case exemplarTooLong(codePoints: Int)
}

extension MetricError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidName(let family, let reason):
      "metric name \"\(family)\" is invalid: \(reason)"
    case .invalidLabelName(let family, let label):
      "\(family): label name \"\(label)\" is empty"
    case .reservedLabel(let family, let label):
      "\(family): label name \"\(label)\" is reserved; choose another"
    case .reservedLabelWhenEscaped(let family, let label):
      "\(family): label name \"\(label)\" must begin with an ASCII letter: escaped, it begins with an underscore, "
        + "which is reserved"
    case .duplicateLabel(let family, let label):
      "\(family): label \"\(label)\" appears twice, or becomes another when it is escaped"
    case .invalidUnit(let family, let unit):
      "\(family): unit \"\(unit)\" must be the name's suffix after an underscore; info and stateset have none"
    case .invalidBuckets(let family, let reason):
      "\(family): invalid buckets: \(reason)"
    case .invalidStates(let family, let reason):
      "\(family): invalid states: \(reason)"
    case .typeMismatch(let family, let expected, let actual):
      "\(family): declared as \(actual.rawValue) but used as \(expected.rawValue)"
    case .labelMismatch(let family, let expected, let actual):
      "\(family): expected the labels \(expected), got \(actual)"
    case .clash(let new, let existing, let sample):
      "metric \"\(new)\" clashes with the registered \"\(existing)\": both would expose \"\(sample)\""
    case .declaredOtherwise(let family, let existing, let new):
      "\(family): registered with \(existing), and now declared with \(new); declare it once, or twice the same"
    case .tooManyChildren(let family, let limit):
      "\(family): more than \(limit) label sets; use labels of bounded cardinality"
    case .exemplarTooLong(let codePoints):
      "exemplar labels have \(codePoints) code points; at most \(Exemplar.maximumCodePoints) are allowed"
    }
  }
}
