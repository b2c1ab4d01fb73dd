import CDBDomain
import ServiceRuntime

/// How orders are sent and how the paper exchange behaves, as settings.
enum ExchangeSettings {
  static let keys =
    [
      ConfigurationKey(
        "orders.style", .choice(OrderRules.Style.allCases.map(\.rawValue)),
        default: OrderRules.Style.market.rawValue,
        help: "How orders are sent: market takes at once, limit waits at the best price of its own side."),
      ConfigurationKey(
        "orders.patience", .duration(.milliseconds(1) ... .seconds(86_400)), default: "10s",
        help: "How long an order of the style limit may wait before it is cancelled, judged at ticks."),
    ]
    + latency(
      "exchange.order_latency", ["30ms", "40ms", "150ms", "500ms"], "from a decision to the paper exchange")
    + latency(
      "exchange.cancel_latency", ["30ms", "40ms", "150ms", "500ms"],
      "from a request to cancel to the paper exchange")
    + latency(
      "exchange.report_latency", ["30ms", "35ms", "100ms", "400ms"],
      "from the paper exchange back to the account")
    + [
      ConfigurationKey(
        "exchange.taker_fee", .string, default: "0.001", help: "The fee of an order that takes liquidity."),
      ConfigurationKey(
        "exchange.maker_fee", .string, default: "0.001", help: "The fee of an order that waited in the book."),
      ConfigurationKey(
        "exchange.maximum_slippage", .string, default: "0.002",
        help: "How far beyond the best price a market order may be filled."),
    ]

  /// The four points of a distribution, each a setting of its own.
  private static func latency(_ key: String, _ defaults: [String], _ what: String) -> [ConfigurationKey] {
    zip(points, defaults).map { point, value in
      ConfigurationKey(
        "\(key).\(point.name)", .duration(.microseconds(1) ... .seconds(60)), default: value,
        help: "The \(point.meaning) time \(what).")
    }
  }

  fileprivate static let points: [(name: String, meaning: String)] = [
    (name: "minimum", meaning: "shortest"), ("median", "median"),
    ("percentile99", "99th percentile of the"), ("maximum", "longest"),
  ]
}

extension OrderRules {
  init(_ settings: EffectiveConfiguration) {
    self.init()
    style = Style(rawValue: settings.string("orders.style")) ?? .market
    patience = settings.duration("orders.patience").nanoseconds
  }
}

extension PaperExchangeRules {
  init(_ settings: EffectiveConfiguration) throws {
    self.init()
    orderLatency = try settings.latency("exchange.order_latency")
    cancelLatency = try settings.latency("exchange.cancel_latency")
    reportLatency = try settings.latency("exchange.report_latency")
    takerFee = try settings.ratio("exchange.taker_fee")
    makerFee = try settings.ratio("exchange.maker_fee")
    maximumSlippage = try settings.ratio("exchange.maximum_slippage")
  }
}

extension EffectiveConfiguration {
  /// A distribution whose points are in order.
  fileprivate func latency(_ key: String) throws -> LatencyDistribution {
    let names = ExchangeSettings.points.map { "\(key).\($0.name)" }
    for (lower, upper) in zip(names, names.dropFirst()) where duration(lower) > duration(upper) {
      throw InvalidSetting(
        key: upper, value: DurationText.render(duration(upper)),
        expected: "at least \(lower), which is \(DurationText.render(duration(lower)))")
    }
    let points = names.map { duration($0).nanoseconds }
    return LatencyDistribution(
      minimum: points[0], median: points[1], percentile99: points[2], maximum: points[3])
  }
}
