import Foundation
import LoopbackPorts
import Testing

/// Rules, dashboards and pages against what a run exports.
@Suite("Drift", .twoAtATime)
struct LintTests {
  struct Report: Decodable {
    struct Finding: Decodable {
      var file: String
      var line: Int
      var kind: String
      var message: String
    }
    var source: String
    var files: Int
    var expressions: Int
    var metrics: [String]
    var findings: [Finding]
  }

  static func shipped(_ path: String) -> String { Surroundings.repository + "/" + path }

  private func lint(_ arguments: [String], in folder: String) async throws -> (CDB.Finished, Report) {
    let finished = try await CDB.run(["lint", "--format", "json"] + arguments, in: folder)
    return (finished, try finished.json(as: Report.self))
  }

  @Test(
    "case 8: whatever rules, dashboards and pages of the repository name is on a live scrape and in the catalogue"
  )
  func shippedFiles() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.gate(is: "open")
        let rooms = ["prometheus", "dashboards", "docs"].map(Self.shipped)
        let (declared, catalogue) = try await lint(rooms, in: folder)
        #expect(declared.exit == .code(0), "\(declared.output)")
        #expect(catalogue.source == "catalogue" && catalogue.findings.isEmpty)
        #expect(catalogue.files > 50 && catalogue.expressions > 60 && catalogue.metrics.count > 15)

        let metrics = ["--metrics", "http://127.0.0.1:\(run.port)/metrics"]
        let everything = [
          "prometheus/rules/cdb.rules.yml", "prometheus/rules/cdb.tests.yml", "dashboards", "docs",
        ]
        let (live, scrape) = try await lint(metrics + everything.map(Self.shipped), in: folder)
        #expect(live.exit == .code(0), "\(live.output)")
        #expect(scrape.source == "scrape" && scrape.findings.isEmpty)

        // The gate service alone exports this, and a run is none.
        let (_, services) = try await lint(
          metrics + [Self.shipped("prometheus/rules/cdb-services.rules.yml")], in: folder)
        #expect(Set(services.findings.map(\.kind)) == ["not_exported"])
        #expect(services.findings.allSatisfy { $0.message.contains("cdb_process_state") })
      }
    }
  }

  @Test("case 8: a metric or a label of another name is found with file and line")
  func renamed() async throws {
    try await withTemporaryDirectory { folder in
      let rules = try String(contentsOfFile: Self.shipped("prometheus/rules/cdb.rules.yml"), encoding: .utf8)
      let path = folder + "/cdb.rules.yml"
      try FileManager.default.copyItem(
        atPath: Self.shipped("prometheus/rules/cdb.tests.yml"), toPath: folder + "/cdb.tests.yml")
      for (old, new, kind, words) in [
        (
          "cdb_flow_imbalance_events !=", "cdb_flow_imbalance !=", "unknown_metric",
          "cdb_flow_imbalance_events"
        ),
        ("{group=\"db_writer\"}", "{grp=\"db_writer\"}", "unknown_label", "did you mean group?"),
        ("cdb_stage_health=\"stalled\"", "cdb_stage_health=\"stuck\"", "unknown_value", "never stuck"),
        ("playbooks/silent_feed", "playbooks/silent_feeds", "unknown_runbook", "no playbook silent_feeds"),
        ("alert: CDBGateShut", "alert: CDBGateClosed", "no_firing_test", "CDBGateClosed"),
      ] {
        #expect(rules.components(separatedBy: old).count == 2, "\(old)")
        try rules.replacing(old, with: new).write(to: path)
        let line = rules[..<(try #require(rules.range(of: old)).lowerBound)].count { $0 == "\n" } + 1
        let (finished, report) = try await lint([path], in: folder)
        #expect(finished.exit == .code(1))
        let finding = try #require(report.findings.first { $0.kind == kind }, "\(finished.output)")
        #expect(finding.file == path)
        #expect(finding.line == line, "\(finding.message)")
        #expect(finding.message.contains(words), "\(finding.message)")
        let text = try await CDB.run(["lint", path], in: folder)
        #expect(text.output.contains("\(path):\(line): "), "\(text.output)")
      }
    }
  }

  @Test(
    "case 8: promtool takes configurations and rules, and each alert fires and keeps silent in its tests",
    .needsProgram("promtool"))
  func promtool() async throws {
    try await withTemporaryDirectory { folder in
      for arguments in [
        ["check", "config", "prometheus/prometheus.yml", "prometheus/prometheus-services.yml"],
        ["check", "rules", "prometheus/rules/cdb.rules.yml", "prometheus/rules/cdb-services.rules.yml"],
        ["test", "rules", "prometheus/rules/cdb.tests.yml", "prometheus/rules/cdb-services.tests.yml"],
      ] {
        let child = try ChildProcess(
          "promtool", arguments.prefix(2) + arguments.dropFirst(2).map(Self.shipped), in: folder)
        let exit = try await child.exit()
        #expect(exit == .code(0), "\(arguments): \(child.output) \(child.errors)")
      }
    }
  }

  @Test(
    "case 8: in a real Prometheus every rule over a run is evaluated, none fires without a cause, and a stop does",
    .needsProgram("prometheus"))
  func firing() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "pipeline.barrier_interval=500ms"])
      try await run.during { _ in
        try await run.gate(is: "open")
        try await withPrometheus(of: run, in: folder) { api in
          let (_, report) = try await lint([Self.shipped("prometheus/rules/cdb.rules.yml")], in: folder)
          // They come to be with the first line or event that is dropped.
          let caused: Set = ["cdb_log_lines_dropped_total", "cdb_stage_events_dropped_total"]
          for metric in report.metrics where !caused.contains(metric) {
            #expect(try await api.count(metric) > 0, "\(metric)")
          }
          #expect(try await api.firing().isEmpty)

          let stop = try await run.command(["stop", "--reason", "a rule is to see it"])
          #expect(stop.exit == .code(0), "\(stop.errors)")
          let alert = try await eventually(
            "the stop's alert fires", every: .milliseconds(200)
          ) {
            try await api.firing().first { $0.labels["alertname"] == "CDBEmergencyStop" }
          }
          #expect(alert.labels["severity"] == "critical" && alert.labels["job"] == "cdb")
          let runbook = try #require(alert.annotations["runbook_url"].flatMap { URL(string: $0) })
          #expect(try await HTTP.get(run.port, runbook.path).status == 200)

          let rules = try await api.rules()
          #expect(rules.count > 20)
          for rule in rules { #expect(rule.health == "ok" && rule.lastError == nil, "\(rule)") }
          for rule in rules where rule.type == "recording" && rule.name != "cdb:stage_events_dropped:rate5m" {
            #expect(try await api.count(rule.name) > 0, "\(rule.name)")
          }
        }
      }
    }
  }

  /// The shipped configuration, for this run's port and at a pace for tests.
  private func withPrometheus(
    of run: LiveRun, in folder: String, isolation: isolated (any Actor)? = #isolation,
    _ body: (PrometheusAPI) async throws -> Void
  ) async throws {
    let port = try FreePort.next()
    try FileManager.default.copyItem(atPath: Self.shipped("prometheus"), toPath: folder + "/prometheus")
    let path = folder + "/prometheus/prometheus.yml"
    var configuration = try String(contentsOfFile: path, encoding: .utf8)
    for (old, new) in [
      ("127.0.0.1:8000", "127.0.0.1:\(run.port)"), ("127.0.0.1:9090", "127.0.0.1:\(port)"),
      ("_interval: 15s", "_interval: 1s"), ("_timeout: 10s", "_timeout: 1s"),
    ] {
      #expect(configuration.contains(old))
      configuration = configuration.replacing(old, with: new)
    }
    try configuration.write(to: path)
    let prometheus = try ChildProcess(
      "prometheus",
      [
        "--config.file=\(path)", "--storage.tsdb.path=tsdb", "--web.listen-address=127.0.0.1:\(port)",
        "--log.level=warn",
      ], in: folder)
    do {
      try await body(PrometheusAPI(port))
    } catch {
      await prometheus.end()
      throw error
    }
    await prometheus.end()
  }

  @Test("what cannot be read is 2 and one line")
  func unreadable() async throws {
    try await withTemporaryDirectory { folder in
      try "groups: [".write(to: folder + "/broken.yml")
      try "groups: [{rules: [{expr: up}]}]".write(to: folder + "/nameless.yml")
      try "a: b".write(to: folder + "/other.yml")
      try "not an exposition".write(to: folder + "/scrape.txt")
      try "groups: []".write(to: folder + "/empty.yml")
      let closed = "http://127.0.0.1:\(try FreePort.next())/metrics"
      for (arguments, words) in [
        (["nowhere.yml"], "nothing at this path"), (["broken.yml"], "broken.yml: line "),
        (["nameless.yml"], "`alert` or `record`"), (["other.yml"], "neither rules"),
        ([], "name what to lint"),
        (["--metrics", "scrape.txt", "empty.yml"], "scrape.txt"),
        (["--metrics", closed, "empty.yml"], "gives no metrics"),
        (["--format", "xml", "empty.yml"], "xml"),
      ] {
        let finished = try await CDB.run(["lint"] + arguments, in: folder)
        #expect(finished.exit == .code(2), "\(arguments): \(finished.output)")
        #expect(
          finished.told.count == 1 && finished.errors.contains(words), "\(arguments): \(finished.errors)")
      }
      #expect(try await CDB.run(["lint", "empty.yml"], in: folder).exit == .code(0))
    }
  }
}

extension PrometheusAPI {
  struct Rule: Decodable, Sendable {
    var name: String
    var type: String
    var health: String
    var lastError: String?
  }

  struct Alert: Decodable, Sendable {
    var labels: [String: String]
    var annotations: [String: String]
    var state: String
  }

  /// Waits until all rules have been evaluated.
  func rules() async throws -> [Rule] {
    struct Reply: Decodable {
      struct Body: Decodable { var groups: [Group] }
      struct Group: Decodable { var rules: [Rule] }
      var data: Body
    }
    return try await eventually("all rules are evaluated", every: .milliseconds(200)) {
      let rules = try await get("/api/v1/rules").json(as: Reply.self).data.groups.flatMap(\.rules)
      return rules.contains { $0.health == "unknown" } ? nil : rules
    }
  }

  func firing() async throws -> [Alert] {
    struct Reply: Decodable {
      struct Body: Decodable { var alerts: [Alert] }
      var data: Body
    }
    return try await get("/api/v1/alerts").json(as: Reply.self).data.alerts.filter { $0.state == "firing" }
  }
}
