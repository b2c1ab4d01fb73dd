import Foundation
import Testing

@testable import CDBDomain

@Suite("Published schemas", .enabled(if: SchemaValidator.isExpected, SchemaValidator.requirement))
struct ContractSchemaTests {
  @Test("every event of every kind obeys its schema, the extremes included")
  func valid() throws {
    let documents = try ContractSamples.all.map {
      SchemaValidator.Document(
        schema: $0.envelope.event.kind.schemaName, json: try CloudEventEncoderTests.encode($0))
    }
    let problems = try SchemaValidator.problems(documents)
    #expect(problems.count == documents.count)
    for (sample, problem) in zip(ContractSamples.all, problems) {
      #expect(problem.isEmpty, "\(sample.name): \(problem)")
    }
  }

  @Test("a whole random run through strategy, risk and exchange obeys its schemas too")
  func run() throws {
    var harness = try PaperExchangePropertyTests.harness()
    for entry in try ExchangeScenario(seed: 1).steps { harness.take(entry) }
    let encoder = try #require(ContractSamples.encoder)
    let documents = PaperExchangePropertyTests.results(of: harness.outcomes).map { result in
      let envelope = Envelope(time: result.reportedAt, origin: 1, event: .result(result))
      return SchemaValidator.Document(schema: "order_result", json: encoder.encode(envelope, id: result.id))
    }
    #expect(documents.count > 100)
    #expect(try SchemaValidator.problems(documents).allSatisfy(\.isEmpty))
  }

  private static let traceID =
    TraceContext(
      journal: 0x1234_5678_9ABC_DEF0, origin: 90_210, event: Fixture.id(.execution, 1742)
    ).traceID

  /// A change to a valid event that its schema must notice.
  static let mutations: [(name: String, sample: String, from: String, to: String)] = [
    ("an unknown field", "trade", #""kind":"trade""#, #""kind":"trade","extra":1"#),
    ("a missing field", "trade", #","side":"buy""#, ""),
    ("a price as a number", "trade", #""price":"61837.63""#, #""price":61837.63"#),
    ("an exponent", "trade", #""price":"61837.63""#, #""price":"6e4""#),
    ("a trailing zero", "trade", #""price":"61837.63""#, #""price":"61837.630""#),
    ("a kind that is none", "trade", #""kind":"trade""#, #""kind":"tirade""#),
    ("a time as text", "tick", #""receive_time_ns":1795507200123456789"#, #""receive_time_ns":"now""#),
    ("a time beyond 64 bits", "tick", #":1795507200123456789"#, #":9223372036854775808"#),
    ("an id of nobody", "signal", #""signal_id":"core-0-1742""#, #""signal_id":"kern-0-1742""#),
    ("an id with zeros before", "signal", #""signal_id":"core-0-1742""#, #""signal_id":"core-0-01742""#),
    ("a third side", "order", #""side":"buy""#, #""side":"hold""#),
    ("an unknown layer", "order", #""layer":"exposure""#, #""layer":"luck""#),
    ("an approval with a reason", "decision", #""reason":"none""#, #""reason":"kill_switch""#),
    ("a refusal without one", "decision", #""decision":"approved""#, #""decision":"refused""#),
    ("an unknown reason", "result", #""reason":"filled_completely""#, #""reason":"because""#),
    ("a cancel without its reason", "cancel", #","reason":"patience_exhausted""#, ""),
    ("an order of no known type", "order", #""type":"market""#, #""type":"iceberg""#),
    ("a rejection with a fill", "result", #""status":"filled""#, #""status":"rejected""#),
    ("a level with three parts", "book", #"["61839","0"]"#, #"["61839","0","1"]"#),
    ("a control with another's field", "stop", #""reason":"maintenance""#, #""justification":"maintenance""#),
    ("a zero trace", "alert", traceID, String(repeating: "0", count: 32)),
    ("another version", "alert", #""specversion":"1.0""#, #""specversion":"0.3""#),
    ("an attribute that nobody knows", "order", #""block""#, #""clock""#),
    ("a nameless stranger", "trade", #""symbol":"BTCUSDT""#, ##""symbol":"#x""##),
    ("no value where one is missing", "trade", #""price":"61837.63""#, #""price":null"#),
    ("an attribute with an underscore", "order", #""configfingerprint""#, #""config_fingerprint""#),
    ("a time without its nanoseconds", "alert", #".123456789Z""#, #"Z""#),
  ]

  @Test("what is not an event of that kind does not pass")
  func invalid() throws {
    let documents = try Self.mutations.map { mutation in
      let sample = try #require(ContractSamples.examples.first { $0.name == mutation.sample })
      let text = String(decoding: try CloudEventEncoderTests.encode(sample), as: UTF8.self)
      let changed = text.replacing(mutation.from, with: mutation.to)
      #expect(changed != text, "\(mutation.name) changes nothing")
      return SchemaValidator.Document(
        schema: sample.envelope.event.kind.schemaName, json: Array(changed.utf8))
    }
    for (mutation, problem) in zip(Self.mutations, try SchemaValidator.problems(documents)) {
      #expect(!problem.isEmpty, "\(mutation.name) passed")
    }
  }
}
