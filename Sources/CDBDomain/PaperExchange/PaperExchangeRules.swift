/// How the paper exchange behaves.
public struct PaperExchangeRules: Sendable, Hashable {
  /// From the decision to the exchange.
  public var orderLatency = LatencyDistribution(
    minimum: 30_000_000, median: 40_000_000, percentile99: 150_000_000, maximum: 500_000_000)
  /// From the decision to take an order back to the exchange.
  public var cancelLatency = LatencyDistribution(
    minimum: 30_000_000, median: 40_000_000, percentile99: 150_000_000, maximum: 500_000_000)
  /// From the exchange back to the account.
  public var reportLatency = LatencyDistribution(
    minimum: 30_000_000, median: 35_000_000, percentile99: 100_000_000, maximum: 400_000_000)
  public var takerFee = Ratio(basisPoints: 10)
  public var makerFee = Ratio(basisPoints: 10)
  /// How far beyond the best price at the instant of execution a market order may be filled.
  public var maximumSlippage = Ratio(basisPoints: 20)
  public init() {}

  /// No result is ever reported sooner than this after the market data it came from, nanoseconds.
  public var smallestLatency: Int64 { reportLatency.smallest }

  /// When an order that is sent at `time` reaches the exchange.
  public func arrival(of order: EventID, sentAt time: EventTime) -> EventTime {
    time.advanced(by: orderLatency.sample(order, for: .order))
  }

  /// When a request to cancel that is sent at `time` reaches the exchange: it does not overtake its order,
  /// whose arrival is given while that has not been.
  public func arrival(ofCancel cancel: EventID, sentAt time: EventTime, after order: EventTime?) -> EventTime
  {
    let own = time.advanced(by: cancelLatency.sample(cancel, for: .cancel))
    return max(own, order ?? own)
  }

  /// When the account learns what happened to an order at `time`.
  public func report(on order: EventID, at time: EventTime) -> EventTime {
    time.advanced(by: reportLatency.sample(order, for: .report))
  }
}

extension PaperExchangeRules: Codable {
  private enum CodingKeys: String, CodingKey {
    case orderLatency, orderLatencyJitter, cancelLatency, reportLatency, takerFee, makerFee, maximumSlippage
  }

  /// Reads what earlier versions wrote too: a latency was a number then, and an order's had a jitter that was
  /// spread evenly. What they did not have is as they did it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    if let base = try? container.decode(Int64.self, forKey: .orderLatency) {
      let jitter = try container.decodeIfPresent(Int64.self, forKey: .orderLatencyJitter) ?? 0
      orderLatency = Self.even(from: base, jitter: jitter)
    } else {
      orderLatency = try container.decode(LatencyDistribution.self, forKey: .orderLatency)
    }
    if let constant = try? container.decode(Int64.self, forKey: .reportLatency) {
      reportLatency = LatencyDistribution(constant: constant)
    } else {
      reportLatency = try container.decode(LatencyDistribution.self, forKey: .reportLatency)
    }
    cancelLatency =
      try container.decodeIfPresent(LatencyDistribution.self, forKey: .cancelLatency) ?? orderLatency
    takerFee = try container.decode(Ratio.self, forKey: .takerFee)
    makerFee = try container.decode(Ratio.self, forKey: .makerFee)
    maximumSlippage = try container.decode(Ratio.self, forKey: .maximumSlippage)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(orderLatency, forKey: .orderLatency)
    try container.encode(cancelLatency, forKey: .cancelLatency)
    try container.encode(reportLatency, forKey: .reportLatency)
    try container.encode(takerFee, forKey: .takerFee)
    try container.encode(makerFee, forKey: .makerFee)
    try container.encode(maximumSlippage, forKey: .maximumSlippage)
  }

  private static func even(from base: Int64, jitter: Int64) -> LatencyDistribution {
    let base = max(LatencyDistribution.floor, base)
    func point(_ share: Int64) -> Int64 {
      EventTime(nanoseconds: base).advanced(
        by: Int64(truncatingIfNeeded: Int128(max(0, jitter)) * Int128(share) / 100)
      ).nanoseconds
    }
    return LatencyDistribution(
      minimum: base, median: point(50), percentile99: point(99), maximum: point(100))
  }
}
