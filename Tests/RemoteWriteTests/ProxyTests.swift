import Foundation
import HTTPServerFixture
import HTTPTransport
import ProgramFixture
import Synchronization
import Testing

@testable import RemoteWrite

@Suite("Proxies")
struct ProxyTests {
  @Test("targets, lists of targets and endpoints are reached through the proxy that the file names")
  func everything() async throws {
    let lines = Mutex<[String]>([])
    let accepted = Mutex(0)
    // Hosts that nobody knows: only a proxy can reach them.
    let proxy = try HTTPServer { request in
      lines.withLock { $0.append(request.line) }
      if request.line.contains("http://lists.invalid/") {
        return .text(#"[{"targets": ["found.invalid:1"]}]"#, type: "application/json")
      }
      if request.line.contains("http://receiver.invalid/") {
        accepted.withLock { $0 += 1 }
        return .status(204)
      }
      return .text("a 1\n")
    }
    defer { proxy.stop() }
    let through = "proxy_url: \"\(proxy.url)\""
    let text = """
      global: {scrape_interval: 300ms, scrape_timeout: 300ms}
      scrape_configs:
        - job_name: j
          \(through)
          static_configs: [{targets: ["static.invalid:1"]}]
          http_sd_configs: [{url: "http://lists.invalid/", \(through)}]
      remote_write: [{url: "http://receiver.invalid/", \(through), queue_config: {batch_send_deadline: 50ms}}]

      """
    try await withTemporaryDirectory { folder in
      try await withBridge(text, in: folder) { bridge in
        _ = try await eventually("both are scraped, and it is sent") {
          let targets = bridge.statistics.targets
          return targets.count == 2 && targets.allSatisfy(\.isUp) && accepted.withLock { $0 } > 0 ? true : nil
        }
      }
    }
    let seen = lines.withLock { Set($0) }
    for line in [
      "GET http://static.invalid:1/metrics HTTP/1.1", "GET http://found.invalid:1/metrics HTTP/1.1",
      "GET http://lists.invalid/ HTTP/1.1", "POST http://receiver.invalid/ HTTP/1.1",
    ] {
      #expect(seen.contains(line), "\(seen)")
    }
  }

  @Test(
    "are none unless the file says so",
    arguments: [
      ("", HTTPProxy.none), ("proxy_from_environment: true", .environment),
      ("proxy_url: \"http://p:1\"", .url("http://p:1")),
      ("proxy_url: \"http://p:1\", no_proxy: \"a,b\"", .url("http://p:1", except: "a,b")),
    ])
  func configuration(text: String, proxy: HTTPProxy) throws {
    let configuration = try PrometheusConfiguration(
      yaml: "scrape_configs: [{job_name: a, \(text)}]\nremote_write: [{url: \"http://a\", \(text)}]")
    #expect(configuration.jobs[0].access.proxy == proxy && configuration.endpoints[0].access.proxy == proxy)
    #expect(configuration.notices == [])
  }

  @Test(
    "that cannot be are refused",
    arguments: [
      "proxy_url: p", "no_proxy: a", "proxy_from_environment: true, proxy_url: \"http://p\"",
    ])
  func refused(text: String) {
    #expect(throws: ConfigurationFault.self) {
      try PrometheusConfiguration(yaml: "scrape_configs: [{job_name: a, \(text)}]")
    }
  }
}
