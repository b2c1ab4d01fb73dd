import CDBDomain
import CDBPipeline
import CDBServices
import Foundation
import ServiceRuntime
import Testing

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
      ("exchange.taker_fee", "0.123456789"),
      ("account.starting_cash", "0"), ("strategy.momentum.threshold", "0"), ("feed.symbols", "BTC/USDT"),
      ("feed.symbols", "BTCUSDT,BTCUSDT"), ("feed.maximum_price_change", "1e3"),
    ])
  func nonsense(key: String, value: String) throws {
    let effective = try settings([key: value])
    let error = #expect(throws: InvalidSetting.self) { try PipelineConfiguration(effective) }
    #expect(error?.key == key)
    #expect(error?.exitCode == 2)
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

  @Test("a speed is a positive factor or max", arguments: ["0", "-1", "fast", "inf", "nan", "1e9"])
  func speeds(text: String) throws {
    let effective = try settings(["feed.source": "replay:\(#filePath)", "feed.speed": text])
    let error = #expect(throws: InvalidSetting.self) { try FeedSelection(effective) }
    #expect(error?.key == "feed.speed")
  }
}
