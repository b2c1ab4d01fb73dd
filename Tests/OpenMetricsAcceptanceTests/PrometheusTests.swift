import Foundation
import HTTPServerFixture
import HTTPTransport
import OpenMetrics
import Testing

/// The few questions that tests put to a Prometheus.
struct PrometheusAPI {
  struct Reply<Content: Decodable>: Decodable { var data: Content }
  struct Result: Decodable { var result: [Series] }
  struct Series: Decodable {
    var metric: [String: String]
    var value: [Value]
  }
  struct Metadata: Decodable { var type: String }
  struct Exemplars: Decodable { var exemplars: [[String: Value]] }
  struct Targets: Decodable { var activeTargets: [Target] }
  struct Target: Decodable { var lastError: String }

  /// A number, a text, or something else that is not looked at.
  enum Value: Decodable {
    case number(Double)
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = (try? container.decode(String.self)).map { .text($0) } ?? .other
      }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
  }

  let port: UInt16
  private let client = HTTPClient()

  func get<Content: Decodable>(_ path: String, _ type: Content.Type) async throws -> Content {
    let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)\(path)"))
    return try JSONDecoder().decode(Reply<Content>.self, from: Data(response.body)).data
  }

  /// The only value of a query, as text.
  func value(_ query: String) async throws -> String? {
    let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? query
    let series = try await get("/api/v1/query?query=\(encoded)", Result.self).result
    return series.count == 1 ? series.first?.value.last?.text : nil
  }
}

@Suite("Protobuf: a real Prometheus", .serialized)
struct PrometheusTests {
  @Test(
    "reads every type of ours as it is, native histograms included", .needs("prometheus", of: "prometheus"))
  func scrape() async throws {
    let families = try Samples.families()
    let server = try HTTPServer { request in
      let negotiated = ContentNegotiation.negotiate(accept: request.headers["accept"])
      // A text would be read as well, and prove nothing.
      guard negotiated.format == .protobuf else { return .status(406) }
      let options = Exposition.Options(escaping: negotiated.escaping)
      return .body(
        Exposition.write(families, as: .protobuf, options: options), type: negotiated.contentType)
    }
    defer { server.stop() }
    try await withPrometheus(scraping: server.port) { try await Self.compare($0) }
  }

  private static func compare(_ api: PrometheusAPI) async throws {
    _ = try await eventually("the target is up", within: .seconds(300)) {
      try await api.value("up") == "1" ? true : nil
    }
    #expect(
      try await api.get("/api/v1/targets", PrometheusAPI.Targets.self).activeTargets.map(\.lastError) == [""])
    for (query, value) in [
      ("my_requests_total{code=\"200\"}", "3"), ("temperature_celsius", "-2.5"), ("odd", "+Inf"),
      ("build_info{version=\"1\"}", "1"), ("state{state=\"on\"}", "1"), ("state{state=\"off\"}", "0"),
      ("wait_count", "2"), ("wait_sum", "5"), ("wait{quantile=\"0.5\"}", "4"),
      ("size_count", "3"), ("size_sum", "6.5"), ("size_bucket{le=\"1.0\"}", "2"),
      ("size_bucket{le=\"+Inf\"}", "3"),
      // Debian's 2.42 calls the buckets of a gauge histogram as the family.
      ("{__name__=~\"queue(_bucket)?\",le=\"1.0\"}", "2"), ("histogram_count(latency)", "22"),
      ("histogram_sum(latency)", "1.5"),
      // 2.42 takes native histograms that are empty, or of floating-point counts, for classic ones.
      ("histogram_count(idle) or idle_count", "0"), ("histogram_sum(share) or share_sum", "2.5"),
      // Of 22 observations 4 are negative, one is in the zero bucket, and the buckets up to 2^(3/8) hold 8.
      ("histogram_fraction(-0.25, 0.25, latency) > bool 0.04", "1"),
      ("histogram_quantile(0.59, latency) < bool 1.297", "1"),
    ] {
      #expect(try await api.value(query) == value, "\(query)")
    }
    let metadata = try await api.get("/api/v1/metadata", [String: [PrometheusAPI.Metadata]].self)
    for (name, type) in [
      ("my_requests_total", "counter"), ("temperature_celsius", "gauge"), ("odd", "unknown"),
      ("wait", "summary"),
      ("size", "histogram"), ("queue", "gaugehistogram"), ("latency", "histogram"),
    ] {
      #expect(metadata[name]?.first?.type == type, "\(name)")
    }
    let now = Int(Date().timeIntervalSince1970)
    let exemplars = try await api.get(
      "/api/v1/query_exemplars?query=my_requests_total&start=\(now - 600)&end=\(now + 600)",
      [PrometheusAPI.Exemplars].self)
    #expect(exemplars.first?.exemplars.first?["value"]?.text == "0.5")
  }
}
