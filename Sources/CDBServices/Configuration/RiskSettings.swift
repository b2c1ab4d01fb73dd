import CDBDomain
import ServiceRuntime

/// The limits of the risk layers, as settings.
enum RiskSettings {
  static let keys = [
    ConfigurationKey(
      "risk.order_notional", .string, default: "1000", help: "The notional that an order is sized to."),
    ConfigurationKey(
      "risk.maximum_daily_drawdown", .string, default: "0.05",
      help: "The largest loss since the UTC day began; beyond it nothing is bought."),
    ConfigurationKey(
      "risk.maximum_drawdown", .string, default: "0.2",
      help: "The largest fall of equity below its peak; beyond it nothing is traded."),
    ConfigurationKey(
      "risk.maximum_spread", .string, default: "0.005",
      help: "The widest spread to buy in, as a share of the price."),
    ConfigurationKey(
      "risk.maximum_slippage", .string, default: "0.002",
      help: "How much worse than its reference price a recent fill may be, before buying stops."),
    ConfigurationKey(
      "risk.slippage_window", .duration(.seconds(1) ... .seconds(86_400)), default: "5m",
      help: "How long a fill's slippage counts."),
    ConfigurationKey(
      "risk.maximum_data_age", .duration(.milliseconds(10) ... .seconds(86_400)), default: "10s",
      help: "The greatest age of market data to buy on, of the instrument and of all that is held."),
    ConfigurationKey(
      "risk.maximum_exposure", .string, default: "0.4",
      help: "The largest sum of positions, as a share of equity."),
    ConfigurationKey(
      "risk.maximum_position", .string, default: "0.25",
      help: "The largest position in an instrument, as a share of equity."),
    ConfigurationKey(
      "risk.maximum_order_rate", .int(1...10_000), default: "30",
      help: "The largest number of orders within risk.order_rate_window."),
    ConfigurationKey(
      "risk.order_rate_window", .duration(.seconds(1) ... .seconds(86_400)), default: "1m",
      help: "The time in which orders are counted."),
    ConfigurationKey(
      "risk.stop_loss", .string, default: "0.03",
      help: "The largest loss of a position against its cost; beyond it the position is sold."),
    ConfigurationKey(
      "risk.hysteresis", .string, default: "0.1",
      help: "How far below its limit a figure must fall before a tripped layer lets orders pass again."),
    ConfigurationKey(
      "risk.self_test_interval", .duration(.seconds(1) ... .seconds(3_600)), default: "10s",
      help: "Event time between two self-tests of the layers."),
  ]
}

extension RiskLimits {
  /// The limits, from the effective configuration. A limit where no figure ever comes is refused: it would be a
  /// layer that is off and looks as if it were on.
  init(_ settings: EffectiveConfiguration) throws {
    self.init()
    orderNotional = try settings.money("risk.order_notional")
    maximumDailyDrawdown = try settings.ratio("risk.maximum_daily_drawdown", below: .one)
    maximumDrawdown = try settings.ratio("risk.maximum_drawdown", below: .one)
    // Bid and ask are twice their middle apart at most.
    maximumSpread = try settings.ratio("risk.maximum_spread", below: Ratio(count: 2))
    maximumSlippage = try settings.ratio("risk.maximum_slippage", below: .one)
    slippageWindow = settings.duration("risk.slippage_window").nanoseconds
    maximumDataAge = settings.duration("risk.maximum_data_age").nanoseconds
    maximumExposure = try settings.ratio("risk.maximum_exposure")
    maximumPosition = try settings.ratio("risk.maximum_position")
    maximumOrderRate = Int64(settings.int("risk.maximum_order_rate"))
    orderRateWindow = settings.duration("risk.order_rate_window").nanoseconds
    stopLoss = try settings.ratio("risk.stop_loss", below: .one)
    hysteresis = try settings.ratio("risk.hysteresis", below: .one)
    selfTestInterval = settings.duration("risk.self_test_interval").nanoseconds
  }
}

extension PipelineConfiguration {
  /// What is allowed and will hardly be meant, a sentence each.
  var warnings: [String] {
    func text(_ ratio: Ratio) -> String { DecimalText.render(ratio.mantissa, scale: Ratio.scale) }
    return risk.snares(equity: account.startingCash).map { snare in
      let key = snare.layer == .exposure ? "risk.maximum_exposure" : "risk.maximum_position"
      return
        "\(key) is \(text(snare.bound.limit)) and, once tripped, lets go at \(text(snare.bound.release)), where not even "
        + "a single order comes: one is \(text(snare.order)) of account.starting_cash; set it to "
        + "\(text(snare.sufficientLimit)) or more, or lower risk.hysteresis or risk.order_notional"
    }
  }
}
