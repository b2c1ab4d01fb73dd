import Foundation
import HTTPServerFixture
import HTTPTransport
import LoopbackPorts
import OpenMetrics
import OpenMetricsPush
import Testing

@Suite("Pushing: a real Pushgateway", .serialized)
struct PushgatewayTests {
  private static func gauge(_ name: String, _ value: Double) -> MetricFamily {
    MetricFamily(name: name, type: .gauge, help: "h", metrics: [Metric(.gauge(.double(value)))])
  }

  /// A gateway of its own, by its URL.
  private static func withGateway(_ body: (String, HTTPClient) async throws -> Void) async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let program = try Program(
        "prometheus-pushgateway",
        // Debian's would keep what is pushed in a file of the whole machine.
        ["--web.listen-address=127.0.0.1:\(port)", "--persistence.file="], in: folder)
      let client = HTTPClient()
      let url = "http://127.0.0.1:\(port)"
      do {
        _ = try await eventually("the gateway is ready", within: .seconds(300)) {
          try await client.send(HTTPRequest(url: url + "/-/ready")).status == 200 ? true : nil
        }
        try await body(url, client)
      } catch {
        await program.end()
        throw DeadlinePassed(description: "\(error); the gateway says: \(program.errors.suffix(1000))")
      }
      await program.end()
    }
  }

  /// The gateway's own exposition, without the metrics about itself.
  private static func exposed(_ url: String, _ client: HTTPClient) async throws -> [String] {
    let body = try await client.send(HTTPRequest(url: url + "/metrics")).body
    return String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter {
        !$0.hasPrefix("#") && !$0.hasPrefix("go_") && !$0.hasPrefix("process_") && !$0.hasPrefix("push")
      }
  }

  @Test(
    "push replaces the group, pushAdd a metric of it, delete the whole",
    .needs("prometheus-pushgateway", of: "prometheus-pushgateway"),
    arguments: [ExpositionFormat.protobuf, .text004])
  func pushes(format: ExpositionFormat) async throws {
    try await Self.withGateway { url, client in
      var gateway = try Pushgateway(
        url: url, job: "nightly/backup", grouping: ["path": "/var/tmp", "empty": "", "zone": "eu"],
        client: client)
      gateway.format = format
      let labels = #"{empty="",instance="",job="nightly/backup",path="/var/tmp",zone="eu"}"#
      try await gateway.push([Self.gauge("a", 1), Self.gauge("b", 2)])
      #expect(try await Self.exposed(url, client) == ["a\(labels) 1", "b\(labels) 2"])
      try await gateway.pushAdd([Self.gauge("b", 3)])
      #expect(try await Self.exposed(url, client) == ["a\(labels) 1", "b\(labels) 3"])
      try await gateway.push([Self.gauge("c", 4)])
      #expect(try await Self.exposed(url, client) == ["c\(labels) 4"])
      try await gateway.delete()
      _ = try await eventually("the group is gone", within: .seconds(300)) {
        try await Self.exposed(url, client).isEmpty ? true : nil
      }
    }
  }

  @Test(
    "takes every type of ours", .needs("prometheus-pushgateway", of: "prometheus-pushgateway"),
    arguments: [ExpositionFormat.protobuf, .text004])
  func everyType(format: ExpositionFormat) async throws {
    try await Self.withGateway { url, client in
      var gateway = try Pushgateway(url: url, job: "all", client: client)
      gateway.format = format
      try await gateway.push(try Samples.families())
      let exposed = try await Self.exposed(url, client)
      for start in [
        "my_requests_total{code=\"200\"", "temperature_celsius{", "build_info{", "state{", "wait_count{",
        "size_bucket{", "queue_bucket{", "latency_count{",
      ] {
        #expect(exposed.contains { $0.hasPrefix(start) }, "\(start)")
      }
    }
  }

  @Test(
    "what the gateway refuses is an error with its words",
    .needs("prometheus-pushgateway", of: "prometheus-pushgateway"))
  func refused() async throws {
    try await Self.withGateway { url, client in
      let gateway = try Pushgateway(url: url, job: "a", client: client)
      try await gateway.push([Self.gauge("a", 1)])
      let other = try Pushgateway(url: url, job: "b", client: client)
      let counter = MetricFamily(
        name: "a", type: .counter, metrics: [Metric(.counter(CounterPoint(total: 1)))], hasBareTotal: true)
      let error = await #expect(throws: PushError.self) { try await other.push([counter]) }
      guard case .refused(400, let answer)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(answer.contains("inconsistent"))
    }
  }
}

@Suite("Pushing: what is sent, and what may come back")
struct PushedRequestTests {
  private static func gateway(_ port: UInt16) throws -> Pushgateway {
    var gateway = try Pushgateway(url: "http://127.0.0.1:\(port)/at/", job: "a")
    gateway.credentials = try BasicCredentials(user: "Aladdin", password: "open sesame")
    return gateway
  }

  @Test("method, path, type, credentials and body")
  func request() async throws {
    let requests = ReceivedRequests()
    let server = try HTTPServer {
      requests.append($0)
      return .status(202)
    }
    defer { server.stop() }
    // They are sent as histograms.
    let families = try Samples.families().filter { $0.type != .gaugehistogram }
    var gateway = try Self.gateway(server.port)
    try await gateway.push(families)
    gateway.format = .text004
    try await gateway.pushAdd(families)
    try await gateway.delete()
    #expect(
      requests.all.map(\.line)
        == ["PUT", "POST", "DELETE"].map { "\($0) /at/metrics/job/a HTTP/1.1" })
    #expect(
      requests.all.allSatisfy { $0.headers["authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" })
    #expect(
      requests.all.map { $0.headers["content-type"] } == [
        ExpositionFormat.protobuf.contentType, ExpositionFormat.text004.contentType, nil,
      ])
    #expect(
      requests.all.map(\.body) == [
        Exposition.write(families, as: .protobuf), Exposition.write(families, as: .text004), [],
      ])
  }

  @Test("an answer of an error is shown in printable characters, and not whole")
  func answer() async throws {
    let long = Array("no\u{1B}[31m\r\n".utf8) + Array(repeating: UInt8(ascii: "x"), count: 100_000)
    let server = try HTTPServer { _ in .init(status: 503, body: long) }
    defer { server.stop() }
    let gateway = try Self.gateway(server.port)
    let error = await #expect(throws: PushError.self) { try await gateway.push([]) }
    guard case .refused(503, let answer)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(answer.hasPrefix("no [31m  xxx"))
    #expect(answer.count == PushError.maximumAnswer)
    #expect(error?.isTransient == true)
  }

  @Test("a gateway that does not answer is given up after the time that was set")
  func timeout() async throws {
    let server = try HTTPServer { _ in .silence }
    defer { server.stop() }
    var gateway = try Self.gateway(server.port)
    gateway.timeouts.total = .milliseconds(100)
    let error = await #expect(throws: PushError.self) { try await gateway.delete() }
    guard case .transport(.timedOut)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
