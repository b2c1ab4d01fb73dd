import ServiceRuntime

enum Fixture {
  static let schema = ConfigurationSchema([
    ConfigurationKey(
      "http.listen", .string, default: "127.0.0.1:8000", flag: "listen", help: "where to listen"),
    ConfigurationKey("journal.segment_bytes", .int(4096...1_073_741_824), default: "67108864", help: "size"),
    ConfigurationKey("risk.max_drawdown", .double(0...1), default: "0.2", help: "ratio"),
    ConfigurationKey("feed.enabled", .bool, default: "true", help: "whether to feed"),
    ConfigurationKey(
      "feed.timeout", .duration(.milliseconds(1) ... .seconds(3600)), default: "5s", help: "time"),
    ConfigurationKey("feed.symbols", .list, default: "BTCUSDT", help: "symbols"),
    ConfigurationKey("feed.name", .choice(["sim", "kraken"]), default: "sim", help: "feed"),
    ConfigurationKey("api.token", .secret, help: "token"),
    ConfigurationKey("label", .string, help: "optional"),
  ])

  static func load(
    file: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:]
  ) throws(ConfigurationError) -> EffectiveConfiguration {
    try ConfigurationLoader.load(
      schema: schema, file: file, environment: environment, environmentPrefix: "CDB_", flags: flags,
      ignoring: ["CDB_CONFIG"])
  }

  /// The error of loading, as its one line.
  static func problem(
    file: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:]
  ) -> String? {
    do throws(ConfigurationError) {
      _ = try load(file: file, environment: environment, flags: flags)
      return nil
    } catch { return error.description }
  }
}
