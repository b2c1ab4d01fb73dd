import Foundation
import LoopbackPorts
import Testing

/// What others read of our metrics, and what we say of ours and theirs.
@Suite("The metrics of a run", .twoAtATime)
struct ScrapeTests {
  /// What Prometheus 2.42 sends.
  static let prometheusAccept =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

  /// A run with fills and barriers, so that every family has samples.
  private func withTradingRun(_ body: (String, LiveRun) async throws -> Void) async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "pipeline.barrier_interval=500ms"])
      try await run.during { _ in
        try await run.firstFill()
        try await body(folder, run)
      }
    }
  }

  private func expositions(_ run: LiveRun, in folder: String) async throws -> (
    openMetrics: String, text: String
  ) {
    let openMetrics = try await HTTP.get(run.port, "/metrics", headers: ["Accept": Self.prometheusAccept])
    let text = try await HTTP.get(run.port, "/metrics", headers: ["Accept": "text/plain;version=0.0.4"])
    #expect(
      openMetrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    #expect(text.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    return (
      try openMetrics.body.write(to: folder + "/open.txt"), try text.body.write(to: folder + "/plain.txt")
    )
  }

  @Test("a real Prometheus scrapes them as OpenMetrics", .needsProgram("prometheus"))
  func prometheus() async throws {
    try await withTradingRun { folder, run in
      let port = try FreePort.next()
      try """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs:
        - job_name: cdb
          static_configs: [{targets: ["127.0.0.1:\(run.port)"]}]

      """.write(to: folder + "/prometheus.yml")
      let prometheus = try ChildProcess(
        "prometheus",
        [
          "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
          "--web.listen-address=127.0.0.1:\(port)",
          "--log.level=warn",
        ], in: folder)
      do {
        for query in ["up == 1", "cdb_fills_total > 0", "cdb_stage_health", "cdb_flow_imbalance_events"] {
          let count = try await PrometheusAPI(port).count(query)
          #expect(count > 0, "\(query)")
        }
        #expect(try await PrometheusAPI(port).lastErrors() == [""])
        // Types that the older text format does not have: the scrape was OpenMetrics.
        #expect(try await PrometheusAPI(port).type(of: "cdb_stage_health") == "stateset")
        #expect(try await PrometheusAPI(port).type(of: "cdb_build") == "info")
      } catch {
        await prometheus.end()
        throw error
      }
      await prometheus.end()
    }
  }

  @Test("promtool has nothing to say about the text format", .needsProgram("promtool"))
  func promtool() async throws {
    try await withTradingRun { folder, run in
      let promtool = try ChildProcess(
        "promtool", ["check", "metrics"], in: folder, input: try await expositions(run, in: folder).text)
      #expect(
        try await promtool.exit() == .code(0), "\(promtool.output) \(promtool.errors)")
    }
  }

  @Test("the reference parser of OpenMetrics takes them", .needsPython("prometheus_client"))
  func referenceParser() async throws {
    try await withTradingRun { folder, run in
      let families = try await PythonCheck.run(
        """
        import sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        print(len(list(text_string_to_metric_families(open(sys.argv[1]).read()))))
        """, [try await expositions(run, in: folder).openMetrics], in: folder)
      #expect(Int(families.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 30)
    }
  }

  @Test("case 6: cdb metrics check takes both forms, and each histogram ends with +Inf at its count")
  func ownParser() async throws {
    try await withTradingRun { folder, run in
      let (openMetrics, text) = try await expositions(run, in: folder)
      for (format, path) in [("openmetrics", openMetrics), ("text", text)] {
        let named = try await CDB.run(["metrics", "check", "--format", format, path], in: folder)
        #expect(named.exit == .code(0), "\(format): \(named.errors)")
        let piped = try await CDB.run(["metrics", "check", "--format", format], in: folder, input: path)
        #expect(piped.output == named.output)
        let histograms = Self.histogramEnds(try String(contentsOfFile: path, encoding: .utf8))
        #expect(histograms.count > 5)
        for (series, end) in histograms { #expect(end.infinity == end.count, "\(series)") }
      }
    }
  }

  /// The last bucket and the count of each histogram series.
  static func histogramEnds(_ exposition: String) -> [String: (infinity: String, count: String)] {
    var infinity: [String: String] = [:]
    var count: [String: String] = [:]
    for line in exposition.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      guard parts.count >= 2 else { continue }
      let (series, value) = (String(parts[0]), String(parts[1]))
      if series.contains("_bucket{"), series.contains(#"le="+Inf""#) {
        let rest = series.replacing("_bucket", with: "").replacing(#",le="+Inf""#, with: "")
        infinity[rest.replacing(#"le="+Inf""#, with: "").replacing("{}", with: "")] = value
      } else if series.contains("_count{") || series.hasSuffix("_count") {
        count[series.replacing("_count", with: "")] = value
      }
    }
    return infinity.reduce(into: [:]) { $0[$1.key] = ($1.value, count[$1.key] ?? "missing") }
  }

  @Test(
    "a bucket above +Inf is refused with line and reason",
    arguments: [("openmetrics", "# EOF\n"), ("text", "")])
  func bucketAboveInfinity(format: String, end: String) async throws {
    try await withTemporaryDirectory { folder in
      let file = try """
      # TYPE order_seconds histogram
      order_seconds_bucket{le="1"} 1
      order_seconds_bucket{le="+Inf"} 2
      order_seconds_bucket{le="1000"} 2
      order_seconds_sum 3
      order_seconds_count 2
      \(end)
      """.write(to: folder + "/wrong.txt")
      let finished = try await CDB.run(["metrics", "check", "--format", format, file], in: folder)
      #expect(finished.exit == .code(1))
      #expect(finished.told.count == 1)
      #expect(finished.errors.contains("line 4") || finished.errors.contains(":4"), "\(finished.errors)")
    }
  }
}

/// The few questions that tests put to a Prometheus.
struct PrometheusAPI {
  private let port: UInt16
  init(_ port: UInt16) { self.port = port }

  func get(_ path: String) async throws -> HTTP { try await HTTP.get(port, path) }

  /// Waits until a query has series; how many.
  func count(_ query: String) async throws -> Int {
    struct Reply: Decodable {
      struct Body: Decodable { var result: [Series] }
      struct Series: Decodable { var metric: [String: String] }
      var data: Body
    }
    let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? query
    return try await eventually("\(query) has series", every: .milliseconds(200)) {
      let answer = try? await HTTP.get(port, "/api/v1/query?query=\(encoded)")
      let reply = try? answer?.json(as: Reply.self)
      return reply.flatMap { $0.data.result.isEmpty ? nil : $0.data.result.count }
    }
  }

  func lastErrors() async throws -> [String] {
    struct Reply: Decodable {
      struct Body: Decodable { var activeTargets: [Target] }
      struct Target: Decodable { var lastError: String }
      var data: Body
    }
    return try await HTTP.get(port, "/api/v1/targets").json(as: Reply.self).data.activeTargets.map(
      \.lastError)
  }

  func type(of metric: String) async throws -> String? {
    struct Reply: Decodable {
      struct Metadata: Decodable { var type: String }
      var data: [String: [Metadata]]
    }
    return try await HTTP.get(port, "/api/v1/metadata?metric=\(metric)").json(as: Reply.self).data[metric]?
      .first?.type
  }
}
