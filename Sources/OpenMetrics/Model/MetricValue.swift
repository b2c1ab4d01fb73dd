/// A sample's number: an integer stays an integer, exact to 64 bits, and everything else is a double.
///
/// Source: OpenMetrics 1.0, "Values".
public enum MetricValue: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  case integer(UInt64)
  case double(Double)

  public init(integerLiteral value: UInt64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }

  public var doubleValue: Double {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    }
  }

  /// The value as a count, when it is a whole number of 0 ... 2^64-1.
  public var count: UInt64? {
    switch self {
    case .integer(let value): value
    case .double(let value): UInt64(exactly: value)
    }
  }

  /// Whether the value is a number that is not negative, as every count is.
  var isCount: Bool {
    switch self {
    case .integer: true
    case .double(let value): value >= 0
    }
  }

  /// By value, and exact where both are integers; false where either is NaN.
  static func isLess(_ left: MetricValue, _ right: MetricValue) -> Bool {
    if case .integer(let left) = left, case .integer(let right) = right { return left < right }
    return left.doubleValue < right.doubleValue
  }

  /// By value, so that 3 and 3.0 are the same.
  static func isSame(_ left: MetricValue, _ right: MetricValue) -> Bool {
    if case .integer(let left) = left, case .integer(let right) = right { return left == right }
    return left.doubleValue == right.doubleValue
  }
}
