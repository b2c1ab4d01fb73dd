import CDBDomain
import CDBPipeline
import Foundation
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("settings")
struct SettingsTests {
  private func settings(_ flags: [String: String] = [:]) throws -> EffectiveConfiguration {
    try CDBConfiguration.load(file: nil, environment: [:], flags: flags)
  }

  @Test("the simulated market is run in the profile demo, a recording in default")
  func profiles() throws {
    #expect(try PipelineConfiguration(settings()).profile == "demo")
    #expect(try PipelineConfiguration(settings(["feed.source": "replay:x"])).profile == "default")
    #expect(try PipelineConfiguration(settings(["profile": "default"])).profile == "default")
  }

  @Test("demo changes the strategy's defaults, and what is set explicitly stays")
  func demoDefaults() throws {
    let demo = try PipelineConfiguration(settings())
    let standard = try PipelineConfiguration(settings(["profile": "default"]))
    #expect(demo.momentum.window == 5_000_000_000)
    #expect(standard.momentum.window == 30_000_000_000)
    let explicit = try PipelineConfiguration(settings(["strategy.momentum.window": "7s"]))
    #expect(explicit.momentum.window == 7_000_000_000)
  }

  @Test(
    "a value of the right kind that makes no sense is refused by its key",
    arguments: [
      ("risk.maximum_exposure", "much"), ("risk.maximum_exposure", "-1"),
      ("exchange.taker_fee", "0.123456789"), ("exchange.maker_fee", "-0.1"),
      ("strategy.enabled", "momentum,luck"), ("strategy.enabled", "momentum,momentum"),
      ("strategy.ema_cross.slow", "20"), ("strategy.ema_cross.threshold", "0"),
      ("exchange.order_latency.median", "29ms"), ("exchange.cancel_latency.maximum", "149ms"),
      ("exchange.report_latency.maximum", "50ms"),
      ("account.starting_cash", "0"), ("strategy.momentum.threshold", "0"), ("feed.symbols", "BTC/USDT"),
      ("feed.symbols", "BTCUSDT,BTCUSDT"), ("feed.maximum_price_change", "1e3"),
      ("risk.maximum_spread", "2"), ("risk.stop_loss", "1"), ("risk.maximum_drawdown", "1"),
      ("risk.maximum_daily_drawdown", "-0.1"), ("risk.maximum_slippage", "1"), ("risk.hysteresis", "1"),
      ("account.name", "canary"), ("account.name", ""),
    ])
  func nonsense(key: String, value: String) throws {
    let effective = try settings([key: value])
    let error = #expect(throws: InvalidSetting.self) { try PipelineConfiguration(effective) }
    #expect(error?.key == key)
    #expect(error?.exitCode == 2)
  }

  @Test("where processes answer: several of those that may be several, each once, and one of the others")
  func addresses() throws {
    let standard = try ServicesSettings.addresses(settings())
    #expect(standard[.core]?.map { "\($0)" } == ["127.0.0.1:8001"] && standard.count == 5)
    let several = try ServicesSettings.addresses(settings(["services.core": "a:8001, b:8001,[::1]:1"]))
    #expect(several[.core]?.map { "\($0)" } == ["a:8001", "b:8001", "[::1]:1"])
    for (key, value) in [
      ("services.core", "a:1,"), ("services.core", "a:1,a:1"), ("services.core", "a"),
      ("services.core", "a:0"),
      ("services.core", ""), ("services.ws", "a:1,b:1"), ("services.db_writer", "a:1,b:1"),
    ] {
      let error = #expect(throws: InvalidSetting.self) {
        try ServicesSettings.addresses(settings([key: value]))
      }
      #expect(error?.key == key, "\(value)")
    }
  }

  @Test("a share of core is numbers and ranges of symbols that there are, and all unless it is set")
  func share() throws {
    #expect(try CoreSettings.share(settings(), of: 2) == nil)
    #expect(try CoreSettings.share(settings(["core.partitions": "1,0"]), of: 2)?.partitions == [0, 1])
    for value in ["a", "1-0", "2"] {
      let error = #expect(throws: InvalidSetting.self) {
        try CoreSettings.share(settings(["core.partitions": value]), of: 2)
      }
      #expect(error?.key == "core.partitions" && error?.exitCode == 2)
    }
    #expect(throws: InvalidSetting.self) { try PipelineSettings.check(settings(["core.partitions": "x"])) }
  }

  @Test("a prefix on the bus is what one can type and find again, and never nothing")
  func busPrefix() throws {
    for value in ["cdb", "a", "Cdb-2:eu_1.x", String(repeating: "x", count: 64)] {
      #expect(try BusOptions(settings(["bus.prefix": value])).edge.prefix == value)
    }
    for (value, shown) in [
      ("", ""), (" ", " "), ("a b", "a b"), ("a\tb", "a\\tb"), ("a\u{1B}[2J", "a\\u{1B}[2J"), ("{a}", "{a}"),
      ("a*", "a*"), ("ä", "\\u{00E4}"), ("a\u{202E}", "a\\u{202E}"),
      (String(repeating: "x", count: 65), String(repeating: "x", count: 64) + "…"),
    ] {
      let error = #expect(throws: InvalidSetting.self, "\(shown)") {
        try PipelineSettings.check(settings(["bus.prefix": value]))
      }
      #expect(
        error?.key == "bus.prefix" && error?.value == "\"\(shown)\"" && error?.exitCode == 2, "\(shown)")
      #expect(error?.description.contains("1 to 64 letters") == true)
    }
  }

  @Test("the defaults of the exchange are those of the domain, and each point of a latency is a setting")
  func exchange() throws {
    let standard = try PipelineConfiguration(settings(["profile": "default"]))
    #expect(standard.exchange == PaperExchangeRules())
    #expect(standard.orders == OrderRules())
    #expect(standard.strategies == [.momentum] && standard.emaCross == EMACrossParameters())
    let other = try PipelineConfiguration(
      settings([
        "exchange.cancel_latency.minimum": "1us", "exchange.cancel_latency.maximum": "2s",
        "exchange.maker_fee": "0.0002", "orders.style": "limit", "orders.patience": "3s",
        "strategy.enabled": "ema_cross,momentum", "strategy.ema_cross.fast": "5",
      ]))
    #expect(other.exchange.cancelLatency.minimum == 1_000)
    #expect(other.exchange.cancelLatency.maximum == 2_000_000_000)
    #expect(other.exchange.orderLatency == standard.exchange.orderLatency)
    #expect(
      other.exchange.makerFee == Ratio(basisPoints: 2) && other.exchange.takerFee == Ratio(basisPoints: 10))
    #expect(other.orders.style == .limit && other.orders.patience == 3_000_000_000)
    #expect(other.strategies == [.momentum, .emaCross] && other.emaCross.fast == 5)
  }

  @Test("the same settings have the same pipeline fingerprint, and any difference another")
  func fingerprints() throws {
    let one = try PipelineConfiguration(settings()).fingerprint()
    let same = try PipelineConfiguration(settings(["http.listen": "127.0.0.1:9"])).fingerprint()
    let other = try PipelineConfiguration(settings(["exchange.taker_fee": "0.002"])).fingerprint()
    #expect(one == same)
    #expect(one != other)
    #expect(one.count == 12)
  }

  @Test("what is not set is the default that the domain has, for every limit of risk")
  func riskDefaults() throws {
    #expect(try PipelineConfiguration(settings()).risk == RiskLimits())
  }

  @Test("every limit of risk follows its own setting")
  func riskSettings() throws {
    let changes: [(String, String, (RiskLimits) -> Int64, Int64)] = [
      ("order_notional", "7", { $0.orderNotional.mantissa }, 700_000_000),
      ("maximum_daily_drawdown", "0.01", { $0.maximumDailyDrawdown.mantissa }, 1_000_000),
      ("maximum_drawdown", "0.02", { $0.maximumDrawdown.mantissa }, 2_000_000),
      ("maximum_spread", "0.03", { $0.maximumSpread.mantissa }, 3_000_000),
      ("maximum_slippage", "0.04", { $0.maximumSlippage.mantissa }, 4_000_000),
      ("slippage_window", "6s", { $0.slippageWindow }, 6_000_000_000),
      ("maximum_data_age", "7s", { $0.maximumDataAge }, 7_000_000_000),
      ("maximum_exposure", "0.08", { $0.maximumExposure.mantissa }, 8_000_000),
      ("maximum_position", "0.09", { $0.maximumPosition.mantissa }, 9_000_000),
      ("maximum_order_rate", "10", { $0.maximumOrderRate }, 10),
      ("order_rate_window", "11s", { $0.orderRateWindow }, 11_000_000_000),
      ("stop_loss", "0.12", { $0.stopLoss.mantissa }, 12_000_000),
      ("hysteresis", "0.13", { $0.hysteresis.mantissa }, 13_000_000),
      ("self_test_interval", "14s", { $0.selfTestInterval }, 14_000_000_000),
    ]
    for (key, value, limit, expected) in changes {
      let limits = try PipelineConfiguration(settings(["risk.\(key)": value])).risk
      #expect(limit(limits) == expected, "\(key)")
      #expect(changes.filter { $0.2(limits) != $0.2(RiskLimits()) }.count == 1, "\(key)")
    }
  }

  @Test("a configuration survives the journal")
  func roundTrip() throws {
    let configuration = try PipelineConfiguration(settings(["risk.maximum_position": "0.125"]))
    let bytes = try Control.configure(configuration).json()
    #expect(bytes.withUnsafeBytes { Control(json: $0) } == .configure(configuration))
  }

  @Test(
    "a feed that is none is refused with what would be one",
    arguments: ["kraken", "replay:", "replay:/does/not/exist", "Sim"])
  func feeds(text: String) throws {
    let effective = try settings(["feed.source": text])
    let error = #expect(throws: InvalidSetting.self) { try FeedSelection(effective) }
    #expect(error?.key == "feed.source")
  }

  @Test("a speed that is set for a feed that has none is said to do nothing, wherever it was set")
  func unusedSpeed() throws {
    #expect(try PipelineSettings.check(settings()) == [])
    let set = try CDBConfiguration.load(
      file: nil, environment: [:], flags: ["feed.speed": "4"], assigned: ["feed.speed"])
    let warnings = try PipelineSettings.check(set)
    #expect(
      warnings.count == 1 && warnings[0].hasPrefix("feed.speed is 4 (--set feed.speed) and does nothing"))
    let named = try CDBConfiguration.load(file: nil, environment: ["CDB_FEED_SPEED": "max"], flags: [:])
    #expect(try PipelineSettings.check(named).count == 1)
    #expect(
      try PipelineSettings.check(settings(["feed.source": "replay:\(#filePath)", "feed.speed": "4"])) == [])
  }

  @Test("a speed is a positive factor or max", arguments: ["0", "-1", "fast", "inf", "nan", "1e9"])
  func speeds(text: String) throws {
    let effective = try settings(["feed.source": "replay:\(#filePath)", "feed.speed": text])
    let error = #expect(throws: InvalidSetting.self) { try FeedSelection(effective) }
    #expect(error?.key == "feed.speed")
  }
}
