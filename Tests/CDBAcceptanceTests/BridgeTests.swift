import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("The bridge as a process", .twoAtATime)
struct BridgeTests {
  private static func configuration(_ target: UInt16, _ receiver: UInt16) -> String {
    """
    global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 1m}
    scrape_configs: [{job_name: itself, static_configs: [{targets: ["127.0.0.1:\(target)"]}]}]
    remote_write: [{name: away, url: "http://127.0.0.1:\(receiver)/api/v1/write"}]

    """
  }

  @Test("it keeps what its receiver does not take, over its end and a start, and says so everywhere")
  func keeps() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let file = try Self.configuration(port, try FreePort.next()).write(to: folder + "/prometheus.yml")
      let arguments = [
        "bridge", "--config", file, "--data-dir", folder + "/data", "--listen", "127.0.0.1:\(port)", "--set",
        "bridge.flush_deadline=200ms",
      ]
      var enqueued = 0.0
      for _ in 0..<2 {
        try await CDB.during(arguments, in: folder) { child in
          let before = enqueued
          enqueued = try await eventually("it scrapes itself", within: .seconds(30)) {
            let now = try await CDB.metric("cdb_bridge_samples_enqueued_total", ["away"], on: port) ?? 0
            return now > before + 500 ? now : nil
          }
          let pending = try #require(try await CDB.metric("cdb_bridge_pending_samples", ["away"], on: port))
          #expect(pending >= enqueued)
          #expect(try await CDB.metric("cdb_bridge_targets", ["itself", "up"], on: port) == 1)
          #expect(try await CDB.metric("cdb_bridge_requests_total", ["failure"], on: port) ?? 0 > 0)
          #expect(try await HTTP.get(port, "/healthz").status == 200)
          let answer = try await HTTP.get(port, "/api/v1/bridge")
          #expect(answer.status == 200 && answer.body.contains("cannot connect"))
          #expect(child.send(SIGTERM))
          #expect(try await child.exit(within: .seconds(10)) == .code(0), "\(child.errors.suffix(600))")
        }
      }
      let queue = try await CDB.run(["bridge", "queue", folder + "/data/bridge"], in: folder)
      #expect(queue.exit == .code(0))
      #expect(queue.output.hasPrefix("away: ") && queue.output.contains("0 delivered"), "\(queue.output)")
      #expect(queue.output.contains("one batch under way"), "\(queue.output)")
    }
  }

  @Test(
    "what is not supported is named with its line, and what cannot be is refused in one line with its place")
  func check() async throws {
    try await withTemporaryDirectory { folder in
      let good = try Self.configuration(1, 2).write(to: folder + "/good.yml")
      let checked = try await CDB.run(["bridge", "check", good], in: folder)
      #expect(checked.exit == .code(0))
      #expect(
        checked.output
          == "\(good): line 1: global.evaluation_interval: not supported, and passed over\n"
          + "\(good): 1 jobs with 1 addresses, 1 endpoints\n")
      let bad = try "scrape_configs:\n  - job_name: a\n    scrape_intervall: 1s\n".write(
        to: folder + "/bad.yml")
      for arguments in [["bridge", "check", bad], ["bridge", "--config", bad, "--data-dir", folder + "/d"]] {
        let refused = try await CDB.run(arguments, in: folder)
        #expect(refused.exit == .code(2))
        #expect(
          refused.told == ["cdb: \(bad): line 3: scrape_configs[0].scrape_intervall: there is no such key"],
          "\(refused.told)")
      }
      let nowhere = try await CDB.run(["bridge", "queue", folder], in: folder)
      #expect(nowhere.exit == .code(2) && nowhere.told.count == 1)
    }
  }
}
