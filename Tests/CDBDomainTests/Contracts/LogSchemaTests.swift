import Foundation
import Testing

@testable import CDBDomain

@Suite("The schema of log lines", .enabled(if: SchemaValidator.isExpected, SchemaValidator.requirement))
struct LogSchemaTests {
  /// What every line has.
  static let always = #"""
    "@timestamp":"2026-11-24T00:19:24.043158Z","log.level":"info","message":"order filled","ecs.version":"8.17.0",\#
    "service.name":"cdb","service.version":"0.1.0","service.node.name":"vm","event.dataset":"cdb",\#
    "log.logger":"cdb","process.pid":15269,"process.thread.id":15270
    """#

  /// Fields that a line may have besides, with what may stand in them.
  static let optional: [String] = [
    #""trace.id":"0d50746842f4516f503a9e211704c360""#,
    #""trace.id":"0d50746842f4516f503a9e211704c360","span.id":"7d4dc84fc0151800""#,
    #""event.action":"order_result","event.outcome":"success","event.reason":"filled_completely""#,
    #""event.action":"log-repetition-suppressed","labels.suppressed_count":"3""#,
    #""error.type":"Swift.CancellationError","error.message":"","error.stack_trace":"a\nb""#,
    #""cdb.stage":"db_writer","cdb.symbol":"BTCUSDT","cdb.event_id":"execution-0-1742""#,
    #""cdb.order_id":"risk-0-1742","cdb.signal_id":"core-0-1742","cdb.side":"sell","cdb.strategy":"momentum""#,
    #""cdb.barrier":18446744073709551615,"cdb.events":0,"cdb.gate_state":"tripped","cdb.block":"7""#,
    #""cdb.canary":true,"log.flags":["truncated"],"labels.labels.x":"","labels.text":"🦊 \"\u0000""#,
    #""labels.list":["a",["b"]],"labels.object":{"a":{"b":"c"}}"#,
  ]

  /// What a line may not have.
  static let refused: [String] = [
    #""signal":"SIGTERM""#, #""service":{"name":"cdb"}"#, #""cdb.colour":"red""#, #""labels.count":3"#,
    #""labels.list":[3]"#, #""message":"""#, #""cdb.barrier":0"#,
    #""labels.":"x""#, #""trace.id":"0D50746842F4516F503A9E211704C360""#, #""trace.id":"7d4dc84fc0151800""#,
    #""trace.id":"00000000000000000000000000000000""#, #""span.id":"7d4dc84fc0151800""#,
    #""event.reason":"it was too late""#, #""event.outcome":"maybe""#, #""cdb.stage":"kitchen""#,
    #""cdb.event_id":"1742""#, #""cdb.side":"hold""#, #""cdb.canary":"true""#, #""cdb.barrier":"7""#,
    #""cdb.events":-1"#, #""cdb.gate_state":"ajar""#, #""cdb.symbol":null"#, #""log.flags":[]"#,
    #""log.level":"fatal""#, #""@timestamp":"2026-11-24T00:19:24Z""#, #""process.pid":"15269""#,
    #""ecs.version":"7.0.0""#,
  ]

  private static func problems(_ lines: [String]) throws -> [String] {
    try SchemaValidator.problems(lines.map { SchemaValidator.Document(schema: "log", json: Array($0.utf8)) })
  }

  @Test("a line with the eleven fields passes, and with any that the contract names")
  func valid() throws {
    let lines = ["{\(Self.always)}"] + Self.optional.map { "{\(Self.always),\($0)}" }
    for (line, problem) in zip(lines, try Self.problems(lines)) {
      #expect(problem.isEmpty, "\(line): \(problem)")
    }
  }

  @Test("the example in the documentation passes")
  func example() throws {
    let text = try String(contentsOf: ContractExamplesTests.readme, encoding: .utf8)
    let range = try ContractExamplesTests.range(of: "log line", in: text)
    // One document a line is what the validator reads.
    #expect(try Self.problems([String(text[range]).replacing("\n", with: "")]) == [""])
  }

  @Test("a name that nobody knows, and a value that is none, do not pass")
  func invalid() throws {
    // Of two members with one name the last counts: so a field of every line is overwritten.
    let lines = Self.refused.map { "{\(Self.always),\($0)}" }
    for (field, problem) in zip(Self.refused, try Self.problems(lines)) {
      #expect(!problem.isEmpty, "\(field) passed")
    }
  }

  @Test("none of the eleven may be missing")
  func required() throws {
    let line = try #require(
      JSONSerialization.jsonObject(with: Data("{\(Self.always)}".utf8)) as? [String: Any])
    #expect(line.count == 11)
    let names = line.keys.sorted()
    let lines = try names.map { name in
      let rest = line.filter { $0.key != name }
      return String(decoding: try JSONSerialization.data(withJSONObject: rest), as: UTF8.self)
    }
    for (name, problem) in zip(names, try Self.problems(lines)) {
      #expect(problem.contains("'\(name)' is a required property"), "\(name): \(problem)")
    }
  }
}
