import LogShipping
import ServiceRuntime
import Testing

@testable import CDBServices

@Suite("What a shipper is told")
struct ShipperSettingsTests {
  private static func options(
    _ further: [String: String] = [:], environment: [String: String] = [:]
  ) throws -> ShipperOptions {
    let usual = [
      "data_dir": "d", "ship.files": "a/*.log*,b.log", "ship.urls": "http://one:9200/,https://two",
    ]
    return try ShipperOptions(
      CDBConfiguration.load(
        file: nil, environment: environment, flags: usual.merging(further) { $1 }.filter { !$0.value.isEmpty }
      ))
  }

  @Test("what is set arrives")
  func arrives() throws {
    let options = try Self.options([
      "ship.index": "logs-a-b", "ship.linger": "50ms", "ship.line_bytes": "2048", "ship.redact": "false",
    ])
    #expect(options.directory == "d/ship")
    #expect(options.patterns == PathPatterns(included: ["a/*.log*", "b.log"]))
    #expect(options.target.urls == ["http://one:9200", "https://two"] && options.target.index == "logs-a-b")
    #expect(options.linger == 50 && options.longestLine == 2_048 && options.redactor == nil)
    #expect(try Self.options().redactor != nil)
  }

  @Test("lines are routed and requests packed where that is said")
  func routing() throws {
    let usual = try Self.options().target
    #expect(usual.routing == nil && usual.compressionLevel == 0)
    let told = try Self.options([
      "ship.routing": "true", "ship.datasets": "cdb*,x", "ship.compression_level": "3",
    ]).target
    #expect(told.routing == StreamRouting(datasets: ["cdb*", "x"]) && told.compressionLevel == 3)
    #expect(try Self.options(["ship.routing": "true"]).target.routing == StreamRouting())
  }

  @Test("lines become records where it is said how one begins, and what says nothing is refused")
  func multiline() throws {
    #expect(try Self.options().multiline == nil)
    let told = try #require(
      try Self.options([
        "ship.multiline_start": "^[0-9]", "ship.multiline_lines": "7", "ship.multiline_timeout": "1s",
      ]).multiline)
    #expect(told.mostLines == 7 && told.timeout == 1_000)
    let error = #expect(throws: InvalidSetting.self) { _ = try Self.options(["ship.multiline_start": "("]) }
    #expect(error?.key == "ship.multiline_start")
  }

  @Test("lines are unwrapped where it is said in what they are, and then not put together by a pattern")
  func format() throws {
    #expect(try Self.options().container == nil)
    #expect(try Self.options(["ship.format": "docker"]).container == .docker)
    #expect(try Self.options(["ship.format": "cri"]).container == .cri)
    let error = #expect(throws: InvalidSetting.self) {
      _ = try Self.options(["ship.format": "cri", "ship.multiline_start": "^a"])
    }
    #expect(error?.key == "ship.multiline_start")
  }

  @Test("a key goes before a user, and nobody is nobody")
  func credentials() throws {
    #expect(try Self.options().target.authorization() == nil)
    let password = ["CDB_SHIP_PASSWORD": "p"]
    #expect(
      try Self.options(["ship.user": "u"], environment: password).target.authorization() == "Basic dTpw")
    let both = password.merging(["CDB_SHIP_API_KEY": "abc"]) { $1 }
    #expect(try Self.options(["ship.user": "u"], environment: both).target.authorization() == "ApiKey abc")
  }

  @Test(
    "what cannot be is refused, and named",
    arguments: [
      ("ship.files", ""), ("ship.urls", ""), ("ship.urls", "search:9200"), ("ship.urls", "ftp://search"),
      ("ship.urls", "http://me:secret@search"), ("ship.urls", "http://search?x=1"), ("ship.index", "Logs"),
      ("ship.index", "a/b"), ("ship.index", "-a"), ("ship.index", "a,b"),
    ])
  func refusals(key: String, value: String) throws {
    let error = #expect(throws: InvalidSetting.self) { _ = try Self.options([key: value]) }
    #expect(error?.key == key && error.map { !"\($0)".contains("secret") } == true)
  }
}
