import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("The shipper as a process", .twoAtATime)
struct ShipTests {
  @Test("it keeps what its server does not take, over its end and a start, and says so everywhere")
  func keeps() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let log = folder + "/app.log"
      _ = try "{\"message\":\"a\"}\nplain\n\n".write(to: log)
      let configuration = try
        "ship:\n  files: [\"\(log)*\"]\n  urls: [\"http://127.0.0.1:\(try FreePort.next())\"]\n"
        .write(to: folder + "/ship.yml")
      let data = folder + "/data"
      let arguments = [
        "ship", "--config", configuration, "--data-dir", data, "--listen", "127.0.0.1:\(port)", "--set",
        "ship.flush_deadline=200ms",
      ]
      for _ in 0..<2 {
        try await CDB.during(arguments, in: folder) { child in
          let pending = try await eventually("it has read") {
            let pending = try await CDB.metric("cdb_shipper_pending_lines", [], on: port)
            return pending == 3 ? pending : nil
          }
          #expect(pending == 3)
          let failures = try await eventually("it has asked") {
            let failures = try await CDB.metric("cdb_shipper_requests_total", ["failure"], on: port) ?? 0
            return failures > 0 ? failures : nil
          }
          #expect(failures > 0)
          #expect(try await HTTP.get(port, "/healthz").status == 200)
          let answer = try await HTTP.get(port, "/api/v1/ship")
          #expect(answer.status == 200 && answer.body.contains("cannot connect"))
          #expect(child.send(SIGTERM))
          #expect(try await child.exit() == .code(0), "\(child.errors.suffix(600))")
        }
      }
      let ledger = try await CDB.run(["ship", "ledger", "--data-dir", data], in: folder)
      #expect(ledger.exit == .code(0))
      #expect(ledger.output.hasPrefix("\(log): 0 lines; 0 accepted"), "\(ledger.output)")
      #expect(ledger.output.contains("up to byte 0 of 23"), "\(ledger.output)")
      let audit = try await CDB.run(
        ["ship", "audit", "--config", configuration, "--data-dir", data], in: folder)
      #expect(audit.exit == .code(3) && audit.told.count == 1, "\(audit.told)")
    }
  }

  @Test("what its settings lack, and a folder that is none, are refused in one line")
  func refusals() async throws {
    try await withTemporaryDirectory { folder in
      let url = "http://127.0.0.1:1"
      for arguments in [
        ["ship"], ["ship", "--files", "a.log"], ["ship", "--files", "a.log", "--urls", "search:9200"],
        ["ship", "--files", "a.log", "--urls", "http://me:secret@search:9200"],
        ["ship", "--files", "a.log", "--urls", url, "--index", "Logs"], ["ship", "ledger"],
        ["ship", "replay-dead", "--files", "a.log", "--urls", url],
      ] {
        let refused = try await CDB.run(arguments, in: folder)
        #expect(refused.exit == .code(2), "\(arguments): \(refused.exit)")
        #expect(refused.told.count == 1 && !refused.told.joined().contains("secret@"), "\(refused.told)")
      }
    }
  }

  @Test(
    "a server that is not there, and settings that cannot be, are said in one line; Kibana's file is printed")
  func elk() async throws {
    try await withTemporaryDirectory { folder in
      let url = "http://127.0.0.1:\(try FreePort.next())"
      for (arguments, code) in [
        (["setup", "--urls", url], 3), (["check", "--urls", url], 3), (["setup"], 2),
        (["setup", "--urls", url, "--retention", "soon"], 2),
        (["check", "--urls", url, "--within", "soon"], 2),
      ] {
        let refused = try await CDB.run(["elk"] + arguments, in: folder)
        #expect(refused.exit == .code(Int32(code)), "\(arguments): \(refused.exit)")
        #expect(refused.told.count == 1, "\(refused.told)")
      }
      let printed = try await CDB.run(["elk", "saved-objects"], in: folder)
      #expect(printed.exit == .code(0) && printed.output.hasPrefix("{\"type\":\"index-pattern\""))
    }
  }
}
