import DurableQueue
import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("The bridge, where others fail", .serialized)
struct BridgeFaultTests {
  @Test("a target that fails is down, its series end, and it comes back")
  func failingTarget() async throws {
    try await withTarget(target: { number in
      switch number {
      case 4: .status(500)
      case 6: .text("scrapes_total 6\nbroken")
      default: .text("scrapes_total \(number)\n")
      }
    }) { target, receiver, folder in
      let statistics = try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) {
        bridge in
        _ = try await eventually("eight scrapes") { receiver.samples("up").count >= 8 ? true : nil }
        return bridge.statistics.targets[0]
      }
      #expect(statistics.failures == ["status": 1, "malformed": 1])
      #expect(receiver.samples("up").prefix(8).map(\.value) == [1, 1, 1, 0, 1, 0, 1, 1])
      let shown = receiver.samples("scrapes_total").prefix(8).map {
        $0.bits == SampleValue.stale ? "stale" : "\(Int($0.value))"
      }
      #expect(shown == ["1", "2", "3", "stale", "5", "stale", "7", "8"])
      #expect(receiver.faults == [])
    }
  }

  @Test("a bad URL, an unknown host and a closed port are tried again and reported, and end nothing")
  func badEndpoints() async throws {
    let target = try CountingTarget()
    defer { target.stop() }
    try await withTemporaryDirectory { folder in
      let urls = ["nonsense", "http://no.such.host.invalid/write", "http://127.0.0.1:1/write"]
      try await withBridge(
        bridgeYAML([target.address, "127.0.0.1:1"], urls), in: folder, flush: .milliseconds(50)
      ) { bridge in
        _ = try await eventually("each was tried again") {
          bridge.statistics.endpoints.allSatisfy { ($0.requests["failure"] ?? 0) >= 2 && $0.lastError != nil }
            ? true : nil
        }
        #expect(bridge.statistics.endpoints.allSatisfy { $0.ledger.total == 0 && $0.pending > 0 })
      }
    }
  }

  @Test("own headers, credentials and external labels go along")
  func headers() async throws {
    try await withTarget { target, receiver, folder in
      try "s3cret\n".write(toFile: folder + "/password", atomically: false, encoding: .utf8)
      let text = """
        global: {scrape_interval: 100ms, scrape_timeout: 100ms, external_labels: {region: eu}}
        scrape_configs: [{job_name: j, static_configs: [{targets: ["\(target.address)"]}]}]
        remote_write:
          - url: \(receiver.url)
            headers: {X-Scope-OrgID: tenant}
            basic_auth: {username: u, password_file: \(folder)/password}
            queue_config: {batch_send_deadline: 10ms}
        """
      try await withBridge(text, in: folder) { _ in
        _ = try await eventually("a sample") { receiver.accepted > 0 ? true : nil }
      }
      let headers = receiver.received[0].headers
      #expect(headers["x-scope-orgid"] == "tenant" && headers["user-agent"] == "test/1")
      #expect(headers["authorization"] == "Basic " + Data("u:s3cret".utf8).base64EncodedString())
      #expect(receiver.series.keys.allSatisfy { $0["region"] == "eu" })
    }
  }

  @Test("a queue that is full drops its oldest samples, and counts each")
  func overflow() async throws {
    let isUp = Atomic(false)
    try await withTarget(
      target: { number in
        // Random, so that it cannot be packed.
        .text(
          "scrapes_total \(number)\n"
            + (0..<400).map { "m{i=\"\($0)\"} \(Double.random(in: 0...1))\n" }.joined())
      }, receiver: { _, _ in isUp.load(ordering: .relaxed) ? nil : .status(503) }
    ) { target, receiver, folder in
      let text = bridgeYAML([target.address], [receiver.url], interval: "20ms")
      let ledger = try await withBridge(text, in: folder, queueBytes: 200_000) { bridge in
        _ = try await eventually("the bound is reached") { target.scrapes >= 100 ? true : nil }
        #expect(bridge.statistics.endpoints[0].queueBytes <= 200_000)
        isUp.store(true, ordering: .relaxed)
        _ = try await eventually("sent") { receiver.samples("scrapes_total").count >= 10 ? true : nil }
        bridge.stop()
        return try await eventually("all is sent") {
          let endpoint = bridge.statistics.endpoints[0]
          return endpoint.pending == 0 ? endpoint : nil
        }
      }
      #expect(ledger.ledger.droppedFull > 0 && ledger.ledger.droppedCorrupt == 0)
      #expect(ledger.ledger.delivered == UInt64(receiver.accepted))
      #expect(ledger.ledger.delivered + ledger.ledger.droppedFull == ledger.enqueued)
      #expect(receiver.faults == [])
    }
  }

  @Test("a second bridge on the same folder is refused")
  func locked() async throws {
    let receiver = try Receiver()
    defer { receiver.stop() }
    try await withTemporaryDirectory { folder in
      try await withBridge(bridgeYAML([], [receiver.url]), in: folder) { _ -> Void in
        #expect(throws: DurableQueueError.self) {
          try Bridge(
            configuration: PrometheusConfiguration(yaml: bridgeYAML([], [receiver.url])),
            options: BridgeOptions(directory: folder), logger: silent)
        }
      }
    }
  }
}
