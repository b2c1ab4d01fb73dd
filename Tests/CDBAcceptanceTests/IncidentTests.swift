import Foundation
import Glibc
import Testing

/// Incidents on the real process: what opens them, what a person does, and what of it outlives a restart.
@Suite("Incidents", .twoAtATime)
struct IncidentTests {
  struct Incident: Decodable {
    struct File: Decodable { var path: String, sha256: String }
    struct Entry: Decodable { var step: String, actor: String }
    var number: Int
    var state: String
    var severity: String
    var layer: String?
    var reason: String
    var summary: String
    var ended_ns: Int64?
    var root_cause: String?
    var files: [File]
    var history: [Entry]
  }

  private func incidents(_ run: LiveRun) async throws -> [Incident] {
    try await run.command(["incident", "list", "--all", "--json"]).json(as: [Incident].self)
  }

  @discardableResult
  private func incident(
    _ run: LiveRun, _ what: String, within limit: Duration = .patience,
    _ holds: @escaping (Incident) -> Bool
  ) async throws -> Incident {
    try await eventually(what, within: limit, every: .milliseconds(100)) {
      try await incidents(run).first(where: holds)
    }
  }

  @Test("an interruption is opened with evidence in rows and a file, ends with its cause, and holds nothing")
  func interruption() async throws {
    try await withTemporaryDirectory { folder in
      try await withExchange(in: folder) { exchange in
        let run = try LiveRun(in: folder, exchange: exchange)
        let verify = ["gate", "verify", "--data-dir", run.dataDirectory]
        var file = ""
        try await run.during { child in
          try await run.gate(is: "open")
          try await exchange.fault(#"[{"kind":"silence","duration":9}]"#)
          let opened = try await incident(run, "an incident") {
            $0.reason == "silent_feed" && !$0.files.isEmpty
          }
          #expect(opened.severity == "notice" && opened.layer == "market_data")
          #expect(try await run.command(["incident"]).exit == .code(1))
          let shown = try await run.command(["why"]).output
          #expect(shown.contains("incident  \(opened.number) notice, open: silent_feed"), "\(shown)")
          file = try #require(opened.files.first).path
          let kept =
            try JSONSerialization.jsonObject(
              with: Data(contentsOf: URL(filePath: "\(run.dataDirectory)/\(file)"))) as? [String: Any]
          #expect(kept?["diagnosis"] != nil && kept?["status"] != nil)
          #expect((kept?["log_tail"] as? [String])?.isEmpty == false)
          #expect(try await CDB.metric("cdb_incidents_total", on: run.port) ?? 0 >= 1)
          try await run.gate(is: "open")
          try await incident(run, "it is over") { $0.number == opened.number && $0.ended_ns != nil }
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        let whole = try await CDB.run(verify, in: folder)
        #expect(whole.exit == .code(0), "\(whole.output)")
        let path = "\(run.dataDirectory)/\(file)"
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: path))
        let changed = try await CDB.run(verify, in: folder)
        #expect(changed.exit == .code(1) && changed.output.contains("another file as its evidence"))
        try FileManager.default.removeItem(atPath: path)
        let missing = try await CDB.run(verify, in: folder)
        #expect(missing.exit == .code(1) && missing.output.contains("lost the file of its evidence"))
      }
    }
  }

  @Test(
    "one that needs a person keeps the gate shut, also after a restart, until its root cause is in writing")
  func person() async throws {
    try await withTemporaryDirectory { folder in
      try await withExchange(in: folder) { exchange in
        // What lasts for five seconds is a warning here.
        let run = try LiveRun(
          in: folder, exchange: exchange,
          ["--set", "incident.warning_after=5s"])
        try await run.during { child in
          try await run.gate(is: "open")
          try await exchange.fault(#"[{"kind":"silence","duration":14}]"#)
          let opened = try await incident(run, "a warning") {
            $0.reason == "silent_feed" && $0.severity == "warning" && $0.files.count > 1
          }
          #expect(opened.files.count == 2, "one as it opened, one as it became worse")
          let acknowledged = try await run.command([
            "incident", "ack", "\(opened.number)", "--words", "I see",
          ])
          #expect(acknowledged.exit == .code(0) && acknowledged.output.contains("acknowledged"))
          let early = try await run.command(["incident", "close", "\(opened.number)"])
          #expect(early.exit == .code(1), "\(early.output)")
          try await incident(run, "it is over") {
            $0.number == opened.number && $0.ended_ns != nil
          }
          try await run.names("market_data", ["incident_open"])
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        try await run.during { child in
          let answer = try await run.names("market_data", ["incident_open"], promised: .seconds(20))
          #expect(answer.verdict == "gated")
          let kept = try await incident(run, "it outlived the restart") { $0.reason == "silent_feed" }
          #expect(kept.state == "acknowledged")
          let number = "\(kept.number)"
          #expect(try await run.command(["incident", "cause", number, "--text", " "]).exit == .code(2))
          let written = try await run.command([
            "incident", "cause", number, "--text", "a switch lost its power",
          ])
          #expect(written.exit == .code(0), "\(written.told)")
          try await run.gate(is: "open")
          try await incident(run, "it is verified") { $0.number == kept.number && $0.state == "verified" }
          #expect(
            try await run.command(["incident", "close", number, "--words", "replaced"]).exit == .code(0))
          let closed = try await incident(run, "it is closed") {
            $0.number == kept.number && $0.state == "closed"
          }
          #expect(closed.root_cause == "a switch lost its power")
          #expect(
            closed.history.map(\.step).filter { $0 != "evidence" } == [
              "opened", "escalated", "acknowledged", "ended", "root_cause", "verified", "closed",
            ], "\(closed.history)")
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        #expect(try await run.fillsOutsideTheGate() == [])
        #expect(
          try await CDB.run(["gate", "verify", "--data-dir", run.dataDirectory], in: folder).exit == .code(0))
      }
    }
  }

  @Test("the policy can be asked for, and a reason code that does not exist is a wrong setting")
  func policy() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(
        in: folder,
        ["--set", "gate.needs_person=silent_feed", "--set", "gate.checks.db_consistency.validity=300s"])
      try await run.during { _ in
        let text = try await run.command(["gate", "policy"]).output
        #expect(text.contains("db_consistency: a pass counts 300 s"), "\(text)")
        #expect(text.contains("silent_feed") && text.contains("flow_imbalance"))
      }
      let wrong = try await CDB.run(
        ["run", "--data-dir", folder + "/other", "--duration", "1s", "--set", "gate.needs_person=silence"],
        in: folder)
      #expect(
        wrong.exit == .code(2) && wrong.told.first?.contains("gate.needs_person") == true, "\(wrong.told)")
    }
  }
}
