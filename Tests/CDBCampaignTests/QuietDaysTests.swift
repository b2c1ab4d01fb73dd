import CDBDomain
import CDBGate
import Foundation
import Testing

@testable import CDBPipeline

/// Thirty days with `CDB_SOAK`, or as many as `CAMPAIGN_DAYS` says; without, two hours of a night, and half an hour each of a day
/// and of an opening.
@Suite("days in which nothing is wrong", .serialized)
struct QuietDaysTests {
  private static let environment = ProcessInfo.processInfo.environment
  static let hours: [MarketHour] = {
    let days = environment["CAMPAIGN_DAYS"].flatMap(Int.init) ?? (environment["CDB_SOAK"] != nil ? 30 : 0)
    return days > 0 ? (0..<days * 24).map(MarketHour.init) : [.night, .night, .day, .opening]
  }()
  /// How much of an hour is run, in seconds.
  private static func length(of hour: MarketHour) -> Double {
    hours.count > 4 || hour == .night ? 3_600 : 1_800
  }

  /// The settings as they are by default; only that the gate looks as seldom as it may, since a month has many checks.
  private static func settings() -> WorldSettings {
    var settings = WorldSettings(seed: CampaignTests.seed, profile: .moody(.day))
    settings.step = 2 * SimulatedClock.second
    settings.look = 2 * SimulatedClock.second
    settings.barrierInterval = 3_600_000_000_000
    settings.policy.validity = 3_600 * SimulatedClock.second
    settings.policy.renewal = 1_800 * SimulatedClock.second
    return settings
  }

  private static func configuration() throws -> PipelineConfiguration {
    var configuration = PipelineConfiguration(
      profile: "default",
      instruments: try InstrumentCatalogue(["BTCUSDT", "ETHUSDT"].map(Instrument.binanceSpot)))
    configuration.gate.enforced = true
    return configuration
  }

  /// What was seen in all those days.
  private final class Record {
    var levels: [ZeroActivityLevel: Int] = [:]
    var verdicts: [Verdict: Int] = [:]
    /// What should not have been said, and when first.
    var alarms: [String: Double] = [:]
  }

  @Test("a market with quiet nights, quieter weekends and bursts raises no alarm, and it is traded")
  func noFalseAlarm() async throws {
    let record = Record()
    try await withTemporaryDirectory { folder in
      var settings = Self.settings()
      settings.observer = { diagnosis, _, process in
        record.levels[process.activity.level, default: 0] += 1
        record.verdicts[diagnosis.verdict, default: 0] += 1
        guard process.clock.seconds > 60 else { return }
        let day = (process.clock.seconds / 864).rounded() / 100
        switch diagnosis.verdict {
        case .trading, .quiet: break
        default:
          let text = "\(diagnosis.verdict.rawValue) \(diagnosis.reason ?? "")"
          record.alarms[text] = record.alarms[text] ?? day
        }
        if process.activity.level > .notice {
          let text = "zero activity \(process.activity.level.rawValue)"
          record.alarms[text] = record.alarms[text] ?? day
        }
        if process.machine.state != .open {
          let text = "gate \(process.machine.state.rawValue) \(process.machine.change.reason)"
          record.alarms[text] = record.alarms[text] ?? day
        }
      }
      let world = SimulatedWorld(
        directory: folder, settings: settings, configuration: try Self.configuration())
      try await world.start()
      for hour in Self.hours {
        world.exchange.become(.moody(hour))
        try await world.run(seconds: Self.length(of: hour))
      }
      let status = try #require(world.process?.board.status())
      #expect(
        status.tally.incidents.isEmpty, "\(status.tally.incidents.map { "\($0.key.code) \($0.value)" })")
      let incidents = world.process?.incidents.incidents ?? []
      #expect(
        incidents.allSatisfy { $0.severity <= .notice },
        "\(incidents.map { "\($0.number) \($0.severity.rawValue) \($0.reason)" })")
      let fills = status.tally.fills.values.reduce(0, +)
      #expect(fills > 0, "in \(Self.hours.count) hours nothing was traded")
      #expect(status.flow?.isBalanced == true)
      try await world.end()
      print(
        "quiet days: \(Self.hours.count) hours, \(status.feed.frames) frames, \(fills) fills, answers "
          + record.verdicts.sorted { $0.value > $1.value }.map { "\($0.key.rawValue) \($0.value)" }.joined(
            separator: ", ") + "; levels "
          + record.levels.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }.joined(
            separator: ", "))
    }
    let alarms = record.alarms.sorted { $0.value < $1.value }.map { "\($0.key) from day \($0.value) on" }
    #expect(
      alarms.isEmpty, "\(alarms.joined(separator: "\n"))\nagain: make campaign SEED=\(CampaignTests.seed)")
    #expect(record.levels.keys.allSatisfy { $0 <= .notice })
  }
}
