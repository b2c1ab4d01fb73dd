import Foundation
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("Where a line goes, and how it is sent")
struct RoutingTests {
  /// - Returns: the data stream that a line goes to, nil for that of all others; whether it named another one; its document.
  private static func route(
    _ line: String, index: String = "logs-all-main", datasets: [String] = ["*"], redactor: Redactor? = nil
  ) throws -> (stream: String?, isUnroutable: Bool, document: [String: Any]) {
    let router = StreamRouter(StreamRouting(datasets: datasets), standard: index)
    var writer = DocumentWriter(redactor: redactor, router: router)
    let origin = DocumentWriter.Origin(path: JSONText.quoted("p"), offset: 0, time: Array("\"t\"".utf8))
    var output: [UInt8] = []
    let route = Array(line.utf8).withUnsafeBytes { bytes in
      let prepared = writer.prepare(bytes, origin)
      writer.write(prepared, bytes, origin, to: &output)
      return prepared.route
    }
    let document = try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any]
    return (
      route == .stream ? String(decoding: writer.streamName, as: UTF8.self) : nil, route == .unroutable,
      try #require(document)
    )
  }

  @Test(
    "a line goes to the data stream that it names, by data_stream.* before event.dataset",
    arguments: [
      ("{\"data_stream.dataset\":\"a.b\",\"data_stream.namespace\":\"c\"}", "logs-a.b-c"),
      ("{\"data_stream\":{\"namespace\":\"c\",\"type\":\"logs\",\"dataset\":\"a\"},\"x\":1}", "logs-a-c"),
      ("{\"data_stream.dataset\":\"a\"}", "logs-a-main"),
      ("{\"event.dataset\":\"a\",\"data_stream.dataset\":\"b\"}", "logs-b-main"),
      ("{\"event\":{\"kind\":\"event\",\"dataset\":\"a\"}}", "logs-a-main"),
      ("{\"event.dataset\":\"cdb-gate\"}", "logs-cdb_gate-main"),
      ("{\"data_stream.dataset\":null,\"event.dataset\":\"a\"}", "logs-a-main"),
      ("{\"x\":{\"data_stream.dataset\":\"no\"},\"event.dataset\":\"a\"}", "logs-a-main"),
      ("{\"x\":[{\"dataset\":\"no\"}],\"event.dataset\":\"a\"}", "logs-a-main"),
    ])
  func named(line: String, stream: String) throws {
    let found = try Self.route(line)
    #expect(found.stream == stream && !found.isUnroutable)
    #expect(found.document["log.data_stream"] == nil)
  }

  @Test(
    "a line that names none goes where the others go, and is not counted",
    arguments: [
      "plain", "{\"message\":\"m\"}", "{\"data_stream\":{}}", "{\"event\":{\"kind\":\"event\"}}", "{\"a\":",
      "{\"x\":{\"dataset\":\"a\"}}", "{\"event.dataset\":null}", "{\"data_stream\":[{\"dataset\":\"a\"}]}",
      "{\"message\":\"\\\"event.dataset\\\":\\\"a\\\"\"}",
    ])
  func unnamed(line: String) throws {
    let found = try Self.route(line)
    #expect(found.stream == nil && !found.isUnroutable)
  }

  @Test(
    "a name that cannot be is not used, and the line agrees with where it goes",
    arguments: [
      "A", "a-b", "", "a b", "a/b", "a\\\\b", "a*", "a?", "a\\\"", "<a", "a>", "a|b", "a,b", "#a", "a:b", "ä",
      "\\u0061", "a\\tb", String(repeating: "a", count: 101),
    ])
  func impossible(dataset: String) throws {
    let line = "{\"message\":\"m\",\"data_stream\":{\"dataset\":\"\(dataset)\",\"namespace\":\"n\"},\"z\":2}"
    let found = try Self.route(line)
    #expect(found.stream == nil && found.isUnroutable)
    let own = try #require(found.document["data_stream"] as? [String: Any])
    #expect(own["dataset"] as? String == "all" && own["namespace"] as? String == "main")
    #expect(found.document["message"] as? String == "m" && found.document["z"] as? Int == 2)
    let wanted =
      try JSONSerialization.jsonObject(
        with: Data("[\"-\(dataset)-n\"]".utf8)) as? [String]
    #expect(found.document["log.data_stream"] as? String == wanted?.first)
    let namespace = try Self.route("{\"data_stream.dataset\":\"a\",\"data_stream.namespace\":\"\(dataset)\"}")
    #expect(namespace.isUnroutable && namespace.document["data_stream.namespace"] as? String == "main")
    #expect(namespace.document["data_stream.dataset"] as? String == "all")
  }

  @Test(
    "what is no name, and another type than logs, is counted",
    arguments: [
      "{\"data_stream.dataset\":1}", "{\"event\":{\"dataset\":[\"a\"]}}", "{\"data_stream.namespace\":\"a\"}",
      "{\"data_stream.type\":\"metrics\",\"data_stream.dataset\":\"a\"}",
      "{\"data_stream.dataset\":\"a\",\"data_stream.namespace\":{}}",
    ])
  func counted(line: String) throws { #expect(try Self.route(line).isUnroutable) }

  @Test("an index that is no data stream leaves the fields as they are")
  func plainIndex() throws {
    let found = try Self.route("{\"data_stream.dataset\":\"A\"}", index: "logs-all")
    #expect(found.isUnroutable && found.document["data_stream.dataset"] as? String == "A")
    #expect(try Self.route("{\"data_stream.dataset\":\"a\"}", index: "logs-all").stream == "logs-a-default")
  }

  @Test("only those datasets are used that are allowed")
  func allowed() throws {
    let datasets = ["cdb*", "x.?"]
    for (dataset, isAllowed) in [
      ("cdb", true), ("cdb_gate", true), ("x.1", true), ("x.12", false), ("a", false),
    ] {
      let found = try Self.route("{\"data_stream.dataset\":\"\(dataset)\"}", datasets: datasets)
      #expect((found.stream != nil) == isAllowed && found.isUnroutable == !isAllowed, "\(dataset)")
    }
  }

  @Test("a line of which a secret is left out goes where it goes with it, and agrees with it")
  func redacted() throws {
    let line = "{\"password\":\"hunter2\",\"data_stream.dataset\":\"A B\",\"x\":1}"
    let found = try Self.route(line, redactor: Redactor())
    #expect(found.isUnroutable && found.document["password"] as? String == Redactor.mark)
    #expect(found.document["data_stream.dataset"] as? String == "all" && found.document["x"] as? Int == 1)
  }

  @Test("a router that has seen other lines routes as a new one")
  func stateless() {
    let lines = [
      "{\"data_stream.dataset\":\"a\"}", "{\"event.dataset\":\"a\"}", "{\"event.dataset\":\"a-b\"}",
      "{\"data_stream.dataset\":\"a-b\"}", "{\"data_stream.dataset\":\"a\",\"data_stream.namespace\":\"n\"}",
      "{}",
      "{\"data_stream.dataset\":\"\(String(repeating: "a", count: 101))\"}",
      "{\"data_stream.dataset\":\"\(String(repeating: "a", count: 102))\"}",
    ].map { Array($0.utf8) }
    func route(_ line: [UInt8], _ router: inout StreamRouter) -> String {
      line.withUnsafeBytes { bytes in
        var fields = StreamFields()
        _ = JSONValidator.scan(bytes, &fields)
        let route = router.route(bytes, fields)
        return route == .stream ? String(decoding: router.name, as: UTF8.self) : "\(route)"
      }
    }
    var random = SeededGenerator(seed: 9)
    var old = StreamRouter(StreamRouting(), standard: "logs-all-main")
    for _ in 0..<500 {
      let line = lines.randomElement(using: &random) ?? []
      var new = StreamRouter(StreamRouting(), standard: "logs-all-main")
      #expect(route(line, &old) == route(line, &new))
    }
  }

  @Test("lines of one file go to their data streams, dead letters say which, and the audit finds them all")
  func shipped() async throws {
    let server = try BulkServer(
      index: "logs-all-main",
      refuse: { _, _, document in
        document.contains(UInt8(ascii: "!"))
          ? BulkServer.Refusal(status: 400, type: "mapper_parsing_exception", reason: "never") : nil
      })
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.target = BulkTarget(
        urls: [server.url], index: "logs-all-main", routing: StreamRouting(), timeout: 3_000)
      let lines = [
        "{\"message\":\"1\",\"event.dataset\":\"a\"}", "plain", "{\"message\":\"2\",\"event.dataset\":\"b\"}",
        "{\"message\":\"3\",\"data_stream.dataset\":\"B A D\"}",
        "{\"message\":\"!\",\"event.dataset\":\"a\"}",
        "{\"message\":\"!\"}",
      ]
      try LogFile.append(lines.joined(separator: "\n") + "\n", to: folder + "/logs/app.log")
      let ledger = try await withShipper(options) { shipper in
        try await eventually("all is settled") {
          shipper.statistics.ledger.lines == 6 ? shipper.statistics.ledger : nil
        }
      }
      let state = server.state
      #expect(state.faults == [])
      #expect(
        state.order.map { state.indices[$0] } == [
          "logs-a-main", "logs-all-main", "logs-b-main", "logs-all-main",
        ])
      #expect(ledger.unroutable == 1 && ledger.accepted == 4 && ledger.deadLettered == 2)
      let letters = try ShipperInspection(directory: options.directory).deadLetters
      #expect(letters.map(\.index) == ["logs-a-main", "logs-all-main"])
      let reports = try await LogAudit.run(options: options)
      #expect(reports.map(\.found) == [4] && reports.map(\.dead) == [2] && reports.allSatisfy(\.isWhole))
    }
  }

  @Test("requests are packed where it is asked for, and the server has every line", arguments: [1, 6, 9])
  func packed(level: Int) async throws {
    let server = try BulkServer()
    defer { server.stop() }
    try await withTemporaryDirectory(with: ["logs"]) { folder in
      var options = options(folder, [server.url])
      options.target.compressionLevel = level
      try LogFile.append(LogFile.lines(1...1_000), to: folder + "/logs/app.log")
      let statistics = try await withShipper(options) { shipper in
        try await eventually("all is settled") {
          shipper.statistics.ledger.lines == 1_000 ? shipper.statistics : nil
        }
      }
      let state = server.state
      #expect(server.numbers == Array(1...1_000) && state.faults == [])
      #expect(state.requests.allSatisfy { $0.headers["content-encoding"] == "gzip" })
      let sent = state.requests.reduce(0) { $0 + $1.bytes }
      #expect(statistics.sentBytes == UInt64(sent))
      #expect(sent * 4 < state.documents.values.reduce(0) { $0 + $1.count }, "\(sent)")
    }
  }

  @Test("what is not to be packed stays as it is")
  func plain() {
    let bytes = Array("a\nb\n".utf8)
    let body = BulkBody(bytes, compressionLevel: 0)
    #expect(body.bytes == bytes && !body.isCompressed)
    let packed = BulkBody(bytes, compressionLevel: 3)
    #expect(packed.isCompressed && Gzip.unpack(packed.bytes) == bytes)
    #expect(Gzip.unpack(BulkBody([], compressionLevel: 1).bytes) == [])
  }

  @Test("a checkpoint from before lines were routed is taken up")
  func olderLedger() throws {
    let text =
      "{\"lines\":6,\"bytes\":5,\"accepted\":4,\"repeated\":1,\"failureStore\":0,\"deadLettered\":0,\"blank\":1}"
    let ledger = try JSONDecoder().decode(FileLedger.self, from: Data(text.utf8))
    #expect(ledger.lines == 6 && ledger.delivered == 5 && ledger.unroutable == 0 && ledger.redacted == 0)
    let again = try JSONDecoder().decode(FileLedger.self, from: JSONEncoder().encode(ledger))
    #expect(again == ledger)
  }
}
