import Foundation
import HTTPServerFixture
import OpenMetrics
import Testing

@Suite("Every feature and every nasty text", .serialized)
struct EverythingTests {
  @Test(
    "a real Prometheus takes it in each protocol, with every label as it was",
    .needs("prometheus", of: "prometheus"),
    arguments: [ExpositionFormat.openMetrics1, .text004, .text100, .protobuf])
  func prometheus(format: ExpositionFormat) async throws {
    let registry = try EverythingRegistry.make()
    let server = try HTTPServer { _ in
      .body(Exposition.write(registry.snapshot(), as: format), type: format.contentType)
    }
    defer { server.stop() }
    try await withPrometheus(scraping: server.port) { api in
      _ = try await eventually("the target is up", within: .seconds(300)) {
        try await api.value("up") == "1" ? true : nil
      }
      let series = try await api.get("/api/v1/query?query=hostile_total", PrometheusAPI.Result.self).result
      var values: [String: String] = [:]
      for one in series { values[one.metric["text"] ?? ""] = one.value.last?.text }
      for (index, text) in EverythingRegistry.hostileTexts.enumerated() {
        #expect(values[text] == "\(index + 1)", "\(text.debugDescription.prefix(40))")
      }
      for (query, value) in [
        ("requests_total{route=\"/\",status=\"200\"}", "3"), ("requests_total{status=\"500\"}", "0.5"),
        ("temperature_celsius{room=\"b\"}", "+Inf"), ("temperature_celsius{room=\"d\"}", "NaN"),
        ("jobs", "7"), ("odd", "4.5"), ("answer", "42"),
        ("http_server_requests_total{url_path=\"/a b\"}", "9"),
        ("{__name__=~\"gr__e__x_\"}", "1"), ("door_state{door_state=\"clo\\\"sed\"}", "0"),
        ("target_info{host_name=\"a\\\"b\\\\c\\nd\"}", "1"), ("wait_seconds_count", "100"),
        ("wait_seconds_sum", "5050"),
        // Prometheus keeps only the native one where there is one.
        ("size_bytes_count or histogram_count(size_bytes)", "1000"),
        ("both_seconds_sum or histogram_sum(both_seconds)", "4.5"),
        ("latency_seconds_bucket{le=~\"1(.0)?\"}", "3"), ("latency_seconds_count", "5"),
      ] {
        #expect(try await api.value(query) == value, "\(format): \(query)")
      }
      #expect(try await api.value("process_start_time_seconds > bool 0") == "1")
      #expect(try await api.value("scrape_samples_scraped > bool 60") == "1")
    }
    #expect(registry.statistics.collectFailures > 0, "the broken callback is counted")
  }

  @Test("promtool accepts it and has nothing to complain of", .needs("promtool", of: "prometheus"))
  func promtool() async throws {
    let bytes = Exposition.write(try EverythingRegistry.make().snapshot(), as: .text004)
    try await withTemporaryDirectory { folder in
      try Data(bytes).write(to: URL(filePath: folder + "/metrics"))
      let output = try await Program.run("sh", ["-c", "promtool check metrics < metrics 2>&1"], in: folder)
      #expect(output == "")
    }
  }

  @Test(
    "prometheus_client's parser of OpenMetrics reads the same values", .needsPython("prometheus_client"))
  func python() async throws {
    let registry = try EverythingRegistry.make()
    let bytes = Exposition.write(
      registry.snapshot(), as: .openMetrics1, options: .init(includesCreated: true))
    let script = """
      import json, sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families
      families = text_string_to_metric_families(open('metrics', encoding='utf-8', newline='').read())
      print(json.dumps([[s.name, s.labels, str(s.value)] for f in families for s in f.samples]))
      """
    try await withTemporaryDirectory { folder in
      try Data(bytes).write(to: URL(filePath: folder + "/metrics"))
      let output = try await Program.run(Surroundings.python, ["-c", script], in: folder)
      let samples = try #require(
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[Any]])
      var values: [String: String] = [:]
      for sample in samples where sample.first as? String == "hostile_total" {
        let labels = sample[1] as? [String: String]
        values[labels?["text"] ?? ""] = sample[2] as? String
      }
      for (index, text) in EverythingRegistry.hostileTexts.enumerated() {
        #expect(values[text].flatMap(Double.init) == Double(index + 1), "\(text.debugDescription.prefix(40))")
      }
      let parsed = try ExpositionParser(format: .openMetrics1).parse(bytes).families
      let ours = Exposition.write(parsed, as: .openMetrics1, options: .init(includesCreated: true))
      let lines = ours.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
      #expect(samples.count == lines.count, "as many samples as we read ourselves")
    }
  }

  @Test(
    "every format is read strictly, and the lint of the test kit finds nothing",
    arguments: ExpositionFormat.allCases)
  func strict(format: ExpositionFormat) throws {
    let families = try EverythingRegistry.make().snapshot()
    for escaping in EscapingScheme.allCases where !(format == .text004 && escaping == .allowUTF8) {
      let bytes = Exposition.write(families, as: format, options: .init(escaping: escaping))
      let parsed = try ExpositionParser(format: format, options: .init(allowsQuotedNames: true)).parse(bytes)
      #expect(parsed.families.count >= families.count)
    }
  }
}
