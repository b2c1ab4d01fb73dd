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
}
