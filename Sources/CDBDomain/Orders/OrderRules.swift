/// How an approved proposal is sent to the exchange.
public struct OrderRules: Sendable, Hashable, Codable {
  public enum Style: String, Sendable, Hashable, CaseIterable, Codable {
    /// Takes what there is, at once.
    case market
    /// Waits at the best price of its own side.
    case limit
  }

  public var style = Style.market
  /// How long an order of the style `limit` may rest before it is cancelled, nanoseconds of event time.
  public var patience: Int64 = 10_000_000_000
  public init() {}
}
