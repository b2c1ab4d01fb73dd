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
          enqueued = try await eventually("it scrapes itself") {
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
          #expect(try await child.exit() == .code(0), "\(child.errors.suffix(600))")
        }
      }
      let queue = try await CDB.run(["bridge", "queue", folder + "/data/bridge"], in: folder)
      #expect(queue.exit == .code(0))
      #expect(queue.output.hasPrefix("away: ") && queue.output.contains("0 delivered"), "\(queue.output)")
      #expect(queue.output.contains("one batch under way"), "\(queue.output)")
    }
  }

  @Test("it reads its configuration again on a signal and for who has the token, and shows its targets")
  func reload() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let (receiver, path) = (try FreePort.next(), folder + "/prometheus.yml")
      let first = Self.configuration(port, receiver)
      let second = """
        global: {scrape_interval: 200ms, scrape_timeout: 200ms}
        scrape_configs:
          - {job_name: itself, static_configs: [{targets: ["127.0.0.1:\(port)"]}]}
          - {job_name: more, file_sd_configs: [{files: [more.yml]}]}
        remote_write: [{name: away, url: "http://127.0.0.1:\(receiver)/api/v1/write"}]

        """
      _ = try first.write(to: path)
      _ = try "- targets: [\"127.0.0.1:\(port)\"]\n  labels: {from: list}\n".write(to: folder + "/more.yml")
      let arguments = [
        "bridge", "--config", path, "--data-dir", folder + "/data", "--listen", "127.0.0.1:\(port)", "--set",
        "bridge.flush_deadline=200ms",
      ]
      try await CDB.during(arguments, in: folder) { child in
        _ = try await eventually("it scrapes itself") {
          try await CDB.metric("cdb_bridge_targets", ["itself", "up"], on: port) == 1 ? true : nil
        }
        #expect(try await HTTP.post(port, "/-/reload", "").status == 401)
        _ = try second.write(to: path)
        let token = try String(contentsOfFile: folder + "/data/token", encoding: .utf8)
        let headers = ["Authorization": "Bearer \(token.trimmingCharacters(in: .whitespacesAndNewlines))"]
        let answer = try await HTTP.post(port, "/-/reload", "", headers: headers)
        #expect(answer.status == 200 && answer.body.contains("\"jobs\":2"), "\(answer.body)")
        _ = try await eventually("the list's target is scraped") {
          try await CDB.metric("cdb_bridge_targets", ["more", "up"], on: port) == 1 ? true : nil
        }
        let targets = try await HTTP.get(port, "/api/v1/targets?state=active&scrapePool=more")
        #expect(
          targets.body.contains("\"from\":\"list\"") && targets.body.contains("__meta_filepath"),
          "\(targets.body)")
        let page = try await HTTP.get(port, "/targets")
        #expect(page.status == 200 && page.body.contains("more.yml"))
        _ = try "scrape_configs: [{}]\n".write(to: path)
        #expect(child.send(SIGHUP))
        _ = try await eventually("it says that the file is bad") {
          try await CDB.metric("cdb_bridge_config_last_reload_successful", [], on: port) == 0 ? true : nil
        }
        let refused = try await HTTP.post(port, "/api/v1/reload", "{}", headers: headers)
        #expect(refused.status == 409 && refused.body.contains("job_name"), "\(refused.body)")
        #expect(try await CDB.metric("cdb_bridge_targets", ["more", "up"], on: port) == 1)
        _ = try first.write(to: path)
        #expect(child.send(SIGHUP))
        _ = try await eventually("the job is gone") {
          try await HTTP.get(port, "/api/v1/targets").body.contains("more.yml") ? nil : true
        }
        #expect(try await CDB.metric("cdb_bridge_config_last_reload_successful", [], on: port) == 1)
        #expect(child.send(SIGTERM))
        #expect(try await child.exit() == .code(0), "\(child.errors.suffix(600))")
      }
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

  @Test("who has the token pushes to a bridge, which sends it to another one, and nobody else does")
  func pushed() async throws {
    try await withTemporaryDirectory { folder in
      let (first, second, away) = (try FreePort.next(), try FreePort.next(), try FreePort.next())
      let end = try "remote_write: [{name: away, url: \"http://127.0.0.1:\(away)/\"}]\n".write(
        to: folder + "/second.yml")
      let begin = try """
      remote_write:
        - name: second
          url: http://127.0.0.1:\(second)/api/v1/write
          protobuf_message: io.prometheus.write.v2.Request
          authorization: {credentials_file: \(folder)/second/token}

      """.write(to: folder + "/first.yml")
      func arguments(_ file: String, _ name: String, _ port: UInt16) -> [String] {
        [
          "bridge", "--config", file, "--data-dir", "\(folder)/\(name)", "--listen", "127.0.0.1:\(port)",
          "--set",
          "bridge.flush_deadline=200ms",
        ]
      }
      try await CDB.during(arguments(end, "second", second), in: folder) { last in
        _ = try await eventually("it listens") {
          try await HTTP.get(second, "/healthz").status == 200 ? true : nil
        }
        try await CDB.during(arguments(begin, "first", first), in: folder) { child in
          _ = try await eventually("it listens") {
            try await HTTP.get(first, "/healthz").status == 200 ? true : nil
          }
          let path = "/api/v1/import/prometheus?extra_label=job=tests"
          #expect(try await HTTP.post(first, path, "pushed 1\n").status == 401)
          #expect(try await HTTP.post(second, "/api/v1/write", "x").status == 401)
          let token = try String(contentsOfFile: folder + "/first/token", encoding: .utf8)
          let headers = [
            "Authorization": "Bearer \(token.trimmingCharacters(in: .whitespacesAndNewlines))",
            "Content-Type": "text/plain",
          ]
          let taken = try await HTTP.post(first, path, "pushed 1\nother 2\n", headers: headers)
          #expect(taken.status == 204, "\(taken.body)")
          let bad = try await HTTP.post(first, path, "pushed\n", headers: headers)
          #expect(bad.status == 400 && bad.body.contains("line 1"), "\(bad.body)")
          let wrong = try await HTTP.post(first, "/api/v1/write", "{}", headers: headers)
          #expect(wrong.status == 415 && wrong.body.contains("unsupported"), "\(wrong.body)")
          #expect(try await CDB.metric("cdb_bridge_received_samples_total", ["text"], on: first) == 2)
          #expect(
            try await CDB.metric("cdb_bridge_received_requests_total", ["text", "malformed"], on: first) == 1)
          _ = try await eventually("the second one has it") {
            try await CDB.metric("cdb_bridge_received_samples_total", ["2.0"], on: second) == 2 ? true : nil
          }
          #expect(try await CDB.metric("cdb_bridge_samples_enqueued_total", ["away"], on: second) == 2)
          #expect(try await HTTP.get(second, "/targets").body.contains("remote write 2.0"))
          #expect(try await HTTP.get(second, "/api/v1/bridge").body.contains("\"format\":\"2.0\""))
          #expect(child.send(SIGTERM))
          #expect(try await child.exit() == .code(0), "\(child.errors.suffix(600))")
        }
        #expect(last.send(SIGTERM))
        #expect(try await last.exit() == .code(0), "\(last.errors.suffix(600))")
      }
    }
  }
}
