/// How the paper exchange behaves.
public struct PaperExchangeRules: Sendable, Hashable, Codable {
  /// The shortest time from the decision to the exchange, nanoseconds; at least one microsecond.
  public var orderLatency: Int64 = 30_000_000
  /// What is added to it by chance, 0 up to this, nanoseconds. The chance is the order's own id, so
  /// that the same order always waits the same time.
  public var orderLatencyJitter: Int64 = 20_000_000
  /// The time from the exchange back to the account, nanoseconds; at least one microsecond.
  public var reportLatency: Int64 = 30_000_000
  public var takerFee = Ratio(basisPoints: 10)
  public var makerFee = Ratio(basisPoints: 10)
  /// How far beyond the best price at the instant of execution a market order may be filled.
  public var maximumSlippage = Ratio(basisPoints: 20)
  public init() {}

  /// No result is ever reported sooner than this after the market data it came from, nanoseconds.
  public var smallestLatency: Int64 { max(1_000, reportLatency) }

  /// The time this order takes to the exchange.
  public func orderLatency(of order: EventID) -> Int64 {
    let base = max(1_000, orderLatency)
    guard orderLatencyJitter > 0 else { return base }
    // SplitMix64 over the id's parts.
    var state = order.sequence &+ UInt64(order.partition) << 48 &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 31
    let jitter = Int64(state % (UInt64(orderLatencyJitter) + 1))
    let (latency, overflow) = base.addingReportingOverflow(jitter)
    return overflow ? .max : latency
  }
}
