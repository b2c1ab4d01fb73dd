import Foundation
import HTTPServerFixture
import Synchronization
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("The folder elk")
struct ElkFilesTests {
  /// The fields of the mapping by their types, with dots.
  private static func fields() throws -> [String: String] {
    let mapping = try ElkFolder.json("component-templates/logs-cdb@mappings.json")
    let template = mapping["template"] as? [String: Any]
    var fields: [String: String] = [:]
    func walk(_ properties: [String: Any], _ path: String) {
      for (name, value) in properties {
        let field = value as? [String: Any] ?? [:]
        if let type = field["type"] as? String { fields[path + name] = type }
        if let inner = field["properties"] as? [String: Any] { walk(inner, path + name + ".") }
      }
    }
    walk((template?["mappings"] as? [String: Any])?["properties"] as? [String: Any] ?? [:], "")
    return fields
  }

  @Test("the mapping has every field of a log line, and only what it has is indexed")
  func mapping() throws {
    let fields = try Self.fields()
    let path = Surroundings.repository.appending(path: "docs/contracts/log.schema.json")
    let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
    let lines = Set(((schema?["properties"] as? [String: Any]) ?? [:]).keys)
    #expect(lines.count > 25 && lines.subtracting(fields.keys).isEmpty, "\(lines.subtracting(fields.keys))")
    // And what the shipper and the pipeline put there.
    let added: Set = [
      "log.file.path", "log.offset", "log.data_stream", "log.iostream", "container.id", "event.ingested",
      "data_stream.type",
      "data_stream.dataset",
      "data_stream.namespace",
    ]
    #expect(Set(fields.keys).subtracting(lines) == added)
    let mapping = try ElkFolder.json("component-templates/logs-cdb@mappings.json")
    let root = (mapping["template"] as? [String: Any])?["mappings"] as? [String: Any]
    #expect(root?["dynamic"] as? Bool == false)
  }

  @Test("templates, policy and pipeline name each other, and each has a version")
  func names() throws {
    let artefacts = try ElkFolder.artefacts()
    #expect(Set(artefacts.map(\.kind)) == Set(SearchArtefact.Kind.allCases))
    for artefact in artefacts {
      #expect(SearchArtefact.version(of: artefact.body) != nil, "\(artefact.name)")
      switch artefact.kind {
      case .indexTemplate:
        let parts = artefacts.filter { $0.kind == .componentTemplate }.map { JSONTree.text($0.name) }
        #expect(artefact.body["composed_of"] == .list(parts))
        // Above 100, which the server's own templates for logs-*-* have.
        #expect(artefact.body["priority"] == .integer(300))
      case .componentTemplate:
        guard let settings = artefact.body[["template", "settings", "index"]] else { continue }
        let pipelines = artefacts.filter { $0.kind == .ingestPipeline }.map(\.name)
        #expect(settings["default_pipeline"]?.scalar == pipelines.first)
        let policies = artefacts.filter { $0.kind == .lifecyclePolicy }.map(\.name)
        #expect(settings[["lifecycle", "name"]]?.scalar == policies.first)
      case .ingestPipeline, .lifecyclePolicy: continue
      }
    }
  }

  @Test("Kibana's searches ask for fields that there are, of a data view that there is")
  func searches() throws {
    let text = try String(contentsOf: ElkFolder.url.appending(path: "kibana/cdb.ndjson"), encoding: .utf8)
    let objects = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let views = objects.filter { $0["type"] as? String == "index-pattern" }
    let template = try ElkFolder.json("index-templates/logs-cdb.json")
    let patterns = (template["index_patterns"] as? [String])?.joined(separator: ",")
    #expect(views.map { ($0["attributes"] as? [String: Any])?["title"] as? String } == [patterns])
    let fields = Set(try Self.fields().keys)
    let searches = objects.filter { $0["type"] as? String == "search" }
    #expect(searches.count == 5 && searches.count + views.count == objects.count)
    for search in searches {
      let attributes = try #require(search["attributes"] as? [String: Any])
      let columns = attributes["columns"] as? [String] ?? []
      #expect(!columns.isEmpty && Set(columns).isSubset(of: fields), "\(columns)")
      let source = try #require(
        (attributes["kibanaSavedObjectMeta"] as? [String: Any])?["searchSourceJSON"] as? String)
      let parsed = try JSONSerialization.jsonObject(with: Data(source.utf8)) as? [String: Any]
      let query = try #require((parsed?["query"] as? [String: Any])?["query"] as? String)
      let asked = query.matches(of: /([a-z_.@]+):/).map { String($0.output.1) }
      #expect(!asked.isEmpty && Set(asked).isSubset(of: fields), "\(query)")
      let references = search["references"] as? [[String: Any]]
      #expect(references?.first?["id"] as? String == views.first?["id"] as? String)
      #expect(references?.first?["name"] as? String == parsed?["indexRefName"] as? String)
    }
  }

  /// A server that keeps what it is given, as Elasticsearch gives it back.
  private final class Memory: Sendable {
    let state = Mutex<(bodies: [String: JSONTree], puts: [String])>(([:], []))
    let flavour: String
    let knowsPolicies: Bool

    init(flavour: String = "default", knowsPolicies: Bool = true) {
      self.flavour = flavour
      self.knowsPolicies = knowsPolicies
    }

    func answer(_ request: HTTPServer.Request) -> HTTPServer.Answer {
      let words = request.line.split(separator: " ")
      let path = String(words[1])
      if path == "/" {
        return .json("{\"version\":{\"number\":\"9.1.0\",\"build_flavor\":\"\(flavour)\"}}")
      }
      let name = String(path.split(separator: "/").last ?? "")
      if path.hasPrefix("/_ilm/"), !knowsPolicies {
        return .status(410, "{\"error\":{\"type\":\"api_not_available_exception\"}}")
      }
      if words[0] == "PUT" {
        let body = (try? JSONDecoder().decode(JSONTree.self, from: Data(request.body))) ?? .null
        state.withLock { state in
          state.bodies[path] = body
          state.puts.append(path)
        }
        return .json("{\"acknowledged\":true}")
      }
      guard let body = state.withLock({ $0.bodies[path] }) else { return .status(404, "{}") }
      let answer: JSONTree =
        switch path.split(separator: "/").first {
        case "_component_template":
          .object([
            "component_templates": .list([.object(["name": .text(name), "component_template": body])])
          ])
        case "_index_template":
          .object(["index_templates": .list([.object(["name": .text(name), "index_template": body])])])
        default: .object([name: body])
        }
      return .body(Array((try? JSONEncoder().encode(answer)) ?? Data()), type: "application/json")
    }
  }

  private static func during<Result>(
    _ memory: Memory, retention: String? = nil, _ body: (SearchSetup) async throws -> Result
  ) async throws -> Result {
    let server = try HTTPServer { memory.answer($0) }
    defer { server.stop() }
    let setup = SearchSetup(
      try ElkFolder.artefacts(), target: BulkTarget(urls: [server.url], index: "logs-cdb-default"),
      retention: retention, userAgent: "test/1")
    defer { setup.shutdown() }
    return try await body(setup)
  }

  @Test("what is named by others is put first, with the time that lines are kept for")
  func order() async throws {
    let memory = Memory()
    try await Self.during(memory, retention: "90d") { setup in
      let first = try await setup.run(isDryRun: false)
      let second = try await setup.run(isDryRun: false)
      #expect(first.isWhole && second.steps.allSatisfy { $0.finding == .same })
    }
    let state = memory.state.withLock { $0 }
    #expect(
      state.puts.map { String($0.split(separator: "/").first ?? "") } == [
        "_ilm", "_ingest", "_component_template", "_component_template", "_index_template",
      ])
    #expect(
      state.bodies["/_ilm/policy/logs-cdb"]?[["policy", "phases", "delete", "min_age"]]?.scalar == "90d")
    try await Self.during(memory, retention: "30d") { setup in
      let steps = try await setup.run(isDryRun: true).steps.filter { $0.finding != .same }
      #expect(steps.map(\.differences) == [["phases.delete.min_age: 90d on the server, 30d here"]])
    }
  }

  @Test("a later version is left as it is, unless it is forced")
  func newer() async throws {
    let memory = Memory()
    try await Self.during(memory) { setup in
      _ = try await setup.run(isDryRun: false)
      let path = "/_index_template/logs-cdb"
      memory.state.withLock { $0.bodies[path] = $0.bodies[path]?.with(.integer(99), at: ["version"]) }
      let report = try await setup.run(isDryRun: false)
      #expect(!report.isWhole && report.steps.filter { $0.finding == .newer }.map(\.name) == ["logs-cdb"])
      #expect(report.steps.allSatisfy { !$0.isPut })
      #expect(
        try await setup.run(isDryRun: false, isForced: true).steps.filter(\.isPut).map(\.name) == ["logs-cdb"]
      )
      #expect(try await setup.run(isDryRun: false).isWhole)
    }
  }

  @Test("where lifecycle policies are not to be had, each data stream keeps its data by itself")
  func serverless() async throws {
    let memory = Memory(flavour: "serverless", knowsPolicies: false)
    try await Self.during(memory, retention: "7d") { setup in
      let report = try await setup.run(isDryRun: false)
      #expect(report.isWhole && report.server.isServerless && !report.server.hasPolicies)
    }
    let bodies = memory.state.withLock { $0.bodies }
    #expect(
      bodies["/_index_template/logs-cdb"]?[["template", "lifecycle", "data_retention"]]?.scalar == "7d")
    let settings = bodies["/_component_template/logs-cdb@settings"]?[["template", "settings", "index"]]
    #expect(
      settings?["lifecycle"] == nil && settings?["codec"] != nil && settings?["default_pipeline"] != nil)
  }

  @Test("what servers write differently is no difference, and what they add neither")
  func comparison() throws {
    let wanted = try SearchArtefact(
      kind: .componentTemplate, name: "a",
      json: Array(
        "{\"version\":2,\"template\":{\"settings\":{\"index\":{\"mapping\":{\"limit\":200},\"x\":true}}},\"list\":[1,2]}"
          .utf8))
    func differences(_ text: String) throws -> [String] {
      wanted.differences(from: try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8)))
    }
    #expect(
      try differences(
        "{\"version\":2,\"template\":{\"settings\":{\"index.mapping.limit\":\"200\",\"x\":\"true\",\"y\":\"1\"}},\"list\":[1,2],\"z\":{}}"
      ) == [])
    #expect(
      try differences(
        "{\"version\":1,\"template\":{\"settings\":{\"index\":{\"x\":\"false\"}}},\"list\":[1]}") == [
          "list: [1] on the server, [1, 2] here",
          "template.settings.index.mapping.limit: missing on the server",
          "template.settings.index.x: false on the server, true here", "version: 1 on the server, 2 here",
        ])
    #expect(throws: ShipperError.self) {
      _ = try SearchArtefact(kind: .indexTemplate, name: "a", json: Array("[]".utf8))
    }
  }

  @Test(
    "a server that is none, and one that lets nobody in, are said",
    arguments: [(200, "{}"), (200, "<html>"), (401, "{}"), (503, "busy")])
  func refusals(status: Int, body: String) async throws {
    let server = try HTTPServer { _ in .status(status, body) }
    defer { server.stop() }
    let setup = SearchSetup(
      try ElkFolder.artefacts(), target: BulkTarget(urls: [server.url], index: "logs-cdb-default"),
      userAgent: "test/1")
    defer { setup.shutdown() }
    await #expect(throws: ShipperError.self) { _ = try await setup.run(isDryRun: true) }
  }
}
