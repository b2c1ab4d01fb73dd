import Foundation
import HTTPServerFixture
import LoopbackPorts
import OpenMetrics
import ProgramFixture
import PushServerFixture
import Testing

@testable import RemoteWrite

@Suite("Bridges and others behind each other", .serialized)
struct PushChainTests {
  private static func middle(_ url: String) -> String {
    """
    global: {scrape_interval: 1m, external_labels: {zone: z}}
    remote_write:
      - {name: e, url: "\(url)", queue_config: {batch_send_deadline: 20ms, max_backoff: 200ms}}

    """
  }

  @Test(
    "from bridge to bridge to receiver nothing is lost and nothing goes back while the middle is killed again and again",
    arguments: WriteProtocol.allCases)
  func killed(version: WriteProtocol) async throws {
    let target = try CountingTarget { number in
      var text = "scrapes_total \(number)\n"
      for part in 0..<20 { text += "work_total{part=\"\(part)\"} \(number)\n" }
      return .text(text)
    }
    let receiver = try Receiver()
    defer {
      target.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      try Self.middle(receiver.url).write(
        toFile: folder + "/middle.yml", atomically: false, encoding: .utf8)
      let yaml = bridgeYAML([target.address], ["http://127.0.0.1:\(port)/api/v1/write"]).replacing(
        "{name: e0,", with: "{name: e0, protobuf_message: \(version.rawValue),")
      try await withBridge(yaml, in: folder + "/sender", flush: .seconds(60)) { sender in
        func start() throws -> Program {
          try Program(
            Program.sibling("BridgeCrashChild"), ["middle.yml", folder + "/middle", "\(port)"], in: folder)
        }
        func newest() -> Double { receiver.samples("scrapes_total").last?.value ?? 0 }
        var random = SeededGenerator(seed: 11)
        for _ in 0..<6 {
          let child = try start()
          let before = newest()
          _ = try await eventually("it passes something on") { newest() > before ? true : nil }
          try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &random)))
          child.signal(SIGKILL)
          #expect(try await child.exit() == -SIGKILL, "\(child.errors)")
        }
        let last = try start()
        let scrapes = target.scrapes
        _ = try await eventually("it has caught up") { newest() > Double(scrapes) ? true : nil }
        sender.stop()
        _ = try await eventually("the sender is done") {
          sender.statistics.endpoints[0].pending == 0 ? true : nil
        }
        let endpoint = sender.statistics.endpoints[0]
        #expect(endpoint.ledger.delivered + endpoint.ledger.presumedDelivered == endpoint.enqueued)
        #expect(endpoint.ledger.presumedDelivered == 0)
        last.signal(SIGTERM)
        #expect(try await last.exit() == 0, "\(last.errors)")
        // Everything of the sender, but for what came twice.
        #expect(UInt64(receiver.accepted) == endpoint.enqueued)
      }
      #expect(receiver.faults == [])
      let values = receiver.samples("scrapes_total").map { Int($0.value) }
      let missing = Set(1...target.scrapes).subtracting(values)
      // One that the sender did not wait for is told by `up`; the last one may have been under way.
      let late = receiver.samples("up").count { $0.value == 0 }
      #expect(missing.count <= late + 1, "\(missing.sorted()), and \(late) late")
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 } && values.count > 10)
      for (series, samples) in receiver.series where series.contains("part") {
        #expect(samples.map { Int($0.value) } == values && series["zone"] == "z")
      }
      let ledger = try #require(try EndpointInspection.all(in: folder + "/middle").first)
      #expect(ledger.samples == 0 && ledger.faults == [] && ledger.ledger.refused == 0)
      #expect(ledger.ledger.total == ledger.enqueued)
    }
  }

  @Test(
    "a real Prometheus sends, over an outage of the bridge too, and everything that it has is there as it has it",
    .enabled(if: Surroundings.hasPrometheus, "needs prometheus"))
  func prometheus() async throws {
    let target = try CountingTarget { number in
      var text = "# HELP scrapes_total of scrapes\n# TYPE scrapes_total counter\nscrapes_total \(number)\n"
      for (index, one) in PrometheusTests.hostile.enumerated() {
        text += "hostile{text=\"\(one.labels)\",index=\"\(index)\"} \(one.text)\n"
      }
      return .text(text)
    }
    let receiver = try Receiver()
    defer {
      target.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory(with: ["sender"]) { folder in
      let port = try FreePort.next()
      let configuration = """
        global: {scrape_interval: 200ms, scrape_timeout: 200ms}
        scrape_configs: [{job_name: j, static_configs: [{targets: ["\(target.address)"]}]}]
        remote_write:
          - url: "http://127.0.0.1:\(port)/api/v1/write"
            queue_config: {batch_send_deadline: 100ms, max_backoff: 500ms}
            metadata_config: {send_interval: 1s}

        """
      try await withBridge(Self.middle(receiver.url), in: folder + "/middle") { bridge in
        var server = try PushServer(bridge.receiver, port: port)
        defer { server.stop() }
        let prometheus = try PrometheusServer(in: folder + "/sender", configuration: configuration)
        func newest() -> Double { receiver.samples("scrapes_total").last?.value ?? 0 }
        _ = try await eventually("ten scrapes are there") { newest() >= 10 ? true : nil }
        _ = try await eventually("and what is said of them") {
          receiver.received.contains {
            $0.request.metadata.contains { $0.family == "scrapes_total" && $0.type == 1 }
          }
            ? true : nil
        }
        server.stop()
        let down = target.scrapes
        _ = try await eventually("ten scrapes in the dark") { target.scrapes >= down + 10 ? true : nil }
        server = try PushServer(bridge.receiver, port: port)
        let back = target.scrapes
        _ = try await eventually("all of it is there") { newest() > Double(back) ? true : nil }
        for query in ["scrapes_total", "hostile{index=\"4\"}", "hostile{index=\"5\"}", "up"] {
          let series = try #require(try await prometheus.query(query + "[10m]").first)
          var labels = SeriesLabels(series.metric.map { Label($0.key, $0.value) })
          labels["zone"] = "z"
          let found = try #require(receiver.series[labels], "\(labels)")
          let times = Set(found.map(\.time))
          let wanted = try #require(series.values).map { Int64(($0.time * 1_000).rounded()) }
          let missing = wanted.filter { $0 <= found.last?.time ?? 0 && !times.contains($0) }
          #expect(missing.isEmpty && wanted.count > 20, "\(query): \(missing)")
        }
        let values = receiver.samples("scrapes_total").map { Int($0.value) }
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
        let received = bridge.statistics.received
        #expect(
          received.refused == [:]
            && received.formats[.remoteWrite1]?.requests.keys.contains(.partial) == false)
        #expect(receiver.faults == [])
        await prometheus.program.end()
      }
    }
  }
}
