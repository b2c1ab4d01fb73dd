/// A parsed PromQL expression: what of it a check of names, labels and values needs.
indirect enum PromQLExpression: Sendable, Hashable {
  /// A number, a duration or a variable in their place.
  case scalar
  case text(String)
  case selector(PromQLSelector)
  case call(PromQLCall)
  case aggregation(PromQLAggregation)
  case binary(PromQLBinary)
  /// `x[1h:5m]`.
  case subquery(PromQLExpression)
}

/// `name{label="value"}[5m] offset 1h`.
struct PromQLSelector: Sendable, Hashable {
  /// Nil where only matchers say which.
  var name: PromQLWord?
  var matchers: [PromQLMatcher]
  var hasRange = false
  var hasOffset = false
  /// The offset of its first byte in the text.
  var offset: Int
}

/// A name or a value and where it stands.
struct PromQLWord: Sendable, Hashable {
  var text: String
  var offset: Int
  /// Whether a variable is in it, so that nobody knows what it will be.
  var isVariable = false
}

struct PromQLMatcher: Sendable, Hashable {
  enum Operation: String, Sendable, Hashable {
    case equal = "="
    case notEqual = "!="
    case matches = "=~"
    case matchesNot = "!~"
  }

  var label: PromQLWord
  var operation: Operation
  var value: PromQLWord
}

struct PromQLCall: Sendable, Hashable {
  var function: PromQLWord
  var arguments: [PromQLExpression]
}

struct PromQLAggregation: Sendable, Hashable {
  enum Grouping: String, Sendable, Hashable {
    case by, without
  }

  var operation: PromQLWord
  /// Nil where everything becomes one.
  var grouping: Grouping?
  var labels: [PromQLWord]
  /// Of `topk`, `quantile` and the like.
  var parameter: PromQLExpression?
  var operand: PromQLExpression
}

struct PromQLBinary: Sendable, Hashable {
  enum Matching: String, Sendable, Hashable {
    case on, ignoring
  }

  enum Side: Sendable, Hashable {
    case left, right
  }

  var operation: String
  var left: PromQLExpression
  var right: PromQLExpression
  var matching: Matching?
  var labels: [PromQLWord]
  /// The side that may have many for one of the other.
  var many: Side?
  /// Labels that the side of the one lends.
  var borrowed: [PromQLWord]

  var isSetOperation: Bool { ["and", "or", "unless"].contains(operation) }
}
