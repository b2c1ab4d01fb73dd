import CDBDomain
import CDBPipeline
import ServiceRuntime

/// The settings of the suite, each declared once: the file's keys, `CDB_*` and flags derive from them.
public enum CDBConfiguration {
  public static let environmentPrefix = "CDB_"
  /// Read where it exists and no other file is named.
  public static let defaultFile = "cdb.yml"
  /// Variables with the prefix that are not settings: the file's name, and what builds and tests are told.
  public static let otherVariables: Set<String> = [
    "CDB_CONFIG", "CDB_BINARY", "CDB_RECORD_EXAMPLES", "CDB_REVISION", "CDB_SOAK", "CDB_TEST_PYTHON",
    "CDB_UPDATE_EXAMPLES",
  ]

  /// Changes how the pipeline decides, so every surface names it where it is not `default`.
  public enum Profile: String, Sendable, CaseIterable {
    case standard = "default"
    /// Short windows and low thresholds, so that a newcomer sees trades within seconds.
    case demo
  }

  /// Loads the effective configuration. The profile, which follows from the feed unless it is set, decides
  /// the defaults of the rest.
  ///
  /// - Parameter assigned: those of `flags` that were written as `--set key=value`.
  public static func load(
    file: String?, environment: [String: String], flags: [String: String], assigned: Set<String> = []
  ) throws(ConfigurationError) -> EffectiveConfiguration {
    func load(_ profile: Profile) throws(ConfigurationError) -> EffectiveConfiguration {
      try ConfigurationLoader.load(
        schema: schema(profile), file: file ?? environment["CDB_CONFIG"], defaultFile: defaultFile,
        environment: environment, environmentPrefix: environmentPrefix, flags: flags,
        assigned: assigned, ignoring: otherVariables)
    }
    let first = try load(.standard)
    return profile(of: first) == .demo ? try load(.demo) : first
  }

  /// The profile that a configuration asks for.
  public static func profile(of configuration: EffectiveConfiguration) -> Profile {
    switch configuration.string("profile") {
    case "auto": configuration.string("feed.source") == "sim" ? .demo : .standard
    case let name: Profile(rawValue: name) ?? .standard
    }
  }

  /// Every setting, with the defaults of a profile.
  public static func schema(_ profile: Profile) -> ConfigurationSchema {
    let isDemo = profile == .demo
    return ConfigurationSchema(
      general + feed + storage
        + StrategySettings.keys(isDemo: isDemo) + account + RiskSettings.keys + ExchangeSettings.keys + gate
        + zeroActivity + block + bus + bridge + shipper + elk + CoreSettings.keys + ServicesSettings.keys)
  }

  /// Where state is kept unless it is said.
  static let usualDataDirectory = "data"

  private static let general = [
    ConfigurationKey(
      "profile", .choice(["auto", "default", "demo"]), default: "auto",
      help: "How eagerly the strategies act; auto is demo for the simulated market and default otherwise."),
    ConfigurationKey(
      "data_dir", .string, default: usualDataDirectory, help: "The one place where state is kept."),
    ConfigurationKey(
      "http.listen", .string, default: "127.0.0.1:8000", flag: "listen",
      help: "Host and port of the HTTP server."),
    ConfigurationKey(
      "http.allowed_hosts", .list, default: "localhost,127.0.0.1,[::1]",
      help: "Host names that requests may carry."),
    ConfigurationKey("http.token", .secret, help: "What callers of changing operations must present."),
    ConfigurationKey(
      "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
      default: "info", help: "The least severe level that is logged."),
    ConfigurationKey(
      "log.format", .choice(["json", "text"]), default: "json", help: "What standard error gets."),
    ConfigurationKey(
      "log.stderr", .choice(["auto", "always", "never"]), default: "auto",
      help: "Whether logs go to standard error; auto is when it is no terminal."),
    ConfigurationKey(
      "log.directory", .string,
      help: "Where <service>.jsonl is written; logs/ in the data directory unless set."),
    ConfigurationKey(
      "run.duration", .duration, default: "0s", flag: "duration",
      help: "How long to run; 0s is until stopped."),
  ]

  private static let feed = [
    ConfigurationKey(
      "feed.source", .string, default: "sim", flag: "feed",
      help: "sim, binance, or replay:PATH,PATH… with recorded files or a journal directory."),
    ConfigurationKey(
      "feed.binance.websocket_url", .string, default: "wss://data-stream.binance.vision",
      help: "Where the streams of the feed binance are."),
    ConfigurationKey(
      "feed.binance.rest_url", .string, default: "https://data-api.binance.vision",
      help: "Where its snapshots of books are."),
    ConfigurationKey(
      "feed.binance.authorities_file", .string,
      help: "Certificates to trust for both instead of the system's, in PEM."),
    ConfigurationKey(
      "feed.symbols", .list, default: "BTCUSDT,ETHUSDT", flag: "symbols", help: "The instruments."),
    ConfigurationKey(
      "feed.speed", .string, default: "1", flag: "speed",
      help: "How fast a recording is replayed: a factor, or max."),
    ConfigurationKey(
      "feed.seed", .int(0...Int.max), default: "1", flag: "seed", help: "The simulated market's seed."),
    ConfigurationKey(
      "feed.loops", .int(1...10_000), default: "1", flag: "loops", help: "How often a recording is replayed."),
    ConfigurationKey(
      "feed.maximum_price_change", .string, default: "0.2",
      help: "The relative change from the last price beyond which a price is absurd."),
  ]

  private static let storage = [
    ConfigurationKey(
      "journal.segment_bytes", .int(65_536...(1 << 30)), default: "67108864",
      help: "The size of a journal segment."),
    ConfigurationKey(
      "journal.maximum_bytes", .int(1 << 20...(1 << 44)), default: "17179869184",
      help: "The journal's bound: beyond it the feed waits."),
    ConfigurationKey(
      "journal.retention_bytes", .int(0...(1 << 44)), default: "4294967296",
      help: "Journal kept for replays beyond what recovery needs."),
    ConfigurationKey("pipeline.batch", .int(1...65_536), default: "512", help: "Inputs a batch."),
    ConfigurationKey(
      "pipeline.tick_interval", .duration(.milliseconds(10) ... .seconds(60)), default: "1s",
      help: "Event time between ticks."),
    ConfigurationKey(
      "pipeline.barrier_interval", .duration(.milliseconds(50) ... .seconds(3_600)), default: "5s",
      help: "Time between barriers: how much is worked off again after a crash."),
    ConfigurationKey(
      "store.commit_interval", .duration(.zero ... .seconds(10)), default: "20ms",
      help: "The shortest time between two commits."),
    ConfigurationKey(
      "store.url", .secret,
      help: "Where a PostgreSQL server keeps the store, as postgresql://user@host/database or host=… "
        + "dbname=…; SQLite in the data directory unless set."),
    ConfigurationKey(
      "store.password", .secret, help: "Its password, where store.url and libpq's own files have none."),
  ]

  private static let account = [
    ConfigurationKey("account.name", .string, default: "paper", help: "The account's name."),
    ConfigurationKey(
      "account.starting_cash", .string, default: "10000", help: "Its cash, in the quote asset."),
  ]
}
