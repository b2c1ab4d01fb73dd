import Foundation
import HTTPServerFixture
import HTTPTransport
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite(
  "A real Prometheus has of the bridge what it scrapes itself", .serialized,
  .enabled(if: Surroundings.hasPrometheus, "needs prometheus"))
struct PrometheusFormatTests {
  private static let protobuf: [UInt8] =
    Message.family(
      "c_total", type: 0,
      Message().label("a", "é\n").message(
        3, Message().double(1, 3).message(2, Message.exemplar("c", 1.5, seconds: nil))))
    + Message.family(
      "native", type: 4, Message().label("which", "whole").message(7, Message.native),
      Message().label("which", "none").message(
        7, Message().number(1, 0).double(2, 0).signed(5, 0).double(6, 1e-128).span(12, 0, 0)))
    + Message.family(
      "gauge", type: 5, Message().message(7, Message.native))
    + Message.family(
      "s", type: 2,
      Message().message(
        4, Message().number(1, 4).double(2, 8).message(3, Message().double(1, 0.99).double(2, 2))))
    + Message.family(
      "h", type: 4,
      Message().message(
        7,
        Message().number(1, 5).double(2, 1.5).message(3, Message().number(1, 2).double(2, 1))
          .message(3, Message().number(1, 4).double(2, 2.5e6))))

  private static let series = [
    "c_total", "native{which=\"whole\"}", "native{which=\"none\"}", "gauge", "s", "s_count", "s_sum",
    "h_bucket",
    "h_count", "h_sum", "up",
  ]

  /// The results of a query by labels but for the job, values as they are written, without times.
  private static func results(_ prometheus: PrometheusServer, _ query: String) async throws -> [String:
    String]
  {
    let data = try await prometheus.ask("query", query)
    let reply = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let content = try #require(reply["data"] as? [String: Any])
    var found: [String: String] = [:]
    for result in try #require(content["result"] as? [[String: Any]]) {
      var labels = try #require(result["metric"] as? [String: String])
      labels["job"] = nil
      let pair = try #require((result["value"] ?? result["histogram"]) as? [Any])
      let value = try JSONSerialization.data(withJSONObject: [pair[1]], options: .sortedKeys)
      found[labels.sorted { $0.key < $1.key }.description] = String(decoding: value, as: UTF8.self)
    }
    return found
  }

  @Test("protobuf with native histograms, value by value")
  func histograms() async throws {
    let accepts = Mutex<[String]>([])
    let target = try HTTPServer { request in
      accepts.withLock { $0.append(request.headers["accept"] ?? "") }
      return HTTPServer.Answer(
        headers: [
          "Content-Type":
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        ], body: Self.protobuf)
    }
    defer { target.stop() }
    let address = "127.0.0.1:\(target.port)"
    try await withTemporaryDirectory { folder in
      let prometheus = try PrometheusServer(
        in: folder,
        configuration: """
          global: {scrape_interval: 500ms, scrape_timeout: 500ms}
          scrape_configs: [{job_name: direct, static_configs: [{targets: ["\(address)"]}]}]

          """, features: ["native-histograms", "exemplar-storage"])
      let text = """
        global: {scrape_interval: 500ms, scrape_timeout: 500ms}
        scrape_configs: [{job_name: bridge, scrape_native_histograms: true, static_configs: [{targets: ["\(address)"]}]}]
        remote_write:
          - {name: e, url: "\(prometheus.url)", send_native_histograms: true, send_exemplars: true, queue_config: {batch_send_deadline: 100ms}}

        """
      let ledger = try await withBridge(text, in: folder + "/data") { bridge in
        for name in Self.series {
          let brace = name.hasSuffix("}") ? name.dropLast() + "," : name + "{"
          _ = try await eventually("\(name) is the same") {
            let direct = try await Self.results(prometheus, brace + "job=\"direct\"}")
            let bridged = try await Self.results(prometheus, brace + "job=\"bridge\"}")
            guard !direct.isEmpty, direct == bridged else {
              throw DeadlinePassed(description: "\(direct) and \(bridged)")
            }
            return true
          }
        }
        return bridge.statistics.endpoints[0].ledger
      }
      #expect(ledger.refused == 0 && ledger.presumedDelivered == 0)
      #expect(accepts.withLock { $0.contains { $0.hasPrefix("application/vnd.google.protobuf") } })
      await prometheus.program.end()
    }
  }

  @Test("exemplars of OpenMetrics, with the time of the target's")
  func exemplars() async throws {
    let now = Int(Date().timeIntervalSince1970)
    let target = try CountingTarget { number in
      .text(
        """
        # TYPE a counter
        a_total{x="1"} \(number) # {trace_id="t1",span="é"} 0.25 \(now).5
        # TYPE h histogram
        h_bucket{le="1.0"} 1 # {trace_id="t2"} 0.5 \(now).25
        h_bucket{le="+Inf"} 1
        h_sum 0.5
        h_count 1
        # EOF

        """, type: "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
    defer { target.stop() }
    try await withTemporaryDirectory { folder in
      let prometheus = try PrometheusServer(in: folder, features: ["exemplar-storage"])
      let text = """
        global: {scrape_interval: 500ms, scrape_timeout: 500ms}
        scrape_configs: [{job_name: j, static_configs: [{targets: ["\(target.address)"]}]}]
        remote_write: [{name: e, url: "\(prometheus.url)", send_exemplars: true, queue_config: {batch_send_deadline: 100ms}}]

        """
      try await withBridge(text, in: folder + "/data") { bridge in
        for (query, id, value, time) in [
          ("a_total", "t1", "0.25", "\(now).5"), ("h_bucket", "t2", "0.5", "\(now).25"),
        ] {
          let words = try await eventually("\(query) has its exemplar") {
            () -> String? in
            let data = try await prometheus.ask(
              "query_exemplars", query, "&start=\(now - 60)&end=\(now + 600)")
            let words = String(decoding: data, as: UTF8.self)
            return words.contains("trace_id") ? words : nil
          }
          #expect(
            words.contains(#""trace_id":"\#(id)""#) && words.contains(#""value":"\#(value)""#), "\(words)")
          #expect(words.contains("\"timestamp\":\(time)"), "\(words)")
          #expect(words.components(separatedBy: "trace_id").count == 2, "\(words)")
        }
        #expect(bridge.statistics.endpoints[0].ledger.refused == 0)
      }
      await prometheus.program.end()
    }
  }
}
