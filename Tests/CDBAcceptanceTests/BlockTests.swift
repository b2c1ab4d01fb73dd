import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("Blocks", .twoAtATime)
struct BlockTests {
  struct Status: Decodable {
    struct Checkpoint: Decodable {
      var number: Int
      var made: Bool
      var late_seconds: Double
    }
    var state: String
    var block: Int
    var elapsed_seconds: Double
    var checkpoints: [Checkpoint]
    var judgement: String?
    var files: [String: String]
    var directory: String?
  }

  private func status(_ run: LiveRun) async throws -> Status {
    try await run.command(["block", "--json"]).json(as: Status.self)
  }

  /// Waits until the newest block is in that state.
  @discardableResult
  private func block(_ run: LiveRun, is state: String, within limit: Duration = .patience) async throws
    -> Status
  {
    try await eventually("the block is \(state)", within: limit, every: .milliseconds(200)) {
      let status = try await HTTP.get(run.port, "/api/v1/block.status").json(as: Status.self)
      return status.state == state ? status : nil
    }
  }

  /// Starts a block once the gate lets it begin. Where only a person opens it, a verification that fails on a busy machine
  /// is asked for again.
  private func start(_ run: LiveRun) async throws {
    var told: [String] = []
    _ = try await eventually(
      "a block begins; it says \(told)", every: .milliseconds(300)
    ) {
      let started = try await run.command(["block", "start"])
      told = started.told
      if try await ["closed", "tripped"].contains(run.gate().state) {
        _ = try await run.command(["gate", "open", "--justification", "a test"])
      }
      return started.exit == .code(0) ? true : nil
    }
  }

  @Test(
    "a block of seconds: refused before the gate is open, ends by itself, is reported, learned from, and followed"
  )
  func life() async throws {
    try await withTemporaryDirectory { folder in
      let log = folder + "/LOG.md"
      try Data("# Decision log\n".utf8).write(to: URL(filePath: log))
      let run = try LiveRun(in: folder, ["--set", "block.duration=15s", "--set", "gate.opening=manual"])
      try await run.during { child in
        let early = try await run.command(["block", "start"])
        #expect(early.exit == .code(1) && early.told.first?.contains("open gate") == true, "\(early.told)")
        #expect(try await run.command(["block"]).exit == .code(1))
        #expect(try await run.command(["gate", "open", "--justification", "a test"]).exit == .code(0))
        try await start(run)
        let running = try await run.command(["block"])
        #expect(running.exit == .code(0) && running.output.contains("Block 1 running"), "\(running.output)")
        let second = try await run.command(["block", "start"])
        #expect(second.exit == .code(1) && second.told.first?.contains("block 1 runs") == true)
        let unasked = try await run.command(["block", "finish"])
        #expect(unasked.exit == .code(2) && unasked.told.first?.contains("--reason") == true)
        let done = try await block(run, is: "reported")
        #expect(done.checkpoints.map(\.made) == [true, true, true])
        #expect(done.checkpoints.allSatisfy { $0.late_seconds == 0 })
        #expect(try await CDB.metric("cdb_block_number", on: run.port) == 1)
        let numbers = run.logLines().filter { $0["event.action"] == "order" }.map { $0["cdb.block"] }
        #expect(numbers.contains("1"), "what was ordered in the block says so: \(numbers)")
        #expect(
          try await CDB.metric("cdb_block_checkpoints", [#"kind="made""#], on: run.port) == 3)
        #expect(
          try await CDB.metric("cdb_block_state", [#"cdb_block_state="reported""#], on: run.port) == 1)

        let unlearned = try await run.command(["block", "start"])
        #expect(unlearned.exit == .code(1) && unlearned.told.first?.contains("not analysed") == true)
        let unready = try await run.command(["block", "report", "--decision-log", log])
        #expect(unready.exit == .code(1))
        for _ in 0..<2 {
          let report = try await run.command([
            "block", "report", "--lesson", "wait for the <market>", "--todo", "measure", "--decision-log",
            log,
          ])
          #expect(report.exit == .code(0), "\(report.told)")
        }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.components(separatedBy: "## Block 1 of").count == 2, "\(text)")
        let directory = run.dataDirectory + "/blocks/0001"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(
          names == ["decision-log.md", "report.de.html", "report.de.md", "report.html", "report.md"])
        let page = try String(contentsOfFile: directory + "/report.html", encoding: .utf8)
        #expect(page.contains("wait for the &lt;market&gt;") && page.contains("<svg "))
        // What the process said is what the store says.
        #expect(page.contains(", 0 differ"), "\(page)")
        try await start(run)
        #expect(try await status(run).block == 2)
        let ended = try await run.command(["block", "finish", "--reason", "enough", "--language", "de"])
        #expect(ended.exit == .code(0) && ended.output.contains("Block 2 beendet"), "\(ended.output)")
        try await block(run, is: "reported")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      let report = try await CDB.replay([run.dataDirectory + "/journal"], in: folder)
      #expect(try await CDB.storeDigest(run.dataDirectory, in: folder) == report.digest)
      let chain = try await CDB.run(["gate", "verify", "--data-dir", run.dataDirectory], in: folder)
      #expect(chain.exit == .code(0), "\(chain.output)")
    }
  }

  @Test("a process killed in the middle of a block goes on with it, and what it missed is late and said")
  func killed() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(
        in: folder, ["--set", "block.duration=45s", "--set", "block.checkpoints=4s,10s,45s"])
      try await run.during { child in
        try await run.gate(is: "open")
        try await start(run)
        _ = try await eventually("the first checkpoint", every: .milliseconds(200)) {
          try await status(run).checkpoints.first?.made == true ? true : nil
        }
        child.send(SIGKILL)
        _ = try await child.exit()
      }
      // The second checkpoint comes and goes while nothing runs; how long that is, the report will say.
      try await Task.sleep(for: .seconds(13))
      try await run.during { child in
        let going = try await block(run, is: "running")
        #expect(going.block == 1)
        let done = try await block(run, is: "reported")
        #expect(done.checkpoints.map(\.made) == [true, true, true])
        #expect(done.checkpoints[0].late_seconds == 0 && done.checkpoints[1].late_seconds > 5)
        #expect(done.judgement == "partial" || done.judgement == "critical")
        let page = try String(
          contentsOfFile: run.dataDirectory + "/blocks/0001/report.md", encoding: .utf8)
        #expect(page.contains("unplanned\\_restart") && page.contains("late\\_checkpoint"), "\(page)")
        #expect(page.contains(", 0 differ"), "\(page)")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      let report = try await CDB.replay([run.dataDirectory + "/journal"], in: folder)
      #expect(try await CDB.storeDigest(run.dataDirectory, in: folder) == report.digest)
    }
  }

  @Test("a run without a gate has no blocks, and says why; an impossible plan is wrong usage")
  func without() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "gate.mode=off"])
      try await run.during { _ in
        let refused = try await run.command(["block", "start"])
        #expect(
          refused.exit == .code(1) && refused.told.first?.contains("no gate") == true, "\(refused.told)")
        #expect(try await CDB.metric("cdb_block_number", on: run.port) == nil)
      }
      let wrong = try await CDB.run(
        ["run", "--set", "block.checkpoints=80h", "--data-dir", folder + "/none"], in: folder)
      #expect(
        wrong.exit == .code(2) && wrong.told.first?.contains("block.checkpoints") == true, "\(wrong.told)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
      let nobody = try await CDB.run(
        ["block", "--listen", "127.0.0.1:\(try FreePort.next())", "--data-dir", folder], in: folder)
      #expect(nobody.exit == .code(3))
    }
  }
}
