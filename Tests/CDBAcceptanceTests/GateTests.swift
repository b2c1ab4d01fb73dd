import Foundation
import Glibc
import Testing

@Suite("The gate of a run", .twoAtATime)
struct GateTests {
  @Test("it opens by itself within 30 s once five checks have passed, and nothing was traded before")
  func opens() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        let watch = PromiseWatch()
        let report = try await run.gate(is: "open")
        #expect(watch.elapsed < .seconds(30))
        #expect(
          report.checks.map(\.check) == ["logs", "event_flow", "risk_layer", "db_consistency", "smoke"])
        #expect(report.checks.allSatisfy { $0.outcome == "pass" })
        #expect(try await CDB.metric("cdb_gate_state", [#"cdb_gate_state="open""#], on: run.port) == 1)
        for check in report.checks {
          let passed = try await CDB.metric(
            "cdb_gate_check", [#"check="\#(check.check)""#, #"cdb_gate_check="pass""#], on: run.port)
          #expect(passed == 1)
        }
        try await run.firstFill()
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      #expect(try await run.fillsOutsideTheGate() == [])
      let report = try await CDB.replay([run.dataDirectory + "/journal"], in: folder)
      #expect(try await CDB.storeDigest(run.dataDirectory, in: folder) == report.digest)
    }
  }

  @Test(
    "case 14: the flow test, the canary and the reconciliation go on in production, and pass again and again")
  func renewed() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "gate.renewal=1s"])
      try await run.during { _ in
        try await run.gate(is: "open")
        let clock = ContinuousClock()
        for _ in 1...2 {
          let start = clock.now
          _ = try await eventually(
            "every check passed again", every: .milliseconds(200)
          ) {
            let passed = (clock.now - start).seconds
            let report = try await run.gate()
            let isRenewed = report.checks.allSatisfy {
              $0.outcome == "pass" && ($0.age_seconds ?? .infinity) < passed
            }
            return (report.state == "open" && report.checks.count == 5 && isRenewed).found
          }
        }
      }
    }
  }

  @Test("case 11: a stop is in force within a second, and proved by an order that was refused")
  func stop() async throws {
    struct Report: Decodable {
      var verified: Bool
      var in_force: Bool
      var refused_by: String?
      var seconds: Double
    }
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        try await run.firstFill()
        let watch = PromiseWatch()
        let finished = try await run.command(["stop", "--reason", "a test", "--json"])
        let took = watch.elapsed
        #expect(finished.exit == .code(0), "\(finished.errors)")
        let report = try finished.json(as: Report.self)
        #expect(report.verified && report.in_force)
        #expect(report.refused_by == "kill_switch")
        // By the product's own clock, or, on a machine that is busy, by one that stands still while that is.
        #expect(min(report.seconds, took.seconds) < 1)
        print("stop proved in \(Int(report.seconds * 1_000)) ms")

        let answer = try await run.answer()
        #expect(answer.verdict == "stopped")
        #expect(answer.summary.contains("a test"))
        let status = try await run.command(["gate", "status"])
        #expect(status.exit == .code(1))
        // Whatever the market does, nothing is filled any more.
        let fills = try await CDB.metric("cdb_fills_total", on: run.port)
        let frames = try #require(await CDB.metric("cdb_feed_frames_total", on: run.port))
        _ = try await eventually("hundreds of frames later", every: .milliseconds(200)) {
          try await CDB.metric("cdb_feed_frames_total", on: run.port).flatMap {
            $0 > frames + 400 ? $0 : nil
          }
        }
        #expect(try await CDB.metric("cdb_fills_total", on: run.port) == fills)

        // It outlives the process, and only a justified resume lifts it.
        #expect(child.send(SIGKILL))
        _ = try await child.exit()
      }
      try await run.during { child in
        try await run.gate(is: "stopped")
        // In the words of whoever stopped it, before the restart as after.
        _ = try await eventually("the stop's own words") {
          try await run.gate().reason == "a test" ? true : nil
        }
        _ = try await eventually("the terminal says why") {
          child.output.contains("STOPPED: a test; nothing passes until cdb resume") ? true : nil
        }
        #expect(try await run.command(["gate", "open", "--justification", "please"]).exit == .code(1))
        #expect(try await run.command(["resume", "--justification", "  "]).exit == .code(2))
        #expect(try await run.gate().state == "stopped")
        #expect(try await run.command(["resume", "--justification", "checked"]).exit == .code(0))
        try await run.gate(is: "open")
        // What the stop refused is over with it.
        #expect(try await run.answer().reason != "kill_switch")
        let history = try await run.command(["gate", "history"]).output
        for line in ["stop  operator:http: a test", "resume  operator:http: checked"] {
          #expect(history.contains(line), "\(history)")
        }
        child.send(SIGTERM)
        _ = try await child.exit()
      }
      #expect(try await run.fillsOutsideTheGate() == [])
    }
  }

  @Test("case 1: every signal refused is zero activity: the gate trips, and layer and reason are named")
  func allRefused() async throws {
    try await withTemporaryDirectory { folder in
      // An order of a dollar is smaller than the exchange accepts: everything is healthy, and nothing can happen.
      let run = try LiveRun(
        in: folder, ["--set", "risk.order_notional=1", "--set", "gate.zero_activity_after=2s"])
      try await run.during { child in
        try await run.gate(is: "open")
        let report = try await run.gate(is: "tripped")
        #expect(report.reason == "zero_activity")
        let answer = try await run.names("risk", ["below_minimum_notional"])
        #expect(answer.verdict == "blocked")
        #expect(try await HTTP.get(run.port, "/healthz").status == 503)
        // Every stage is as healthy as can be.
        let body = try await HTTP.get(run.port, "/healthz").body
        for stage in ["ws", "core", "risk", "execution", "db_writer"] {
          #expect(body.contains(#""healthy":true,"name":"\#(stage)""#), "\(body)")
        }
        child.send(SIGTERM)
        _ = try await child.exit()
      }
    }
  }

  @Test("a limit that lets no order pass keeps the gate from opening, and is named within 10 s")
  func blockingLimits() async {
    await eachAtOnce([
      ("risk.maximum_exposure=0", "exposure_limit"), ("risk.maximum_exposure=0.05", "exposure_limit"),
      ("risk.maximum_position=0.01", "position_size_limit"),
    ]) { try await blockingLimit($0.0, $0.1) }
  }

  private func blockingLimit(_ setting: String, _ reason: String) async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", setting])
      try await run.during { _ in
        let answer = try await run.names("risk", [reason])
        #expect(answer.verdict == "blocked")
        _ = try await run.health(503)
        #expect(try await run.answer().reason == reason)
        // It tries again and again, and is no less blocked while it does.
        for _ in 0..<20 {
          let answer = try await HTTP.get(run.port, "/api/v1/why").json(as: Answer.self)
          #expect(answer.reason == reason)
          #expect(try await HTTP.get(run.port, "/healthz").status == 503)
          try await Task.sleep(for: .milliseconds(100))
        }
        let checks = try await run.command(["gate", "checks"])
        #expect(checks.output.contains("fail  risk_layer"), "\(checks.output)")
        #expect(checks.output.contains("refused: \(reason)"), "\(checks.output)")
        #expect(try await CDB.metric("cdb_fills_total", on: run.port) ?? 0 == 0)
      }
    }
  }

  @Test("an order that the gate refused is no fault of execution's when the gate is open again")
  func refusedAndReopened() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.gate(is: "open")
        #expect(try await run.command(["gate", "close", "--reason", "a test"]).exit == .code(0))
        _ = try await eventually("an order is refused", every: .milliseconds(100)) {
          // A probe that was under way may be refused too; it says nothing of execution.
          run.logLines().contains {
            $0["event.action"] == "order_result" && $0["event.reason"] == "gate_closed"
              && $0["cdb.canary"] == nil
          }.found
        }
        #expect(try await run.command(["gate", "open", "--justification", "tested"]).exit == .code(0))
        try await run.gate(is: "open")
        let answer = try await run.answer()
        #expect(["quiet", "trading"].contains(answer.verdict), "\(answer.summary)")
        _ = try await run.health(200)
      }
    }
  }

  @Test("closed by hand it stays closed; opened by hand it verifies first; the history tells who and why")
  func byHand() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "gate.opening=manual"])
      try await run.during { _ in
        _ = try await eventually("frames") {
          try await CDB.metric("cdb_feed_frames_total", on: run.port).flatMap { $0 > 100 ? $0 : nil }
        }
        #expect(try await run.gate().state == "closed")
        let opened = try await run.command(["gate", "open", "--justification", "good morning"])
        #expect(opened.exit == .code(0), "\(opened.output)\(opened.errors)")
        let closed = try await run.command(["gate", "close", "--reason", "good night"])
        #expect(closed.exit == .code(0))
        try await run.gate(is: "closed")
        let history = try await eventually("the history is stored") {
          let text = try await run.command(["gate", "history"]).output
          return text.contains("good night") ? text : nil
        }
        #expect(history.contains("operator:http: good morning"))
        #expect(history.contains("verdict smoke pass"))
        let checks = try await run.command(["gate", "checks", "--language", "de"])
        #expect(checks.exit == .code(0), "\(checks.output)")
      }
    }
  }

  @Test("what an operator was told is done outlives a kill in the same instant")
  func closedThenKilled() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        let token = try String(contentsOfFile: run.dataDirectory + "/token", encoding: .utf8)
        let answer = try await HTTP.post(
          run.port, "/api/v1/gate.close", #"{"reason":"maintenance"}"#,
          headers: ["Authorization": "Bearer \(token.trimmingCharacters(in: .whitespacesAndNewlines))"])
        #expect(child.send(SIGKILL))
        #expect(answer.status == 200 && answer.body.contains(#""journaled":true"#), "\(answer.body)")
        _ = try await child.exit()
      }
      try await run.during { _ in
        let report = try await eventually("the gate is held") {
          let report = try await run.gate()
          return report.held ? report : nil
        }
        #expect(report.state == "closed")
        let refused = try await run.command(["gate", "history", "--limit", "1001"])
        #expect(refused.exit == .code(2) && refused.errors.contains("1 to 1000"), "\(refused.errors)")
      }
    }
  }

  @Test("without the token nothing can be changed, and the token is the owner's alone")
  func token() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        let path = run.dataDirectory + "/token"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        for operation in ["stop", "resume", "gate.open", "gate.close"] {
          let body = #"{"reason":"x","justification":"x"}"#
          #expect(try await HTTP.post(run.port, "/api/v1/\(operation)", body).status == 401)
        }
        let stranger = try await CDB.run(
          ["stop", "--listen", "127.0.0.1:\(run.port)", "--data-dir", folder + "/elsewhere"], in: folder)
        #expect(stranger.exit == .code(2))
        #expect(stranger.told.count == 1, "\(stranger.told)")
        #expect(try await run.gate().state != "stopped")
      }
    }
  }

  @Test("a run that listens everywhere, and answers to another name first, proves itself all the same")
  func listensEverywhere() async throws {
    try await withTemporaryDirectory { folder in
      var run = try LiveRun(in: folder)
      run.options = [
        "--listen", "0.0.0.0:\(run.port)", "--set", "http.allowed_hosts=gate.example,127.0.0.1",
      ]
      _ = try await run.during { _ in try await run.gate(is: "open") }
    }
  }

  @Test("why is told in German as well")
  func german() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.firstFill()
        let screen = try await run.why(["--language", "de"]).output
        #expect(screen.hasPrefix("HANDELT: es wird auf Papier gehandelt"), "\(screen)")
        #expect(screen.contains("Stufe"))
      }
    }
  }
}
