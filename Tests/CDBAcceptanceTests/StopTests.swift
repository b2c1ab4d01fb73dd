import Foundation
import Glibc
import Testing

/// The ways to the emergency stop that need neither network nor token.
@Suite("A stop by file and by signal", .twoAtATime)
struct StopTests {
  /// Waits until the gate is stopped, and returns how long that took, by the watch.
  private func stopped(_ run: LiveRun, _ watch: PromiseWatch) async throws -> Duration {
    _ = try await eventually("the gate is stopped", every: .milliseconds(20)) {
      try await run.gate().state == "stopped" ? true : nil
    }
    return watch.elapsed
  }

  private func proved(_ run: LiveRun, _ actor: String, _ reason: String) async throws {
    _ = try await eventually("the log says it is proved") {
      run.logLines().contains {
        $0["event.action"] == "stop" && $0["event.outcome"] == "success" && $0["labels.actor"] == actor
          && $0["labels.reason"] == reason
      } ? true : nil
    }
    #expect(try await run.gate().reason == reason)
    let history = try await run.command(["gate", "history"]).output
    #expect(history.contains("stop  \(actor): \(reason)"), "\(history)")
  }

  @Test(
    "a file in the data directory stops within a second, in its own words, and nothing resumes while it is there"
  )
  func file() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      let file = run.dataDirectory + "/STOP"
      try await run.during { child in
        try await run.gate(is: "open")
        let watch = PromiseWatch()
        try Data("I do not trust this market\n".utf8).write(to: URL(filePath: file))
        let took = try await stopped(run, watch)
        #expect(took < .seconds(1))
        print("stopped by file in \(Int(took.seconds * 1_000)) ms")
        try await proved(run, "file:STOP", "I do not trust this market")

        let early = try await run.command(["resume", "--justification", "checked"])
        #expect(
          early.exit == .code(1) && early.told.first?.contains("remove it first") == true, "\(early.told)")
        try FileManager.default.removeItem(atPath: file)
        #expect(try await run.gate().state == "stopped")
        #expect(try await run.command(["resume", "--justification", "checked"]).exit == .code(0))
        try await run.gate(is: "open")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      #expect(try await run.fillsOutsideTheGate() == [])
    }
  }

  @Test(
    "whatever stands under the name stops, from the start on, and holds nothing up",
    arguments: ["pipe", "folder", "binary"])
  func anything(kind: String) async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      let file = run.dataDirectory + "/STOP"
      try FileManager.default.createDirectory(atPath: run.dataDirectory, withIntermediateDirectories: true)
      switch kind {
      case "pipe": #expect(mkfifo(file, 0o600) == 0)
      case "folder": try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
      default: try Data((0..<8_000).map { UInt8(truncatingIfNeeded: $0) }).write(to: URL(filePath: file))
      }
      try await run.during { child in
        try await proved(run, "file:STOP", "the file STOP")
        #expect(try await run.gate().state == "stopped")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      #expect(try await run.fillsOutsideTheGate() == [])
    }
  }

  @Test("SIGUSR1 stops within a second, and the process lives on")
  func signal() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        let watch = PromiseWatch()
        child.send(SIGUSR1)
        let took = try await stopped(run, watch)
        #expect(took < .seconds(1))
        print("stopped by signal in \(Int(took.seconds * 1_000)) ms")
        try await proved(run, "signal:SIGUSR1", "the signal SIGUSR1")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      #expect(try await run.fillsOutsideTheGate() == [])
    }
  }

  @Test(
    "a stop while the store is locked is in force, is not proved, and names the store",
    .needsPython("sqlite3"))
  func lockedStore() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        let script = """
          import sqlite3, sys, time
          store = sqlite3.connect(sys.argv[1], isolation_level=None)
          store.execute('PRAGMA busy_timeout = 5000')
          store.execute('BEGIN IMMEDIATE')
          print('locked', flush=True)
          time.sleep(600)
          """
        let lock = try ChildProcess(
          Surroundings.python, ["-c", script, run.dataDirectory + "/store.sqlite"], in: folder)
        _ = try await eventually("the store is locked") {
          lock.output.contains("locked").found
        }
        let stop = try await run.command(["stop", "--reason", "a drill"])
        #expect(stop.exit == .code(1))
        #expect(stop.output.contains("NOT PROVED"), "\(stop.output)")
        #expect(stop.output.contains("the store does not show the probe order"), "\(stop.output)")
        #expect(try await run.gate().state == "stopped")
        await lock.end()
        _ = try await eventually("the store has the stop") {
          try await run.command(["gate", "history"]).output.contains("stop  operator:http: a drill").found
        }
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
    }
  }

  @Test("the record of decisions is whole, also while it runs, and shows where it was changed afterwards")
  func record() async throws {
    struct Trail: Decodable {
      struct Fault: Decodable { var kind: String }
      var faults: [Fault]
      var head: String?
    }
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      let verify = ["gate", "verify", "--data-dir", run.dataDirectory]
      var noted = ""
      try await run.during { child in
        try await run.gate(is: "open")
        #expect(try await run.command(["stop", "--reason", "a test"]).exit == .code(0))
        let finished = try await CDB.run(verify + ["--json"], in: folder)
        #expect(finished.exit == .code(0), "\(finished.output)")
        noted = try #require(try finished.json(as: Trail.self).head)
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      let whole = try await CDB.run(verify + ["--head", noted, "--export", "decisions.jsonl"], in: folder)
      #expect(whole.exit == .code(0) && whole.output.contains("the chain is whole"), "\(whole.output)")
      let exported = try String(contentsOfFile: folder + "/decisions.jsonl", encoding: .utf8)
      #expect(exported.contains(noted) && exported.contains(#""reason":"a test""#))
      #expect(try await CDB.run(verify + ["--head", "00"], in: folder).exit == .code(1))

      let script = """
        import sqlite3, sys
        store = sqlite3.connect(sys.argv[1])
        store.execute("UPDATE controls SET body = replace(body, 'a test', 'nothing') WHERE kind = 'stop'")
        store.commit()
        """
      _ = try await PythonCheck.run(script, [run.dataDirectory + "/store.sqlite"], in: folder)
      let broken = try await CDB.run(verify + ["--json"], in: folder)
      #expect(broken.exit == .code(1))
      #expect(try broken.json(as: Trail.self).faults.map(\.kind) == ["changed", "differs_from_journal"])
    }
  }
}
