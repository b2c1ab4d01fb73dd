import Foundation
import HTTPServerFixture
import OpenMetrics
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("Asking a target", .serialized)
struct ScrapeTests {
  /// `packed_total 7` and a comment of 20,000 characters, packed with gzip.
  static let packed: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xed, 0xc1, 0xb1, 0x0d, 0x00, 0x11,
    0x00, 0x00, 0xc0, 0xde, 0x14, 0x12, 0x43, 0x18, 0xe7, 0x23, 0xa8, 0x48, 0x5e, 0xa1, 0x30, 0xbe,
    0x35, 0x14, 0x77, 0xb7, 0x4a, 0x1d, 0xbd, 0x7d, 0xfb, 0xdf, 0x65, 0xc6, 0x1c, 0x52, 0x3c, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x3c, 0x21, 0x5c, 0xab, 0x75, 0x5f, 0x0c, 0x32, 0x4e, 0x00, 0x00,
  ]

  @Test("it is asked for OpenMetrics rather than text, packed, and told how long it has")
  func request() async throws {
    let requests = Mutex<[HTTPServer.Request]>([])
    let server = try HTTPServer { request in
      requests.withLock { $0.append(request) }
      return .text("a 1\n")
    }
    let receiver = try Receiver()
    defer {
      server.stop()
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      let job = "    metrics_path: /m\n    params: {a: [b]}\n    bearer_token: t\n"
      try await withBridge(bridgeYAML(["127.0.0.1:\(server.port)"], [receiver.url], job: job), in: folder) {
        _ in
        _ = try await eventually("a scrape") { requests.withLock { $0.isEmpty } ? nil : true }
      }
    }
    let request = try #require(requests.withLock { $0.first })
    #expect(request.line == "GET /m?a=b HTTP/1.1")
    #expect(
      request.headers["accept"]
        == "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    #expect(request.headers["accept-encoding"] == "gzip")
    #expect(request.headers["x-prometheus-scrape-timeout-seconds"] == "0.1")
    #expect(request.headers["user-agent"] == "test/1" && request.headers["authorization"] == "Bearer t")
  }

  @Test("an answer in OpenMetrics is read as such, and one that is packed is unpacked")
  func formats() async throws {
    let open = try CountingTarget { number in
      .text("a \(number)\n# EOF\n", type: "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
    let short = try CountingTarget { _ in .text("a 1\n", type: "application/openmetrics-text; version=1.0.0")
    }
    let packed = try CountingTarget { _ in
      HTTPServer.Answer(
        headers: ["Content-Type": "text/plain", "Content-Encoding": "gzip"], body: Self.packed)
    }
    let receiver = try Receiver()
    defer {
      for target in [open, short, packed] { target.stop() }
      receiver.stop()
    }
    try await withTemporaryDirectory { folder in
      try await withBridge(bridgeYAML([open, short, packed].map(\.address), [receiver.url]), in: folder) {
        _ in
        _ = try await eventually("all three") {
          [open, short, packed].allSatisfy { !receiver.samples("up", ["instance": $0.address]).isEmpty }
            ? true : nil
        }
      }
    }
    #expect(receiver.samples("a", ["instance": open.address]).first?.value == 1)
    #expect(receiver.samples("up", ["instance": short.address]).first?.value == 0)
    #expect(receiver.samples("packed_total").first?.value == 7)
  }

  @Test("the limit of the body counts what is unpacked")
  func bodyLimit() async throws {
    try await withTarget(target: { _ in
      HTTPServer.Answer(
        headers: ["Content-Type": "text/plain", "Content-Encoding": "gzip"], body: Self.packed)
    }) { target, receiver, folder in
      let text = bridgeYAML([target.address], [receiver.url], job: "    body_size_limit: 10KB\n")
      let failures = try await withBridge(text, in: folder) { bridge in
        try await eventually("a scrape") {
          let target = bridge.statistics.targets[0]
          return target.scrapes > 0 ? target.failures : nil
        }
      }
      #expect(failures["body_size_limit"] ?? 0 > 0 && Self.packed.count < 10_240)
    }
  }

  @Test("a target that is too slow is down when its time is over")
  func timeout() async throws {
    try await withTarget(target: { _ in
      usleep(300_000)
      return .text("a 1\n")
    }) { target, receiver, folder in
      try await withBridge(bridgeYAML([target.address], [receiver.url]), in: folder) { _ in
        _ = try await eventually("it is down") { receiver.samples("up").first?.value == 0 ? true : nil }
      }
      #expect(receiver.samples("a").isEmpty)
      #expect((receiver.samples("scrape_duration_seconds").first?.value ?? 0) < 0.25)
    }
  }
}
