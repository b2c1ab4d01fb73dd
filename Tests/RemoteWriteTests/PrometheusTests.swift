import Foundation
import HTTPServerFixture
import HTTPTransport
import LoopbackPorts
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

/// A Prometheus of Debian's that takes remote write, and what it says.
struct PrometheusServer {
  struct Reply: Decodable { var data: Content }
  struct Content: Decodable { var result: [Series] }
  struct Series: Decodable {
    var metric: [String: String]
    var values: [Pair]?
    var value: Pair?
  }
  /// A time in seconds and a value.
  struct Pair: Decodable {
    var time: Double
    var value: String

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      time = try container.decode(Double.self)
      value = try container.decode(String.self)
    }
  }

  let port: UInt16
  let program: Program

  /// - Parameters:
  ///   - configuration: what it does beside receiving.
  ///   - features: that are off unless they are asked for.
  init(
    in folder: String, port: UInt16? = nil, configuration: String = "{}\n", features: [String] = []
  ) throws {
    self.port = try port ?? FreePort.next()
    try Data(configuration.utf8).write(to: URL(filePath: folder + "/receiver.yml"))
    program = try Program(
      Surroundings.prometheus,
      [
        "--config.file=receiver.yml", "--storage.tsdb.path=tsdb",
        "--web.listen-address=127.0.0.1:\(self.port)",
        "--web.enable-remote-write-receiver", "--log.level=warn",
      ] + (features.isEmpty ? [] : ["--enable-feature=" + features.joined(separator: ",")]), in: folder)
  }

  var url: String { "http://127.0.0.1:\(port)/api/v1/write" }

  func query(_ expression: String) async throws -> [Series] {
    try JSONDecoder().decode(Reply.self, from: await ask("query", expression)).data.result
  }

  /// What the API says to a query, as it is.
  func ask(_ path: String, _ expression: String, _ more: String = "") async throws -> Data {
    let client = HTTPClient()
    defer { client.shutdown() }
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "_")
    let escaped = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    let response = try await client.send(
      HTTPRequest(url: "http://127.0.0.1:\(port)/api/v1/\(path)?query=\(escaped)\(more)"))
    guard response.status == 200 else {
      throw DeadlinePassed(description: String(decoding: response.body, as: UTF8.self))
    }
    return Data(response.body)
  }
}

@Suite(
  "A real Prometheus receives", .serialized, .enabled(if: Surroundings.hasPrometheus, "needs prometheus"))
struct PrometheusTests {
  static func yaml(_ target: String, _ url: String) -> String {
    """
    global: {scrape_interval: 200ms, scrape_timeout: 200ms, external_labels: {region: eu}}
    scrape_configs: [{job_name: j, static_configs: [{targets: ["\(target)"]}]}]
    remote_write: [{name: e, url: "\(url)", queue_config: {batch_send_deadline: 100ms, max_backoff: 500ms}}]

    """
  }

  /// Series with every text that is hard to carry, and values that are hard to print.
  static let hostile: [(labels: String, text: String)] = [
    ("plain", "1"), ("a\\\"b", "0.1"), ("a\\\\b", "1e300"), ("a\\nb", "-Inf"), ("é 日本 🚀", "+Inf"),
    ("{}", "NaN"),
    ("# EOF", "4.9e-324"), ("a,b=\\\"c\\\"", "123456789.123456789"), (" ", "-0.5"), ("=", "9007199254740993"),
  ]

  @Test("every value of every scrape is there as the target served it, and a series that is gone has ended")
  func values() async throws {
    let isGone = Atomic(false)
    let target = try CountingTarget { number in
      var text = "# TYPE scrapes_total counter\nscrapes_total \(number)\n# TYPE h histogram\n"
      text +=
        "h_bucket{le=\"0.5\"} \(number)\nh_bucket{le=\"+Inf\"} \(number * 2)\nh_sum \(number).5\nh_count \(number * 2)\n"
      for (index, one) in Self.hostile.enumerated() {
        text += "hostile{text=\"\(one.labels)\",index=\"\(index)\"} \(one.text)\n"
      }
      if !isGone.load(ordering: .relaxed) { text += "fleeting \(number)\n" }
      return .text(text)
    }
    defer { target.stop() }
    try await withTemporaryDirectory { folder in
      let prometheus = try PrometheusServer(in: folder)
      try await withBridge(Self.yaml(target.address, prometheus.url), in: folder + "/data") { bridge in
        _ = try await eventually("fifteen scrapes are there") {
          try await prometheus.query("scrapes_total").first?.value.flatMap { Double($0.value) }.map {
            $0 >= 15
          } == true
            ? true : nil
        }
        #expect(try await prometheus.query("fleeting").count == 1)
        isGone.store(true, ordering: .relaxed)
        _ = try await eventually("the series has ended") {
          try await prometheus.query("fleeting").isEmpty ? true : nil
        }
        #expect(try await prometheus.query("scrapes_total").count == 1)
        let endpoint = bridge.statistics.endpoints[0]
        #expect(endpoint.ledger.refused == 0 && endpoint.ledger.presumedDelivered == 0)
      }
      let series = try #require(try await prometheus.query("scrapes_total[10m]").first)
      let values = try #require(series.values).compactMap { Int($0.value) }
      #expect(values == Array(1...values.count) && values.count >= target.scrapes - 1)
      #expect(
        series.metric == [
          "__name__": "scrapes_total", "instance": target.address, "job": "j", "region": "eu",
        ])
      for (query, factor) in [("h_bucket{le=\"0.5\"}", 1), ("h_bucket{le=\"+Inf\"}", 2), ("h_count", 2)] {
        let found = try await prometheus.query(query + "[10m]").first?.values?.compactMap { Int($0.value) }
        #expect(found == values.map { $0 * factor }, "\(query)")
      }
      let hostile = try await prometheus.query("hostile[10m]")
      #expect(hostile.count == Self.hostile.count)
      for one in hostile {
        let index = try #require(one.metric["index"].flatMap { Int($0) })
        let expected = Self.hostile[index]
        let label = expected.labels.replacing("\\n", with: "\n").replacing("\\\"", with: "\"").replacing(
          "\\\\", with: "\\")
        #expect(one.metric["text"] == label)
        let wanted = Self.number(expected.text)
        #expect(
          one.values?.allSatisfy { Self.number($0.value).bitPattern == wanted.bitPattern } == true,
          "\(expected)")
        #expect(one.values?.count == values.count)
      }
      // Every sample of a scrape has the scrape's time.
      let times = series.values?.map(\.time)
      #expect(try await prometheus.query("up[10m]").first?.values?.map(\.time) == times)
      #expect(try await prometheus.query("scrape_samples_scraped").first?.value?.value == "15")
      await prometheus.program.end()
    }
  }

  private static func number(_ text: String) -> Double {
    Double(bitPattern: Array(text.utf8).withUnsafeBufferPointer { NumberText.bits($0) } ?? 0)
  }

  @Test("over an outage of Prometheus, and a kill -9 of the bridge in its middle, no sample is lost")
  func outage() async throws {
    let target = try CountingTarget()
    defer { target.stop() }
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      try Self.yaml(target.address, "http://127.0.0.1:\(port)/api/v1/write")
        .write(toFile: folder + "/prometheus.yml", atomically: false, encoding: .utf8)
      func start() throws -> Program {
        try Program(Program.sibling("BridgeCrashChild"), ["prometheus.yml", folder + "/data"], in: folder)
      }
      var prometheus = try PrometheusServer(in: folder, port: port)
      var bridge = try start()
      _ = try await eventually("it goes") {
        try await prometheus.query("scrapes_total").isEmpty ? nil : true
      }
      await prometheus.program.end()
      let down = target.scrapes
      _ = try await eventually("ten scrapes in the dark") { target.scrapes >= down + 10 ? true : nil }
      bridge.signal(SIGKILL)
      _ = try await bridge.exit()
      let killed = target.scrapes
      bridge = try start()
      _ = try await eventually("ten more") { target.scrapes >= killed + 10 ? true : nil }
      prometheus = try PrometheusServer(in: folder, port: port)
      let back = target.scrapes
      _ = try await eventually("all of it is there") {
        try await prometheus.query("scrapes_total").first?.value.flatMap { Int($0.value) }.map { $0 > back }
          == true
          ? true : nil
      }
      bridge.signal(SIGTERM)
      #expect(try await bridge.exit() == 0)
      let values =
        try await prometheus.query("scrapes_total[10m]").first?.values?.compactMap { Int($0.value) } ?? []
      let missing = Set(1...(values.last ?? 1)).subtracting(values)
      #expect(missing.isSubset(of: [killed]), "\(missing.sorted())")
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
      await prometheus.program.end()
    }
  }
}
