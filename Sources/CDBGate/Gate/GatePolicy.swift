import CDBDomain

/// When the gate checks, and what it may do without a person. Times in nanoseconds.
public struct GatePolicy: Sendable, Hashable {
  /// Whether five passes open it without anybody asking.
  public var opensByItself = true
  /// How long a pass counts.
  public var validity: Int64 = 60_000_000_000
  /// The age at which a pass is renewed.
  public var renewal: Int64 = 20_000_000_000
  /// The longest that a check may take; then it could not be carried out.
  public var checkDeadline: Int64 = 10_000_000_000
  /// From a failed verification to the next one; twice as long after each that fails again, up to ``longestRetry``.
  public var retryAfter: Int64 = 2_000_000_000
  public var longestRetry: Int64 = 10_000_000_000
  /// How long a cause must be gone before verification begins again.
  public var cooldown: Int64 = 3_000_000_000
  /// What only a person may open again after: something was lost, was wrong, or could not be proved.
  public var needsPerson: Set<ReasonCode> = [
    .flowImbalance, .fillOutOfBounds, .riskSelfTestFailed, .storeInconsistent, .stopUnverified,
  ]
  public init() {}
}

/// What is wrong now, outside of the checks: a cause that trips the gate at once.
public struct GateCondition: Sendable, Hashable {
  public var reason: ReasonCode
  public init(reason: ReasonCode) { self.reason = reason }
}
