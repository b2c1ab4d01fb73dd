import Foundation
import HTTPServerFixture
import Synchronization
import ProgramFixture
import Testing

@testable import LogShipping

@Suite("What a server is given", .serialized)
struct SearchSetupTests {
  private static func setup(_ url: String, _ artefacts: [SearchArtefact], retention: String? = nil)
    -> SearchSetup
  {
    SearchSetup(
      artefacts, target: BulkTarget(urls: [url], index: "logs-cdb-default"), retention: retention,
      userAgent: "test/1")
  }

  @Test(
    "a server that others wrote gets all that it knows, once; what was changed there is put again",
    .needsIndependentServers, arguments: IndependentServer.allCases)
  func independent(server: IndependentServer) async throws {
    try await server.during { url, _ in
      let artefacts = try ElkFolder.artefacts()
      let setup = Self.setup(url, artefacts)
      defer { setup.shutdown() }
      let plan = try await setup.run(isDryRun: true)
      #expect(plan.server.product == (server == .elasticsearch ? "Elasticsearch" : "OpenSearch"))
      #expect(!plan.isWhole && plan.steps.allSatisfy { $0.finding == .missing && !$0.isPut })
      // Neither knows lifecycle policies, and only one ingest pipelines.
      #expect(!plan.server.hasPolicies && plan.server.hasPipelines == (server == .elasticsearch))
      #expect(plan.steps.count == artefacts.count - (server == .elasticsearch ? 1 : 2))
      let first = try await setup.run(isDryRun: false)
      #expect(first.isWhole && first.steps.allSatisfy(\.isPut))
      let second = try await setup.run(isDryRun: false)
      #expect(
        second.isWhole && second.steps.allSatisfy { $0.finding == .same && !$0.isPut }, "\(second.steps)")

      let template = "/_component_template/logs-cdb@settings"
      _ = try await IndependentServer.ask(
        url + template, "PUT",
        "{\"version\":1,\"template\":{\"settings\":{\"index\":{\"codec\":\"default\"}}}}")
      let changed = try await setup.run(isDryRun: true).steps.filter { $0.finding != .same }
      #expect(changed.map(\.name) == ["logs-cdb@settings"] && changed.map(\.finding) == [.differs])
      #expect(
        changed.first?.differences.contains(
          "template.settings.index.codec: default on the server, best_compression here")
          == true, "\(changed)")
      #expect(try await setup.run(isDryRun: false).steps.filter(\.isPut).map(\.name) == ["logs-cdb@settings"])
      #expect(try await setup.run(isDryRun: true).isWhole)
    }
  }

  /// Indices instead of data streams, with the same mapping, for a server that has none.
  private static func makeIndices(_ url: String) async throws {
    var template = try ElkFolder.json("index-templates/logs-cdb.json")
    template["data_stream"] = nil
    let body = String(decoding: try JSONSerialization.data(withJSONObject: template), as: UTF8.self)
    _ = try await IndependentServer.ask(url + "/_index_template/logs-cdb", "PUT", body)
  }

  @Test(
    "lines go into data streams with these fields, and how new the newest is can be asked",
    .needsIndependentServers, arguments: IndependentServer.allCases)
  func lines(server: IndependentServer) async throws {
    try await server.during { url, folder in
      let setup = Self.setup(url, try ElkFolder.artefacts())
      defer { setup.shutdown() }
      _ = try await setup.run(isDryRun: false)
      if server == .openSearch { try await Self.makeIndices(url) }
      let pattern = "logs-cdb-*,logs-cdb_*-*"
      #expect(try await setup.freshness(of: pattern) == SearchSetup.Freshness(documents: 0))
      let lines = [
        "{\"@timestamp\":\"2026-11-30T12:00:00.000001Z\",\"log.level\":\"error\",\"event.dataset\":\"cdb-gate\",\"labels.x\":\"1\"}",
        "{\"@timestamp\":\"2026-11-30T12:00:01.500Z\",\"log.level\":\"info\",\"event.dataset\":\"cdb\",\"service.name\":\"cdb\",\"unheard.of\":{\"a\":1}}",
        "{\"@timestamp\":\"2026-11-30T11:00:00Z\",\"event.dataset\":\"cdb\",\"cdb.barrier\":18446744073709551615}",
      ]
      var options = options(folder, [url])
      options.target = BulkTarget(
        urls: [url], index: "logs-cdb-default", routing: StreamRouting(), compressionLevel: 1, timeout: 3_000)
      try LogFile.append(lines.joined(separator: "\n") + "\n", to: folder + "/logs/app.log")
      let ledger = try await withShipper(options) { shipper in
        try await eventually("all is settled") {
          shipper.statistics.ledger.lines == 3 ? shipper.statistics.ledger : nil
        }
      }
      let letters = try ShipperInspection(directory: options.directory).deadLetters
      #expect(ledger.delivered == 3, "\(letters)")
      let reports = try await LogAudit.run(options: options)
      #expect(reports.map(\.found) == [3] && reports.allSatisfy(\.isWhole))
      let freshness = try await setup.freshness(of: pattern)
      #expect(freshness.documents == 3 && freshness.newest == 1_796_040_001_500, "\(freshness)")
      #expect(freshness.index?.contains("logs-cdb-default") == true)
      // What is mapped is found, and what is not is kept, and nothing is made of it.
      let found = try await IndependentServer.ask(
        url + "/\(pattern)/_search", "POST", "{\"query\":{\"term\":{\"log.level\":\"error\"}}}")
      let hits = (found["hits"] as? [String: Any])?["hits"] as? [[String: Any]] ?? []
      #expect(hits.count == 1)
      #expect((hits.first?["_source"] as? [String: Any])?["labels.x"] as? String == "1")
      let mappings = try await IndependentServer.ask(url + "/\(pattern)/_mapping")
      let text = String(decoding: try JSONSerialization.data(withJSONObject: mappings), as: UTF8.self)
      #expect(!text.contains("unheard") && !text.contains("labels") && text.contains("canary"))
    }
  }

  @Test(
    "killed over and over, no line is missing in a server that others wrote, and none is there twice",
    .needsIndependentServers, .timeLimit(.minutes(5)))
  func killed() async throws {
    // The other one takes seconds for a thousand documents.
    try await IndependentServer.openSearch.during { url, folder in
      let setup = Self.setup(url, try ElkFolder.artefacts())
      defer { setup.shutdown() }
      _ = try await setup.run(isDryRun: false)
      try await Self.makeIndices(url)
      let arguments = [folder + "/data", folder + "/logs/*.log*", url, "logs-cdb-default", "routed"]
      var random = SeededGenerator(seed: 21)
      let writers = (0..<2).map { number in
        Writer(
          log: folder + "/logs/\(number).log", fields: ",\"event.dataset\":\"cdb-\(number)\"",
          pause: 10, seed: UInt64(22 + number))
      }
      let end = ContinuousClock.now + .seconds(Surroundings.campaignSeconds / 5)
      let kills = try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in writers { group.addTask { try await writer.work(until: end) } }
        var kills = 0
        while ContinuousClock.now < end {
          let child = try Program(Program.sibling("ShipperCrashChild"), arguments, in: folder)
          try await Task.sleep(for: .milliseconds(Int.random(in: 100...1_500, using: &random)))
          child.signal(SIGKILL)
          #expect(try await child.exit() == -SIGKILL, "\(child.errors)")
          kills += 1
        }
        try await group.waitForAll()
        return kills
      }
      var written: [Int] = []
      for writer in writers { written.append(await writer.count) }
      let last = try Program(Program.sibling("ShipperCrashChild"), arguments, in: folder)
      var options = options(folder, [url])
      options.target = BulkTarget(urls: [url], index: "logs-cdb-default", routing: StreamRouting())
      let total = UInt64(written.reduce(0, +))
      let ledger = try await eventually("it has caught up", within: .seconds(90)) {
        let inspection = try ShipperInspection(directory: options.directory)
        return inspection.ledger.lines >= total ? inspection.ledger : nil
      }
      last.signal(SIGTERM)
      #expect(try await last.exit() == 0, "\(last.errors)")
      #expect(ledger.lines == total && ledger.delivered == total && ledger.unroutable == 0)
      let reports = try await LogAudit.run(options: options)
      #expect(reports.allSatisfy(\.isWhole) && reports.reduce(0) { $0 + $1.found } == total)
      for (number, count) in written.enumerated() {
        let numbers = try await Self.numbers(url + "/logs-cdb_\(number)-default")
        #expect(numbers == Array(1...count), "\(numbers.count) of \(count)")
      }
      #expect(kills > 3 && total > 500)
    }
  }

  /// The numbers of all lines in an index, in order: parts by their offsets, since a search has 10,000 documents at most.
  private static func numbers(_ index: String) async throws -> [Int] {
    _ = try await IndependentServer.ask(index + "/_refresh", "POST")
    let counted = try await IndependentServer.ask(index + "/_count")["count"] as? Int
    var numbers: [Int] = []
    let step = 2_000
    var start = 0
    while numbers.count < counted ?? 0, start < 1 << 19 {
      let answer = try await IndependentServer.ask(
        index + "/_search", "POST",
        """
        {"size":10000,"_source":["n"],"query":{"range":{"log.offset":{"gte":\(start),"lt":\(start + step)}}}}
        """)
      let hits = (answer["hits"] as? [String: Any])?["hits"] as? [[String: Any]] ?? []
      #expect(hits.count < 10_000)
      numbers += hits.compactMap { ($0["_source"] as? [String: Any])?["n"] as? Int }
      start += step
    }
    return numbers.sorted()
  }
}
