import ServiceRuntime
import Testing

@Suite("Configuration")
struct ConfigurationLoaderTests {
  @Test("without anything set, the defaults hold")
  func defaults() throws {
    let configuration = try Fixture.load()
    #expect(configuration.string("http.listen") == "127.0.0.1:8000")
    #expect(configuration.int("journal.segment_bytes") == 67_108_864)
    #expect(configuration.double("risk.max_drawdown") == 0.2)
    #expect(configuration.bool("feed.enabled"))
    #expect(configuration.duration("feed.timeout") == .seconds(5))
    #expect(configuration.list("feed.symbols") == ["BTCUSDT"])
    #expect(configuration.string("feed.name") == "sim")
    #expect(configuration.optionalString("label") == nil)
    #expect(configuration.secretSource("api.token") == nil)
    #expect(configuration.entries.allSatisfy { $0.origin == .default })
  }

  @Test("a flag beats the environment, which beats the file, which beats the default")
  func precedence() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "cdb.yml", "http:\n  listen: file:1\njournal:\n  segment_bytes: 8192\nfeed: {name: kraken}\n")
    let configuration = try Fixture.load(
      file: file, environment: ["CDB_HTTP_LISTEN": "env:2", "CDB_JOURNAL_SEGMENT_BYTES": "16384"],
      flags: ["http.listen": "flag:3"])
    #expect(configuration.string("http.listen") == "flag:3")
    #expect(configuration.origin("http.listen") == .flag(name: "listen"))
    #expect(configuration.int("journal.segment_bytes") == 16384)
    #expect(configuration.origin("journal.segment_bytes") == .environment(name: "CDB_JOURNAL_SEGMENT_BYTES"))
    #expect(configuration.string("feed.name") == "kraken")
    #expect(configuration.origin("feed.name") == .file(path: file, line: 5))
    #expect(configuration.origin("feed.enabled") == .default)
  }

  @Test("a flag may be named as the flag or as the key, but not both")
  func flagNames() throws {
    #expect(try Fixture.load(flags: ["listen": "a:1"]).string("http.listen") == "a:1")
    #expect(try Fixture.load(flags: ["feed-timeout": "1m"]).duration("feed.timeout") == .seconds(60))
    #expect(Fixture.problem(flags: ["listen": "a:1", "http.listen": "b:1"])?.contains("set twice") == true)
  }

  @Test("a list is a YAML sequence, or text with commas")
  func lists() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a.yml", "feed:\n  symbols: [A, B]\n")
    #expect(try Fixture.load(file: file).list("feed.symbols") == ["A", "B"])
    #expect(try Fixture.load(flags: ["feed.symbols": "A, B,,C "]).list("feed.symbols") == ["A", "B", "C"])
    #expect(try Fixture.load(environment: ["CDB_FEED_SYMBOLS": "X"]).list("feed.symbols") == ["X"])
  }

  @Test("an unknown key is named with its place and the nearest known one")
  func unknownKeys() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a.yml", "feed:\n  name: sim\n  symbol: [A]\n")
    #expect(
      Fixture.problem(file: file)
        == "unknown configuration key feed.symbol (\(file):3); did you mean feed.symbols?")
    #expect(
      Fixture.problem(environment: ["CDB_HTTP_LISTN": "x"])
        == "unknown configuration key CDB_HTTP_LISTN (environment CDB_HTTP_LISTN); did you mean CDB_HTTP_LISTEN?"
    )
    #expect(
      Fixture.problem(flags: ["lisetn": "x"])
        == "unknown configuration key lisetn (flag --lisetn); did you mean listen?")
    #expect(
      Fixture.problem(flags: ["zzzzzz": "x"]) == "unknown configuration key zzzzzz (flag --zzzzzz)")
  }

  @Test("variables without the prefix and those that are ignored are nobody's mistake")
  func foreignVariables() throws {
    _ = try Fixture.load(environment: ["HOME": "/", "CDBX": "1", "CDB_CONFIG": "cdb.yml"])
  }

  @Test(
    "a value of the wrong type or out of range is named with key, value, expectation and place",
    arguments: [
      ("journal.segment_bytes", "12"), ("journal.segment_bytes", "1e9"), ("journal.segment_bytes", "abc"),
      ("journal.segment_bytes", "99999999999999999999"), ("risk.max_drawdown", "1.5"),
      ("risk.max_drawdown", "nan"), ("risk.max_drawdown", "0x1"), ("feed.enabled", "maybe"),
      ("feed.timeout", "5"), ("feed.timeout", "2h"), ("feed.timeout", "5 s"), ("feed.name", "Sim"),
    ])
  func invalidValues(key: String, value: String) throws {
    let flag = try #require(Fixture.problem(flags: [key: value]))
    #expect(flag.hasPrefix("configuration key \(key) is \"\(value)\" (flag --"))
    #expect(flag.contains("; expected "))
    let folder = try TemporaryFolder()
    let file = try folder.write("a.yml", "\n\(key): \"\(value)\"\n")
    #expect(Fixture.problem(file: file)?.contains("(\(file):2); expected ") == true)
  }

  @Test("a mistake counts also where another layer overrides it")
  func overriddenMistake() {
    #expect(
      Fixture.problem(environment: ["CDB_FEED_NAME": "krakn"], flags: ["feed.name": "sim"])?
        .contains("environment CDB_FEED_NAME") == true)
  }

  @Test("a file that is named must exist; one that is looked for need not")
  func missingFiles() throws {
    #expect(
      Fixture.problem(file: "/nonexistent/cdb.yml")
        == "cannot read the configuration file /nonexistent/cdb.yml: No such file or directory")
    _ = try ConfigurationLoader.load(
      schema: Fixture.schema, defaultFile: "/nonexistent/cdb.yml", environmentPrefix: "CDB_")
    #expect(Fixture.problem(file: "/")?.contains("not a regular file") == true)
  }

  @Test("a required key must be set somewhere")
  func required() throws {
    let schema = ConfigurationSchema([ConfigurationKey("a.b", .int, required: true, help: "")])
    #expect(throws: ConfigurationError.missingValue(key: "a.b", environmentName: "X_A_B")) {
      try ConfigurationLoader.load(schema: schema, environmentPrefix: "X_")
    }
    let configuration = try ConfigurationLoader.load(
      schema: schema, environment: ["X_A_B": "-3"], environmentPrefix: "X_")
    #expect(configuration.int("a.b") == -3)
  }

  @Test("a schema that contradicts itself is refused, not trapped on")
  func invalidSchemas() {
    let schemas: [[ConfigurationKey]] = [
      [ConfigurationKey("a", .string, help: ""), ConfigurationKey("a", .string, help: "")],
      [ConfigurationKey("a.b", .string, help: ""), ConfigurationKey("a_b", .string, help: "")],
      [ConfigurationKey("A", .string, help: "")], [ConfigurationKey("a..b", .string, help: "")],
      [ConfigurationKey("a", .int(1...2), default: "3", help: "")], [ConfigurationKey("a", .int, help: "")],
      [ConfigurationKey("a", .secret, default: "x", help: "")],
    ]
    for keys in schemas {
      #expect {
        try ConfigurationLoader.load(schema: ConfigurationSchema(keys), environmentPrefix: "X_")
      } throws: { error in
        guard case .invalidSchema = error as? ConfigurationError else { return false }
        return true
      }
    }
  }

  @Test("the fingerprint depends on values alone: not on their origin, spelling or the secrets")
  func fingerprint() throws {
    let plain = try Fixture.load()
    #expect(plain.fingerprint.utf8.count == 12)
    #expect(plain.fingerprint.filter(\.isHexDigit) == plain.fingerprint)
    #expect(try Fixture.load(flags: ["feed.timeout": "5000ms"]).fingerprint == plain.fingerprint)
    #expect(try Fixture.load(environment: ["CDB_API_TOKEN": "t"]).fingerprint == plain.fingerprint)
    #expect(try Fixture.load(flags: ["feed.timeout": "6s"]).fingerprint != plain.fingerprint)
    #expect(plain.description.hasSuffix("fingerprint \(plain.fingerprint)"))
  }

  @Test(
    "durations read and render",
    arguments: [
      ("250ms", 250), ("5s", 5_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("90s", 90_000), ("0", 0),
    ])
  func durations(text: String, milliseconds: Int) {
    #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    #expect(
      DurationText.parse(DurationText.render(.milliseconds(milliseconds))) == .milliseconds(milliseconds))
  }

  @Test(
    "what is no duration is nil",
    arguments: [
      "", "5", "-5s", "5S", "1m1h", "1s1s", "s", "1.5s", "99999999999d", "5s ", "٥s",
    ])
  func notDurations(text: String) {
    #expect(DurationText.parse(text) == nil)
  }
}
