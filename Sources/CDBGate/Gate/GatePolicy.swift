import CDBDomain

/// When one check is carried out. Nanoseconds.
public struct CheckTiming: Sendable, Hashable, Codable {
  /// How long a pass counts.
  public var validity: Int64
  /// The age at which a pass is renewed.
  public var renewal: Int64

  enum CodingKeys: String, CodingKey {
    case validity = "validity_ns"
    case renewal = "renewal_ns"
  }

  public init(validity: Int64, renewal: Int64) {
    self.validity = validity
    self.renewal = renewal
  }
}

/// When the gate checks, and what it may do without a person. Times in nanoseconds.
public struct GatePolicy: Sendable, Hashable {
  /// Whether five passes open it without anybody asking.
  public var opensByItself = true
  /// How long a pass counts, of a check without an own timing.
  public var validity: Int64 = 60_000_000_000
  /// The age at which a pass is renewed, of a check without an own timing.
  public var renewal: Int64 = 20_000_000_000
  /// The checks with a timing of their own.
  public var timings: [GateCheck: CheckTiming] = [:]
  /// The longest that a check may take; then it could not be carried out.
  public var checkDeadline: Int64 = 10_000_000_000
  /// From a failed verification to the next one; twice as long after each that fails again, up to ``longestRetry``.
  public var retryAfter: Int64 = 2_000_000_000
  public var longestRetry: Int64 = 10_000_000_000
  /// How long a cause must be gone before verification begins again.
  public var cooldown: Int64 = 3_000_000_000
  /// What only a person may open again after.
  public var needsPerson = alwaysNeedsPerson

  /// What no setting can take out: something was lost, was wrong, or could not be proved.
  public static let alwaysNeedsPerson: Set<ReasonCode> = [
    .flowImbalance, .fillOutOfBounds, .riskSelfTestFailed, .storeInconsistent, .stopUnverified,
  ]

  public init() {}

  public func timing(of check: GateCheck) -> CheckTiming {
    timings[check] ?? CheckTiming(validity: validity, renewal: renewal)
  }
}

/// What is wrong now, outside of the checks: a cause that trips the gate at once.
public struct GateCondition: Sendable, Hashable {
  public var reason: ReasonCode
  /// Where it was found; nil where the reason alone says that. Many reasons speak of any stage.
  public var layer: Layer?

  public init(reason: ReasonCode, layer: Layer? = nil) {
    self.reason = reason
    self.layer = layer
  }
}
