import Foundation
import Glibc
import LoopbackPorts
import Testing

@Suite("What an operator asks", .twoAtATime)
struct OperatorTests {
  @Test("why, while it trades: yes, within a second, on one screen and as JSON")
  func whileTrading() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.firstFill()
        var fastest = Duration.seconds(60)
        for _ in 0..<5 {
          let watch = PromiseWatch()
          let finished = try await run.why()
          fastest = min(fastest, watch.elapsed)
          #expect(finished.exit == .code(0), "\(finished.output)")
          #expect(try finished.json(as: Answer.self).trading)
        }
        // The fastest of five: how long the answer takes, not what else the machine does.
        #expect(fastest < .seconds(1))
        let screen = try await run.why([]).output.split(separator: "\n")
        #expect(screen.count <= 24)
        #expect(screen.first?.hasPrefix("TRADING") == true)
        print("why: \(Int(fastest.seconds * 1_000)) ms")
      }
    }
  }

  @Test("status: everything on one screen, in both languages and as JSON; why's exit codes")
  func status() async throws {
    struct Screen: Decodable {
      struct Stage: Decodable { var stage: String, received_per_second: Double? }
      var trading: Bool
      var stages: [Stage]
    }
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.firstFill()
        func status(_ options: String...) async throws -> CDB.Finished {
          try await CDB.run(["status", "--listen", "127.0.0.1:\(run.port)"] + options, in: folder)
        }
        let screen = try await status()
        #expect(screen.exit == .code(0), "\(screen.told)")
        let lines = screen.output.split(separator: "\n")
        #expect(lines.count <= 16 && lines.first?.hasPrefix("TRADING: ") == true, "\(screen.output)")
        for part in [
          "gate        open for ", "event_flow pass ", "db_writer", "equity ", "none open", "none yet",
        ] {
          #expect(screen.output.contains(part), "\(part): \(screen.output)")
        }
        let german = try await status("--language", "de").output
        for part in ["HANDELT: ", "offen seit ", "Kontowert ", "keine offen", "noch keiner"] {
          #expect(german.contains(part), "\(part): \(german)")
        }
        let answer = try await status("--json").json(as: Screen.self)
        #expect(answer.trading && answer.stages.count == 5)
        #expect(answer.stages.first { $0.stage == "ws" }?.received_per_second ?? 0 > 1)
        #expect(try await run.command(["stop", "--reason", "a test"]).exit == .code(0))
        let stopped = try await status()
        #expect(stopped.exit == .code(1) && stopped.output.hasPrefix("STOPPED: "), "\(stopped.output)")
      }
      let nothing = try await CDB.run(["status", "--listen", "127.0.0.1:\(FreePort.next())"], in: folder)
      #expect(nothing.exit == .code(3) && nothing.told.count == 1, "\(nothing.told)")
    }
  }

  @Test("why, with nothing running: 3, and a line that says what to do")
  func nothingRuns() async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["why", "--listen", "127.0.0.1:\(FreePort.next())"], in: folder)
      #expect(finished.exit == .code(3))
      #expect(finished.told.count == 1, "\(finished.told)")
      #expect(finished.told.first?.contains("start it with `cdb run`") == true, "\(finished.told)")
    }
  }

  @Test("a reader of its lines that goes away costs the lines and nothing else")
  func readerGone() async throws {
    try await withTemporaryDirectory { folder in
      let port = try FreePort.next()
      let script = """
        "$0" run --data-dir data --listen 127.0.0.1:\(port) --duration 4s 2> errors | head -n 1 > first
        exit ${PIPESTATUS[0]}
        """
      let child = try ChildProcess("/bin/bash", ["-c", script, Surroundings.binary], in: folder)
      #expect(try await child.exit() == .code(0))
      let first = try String(contentsOfFile: folder + "/first", encoding: .utf8)
      #expect(first.hasPrefix("cdb "), "\(first)")
      let digests = [
        try await CDB.storeDigest(folder + "/data", in: folder),
        try await CDB.replay([folder + "/data/journal"], in: folder).digest,
      ]
      #expect(digests[0] == digests[1])
    }
  }

  @Test("SIGTERM and SIGINT: it works off what it accepted and ends with 0", arguments: [SIGTERM, SIGINT])
  func drain(signal: Int32) async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        let clock = ContinuousClock()
        let start = clock.now
        let watch = PromiseWatch()
        child.send(signal)
        let exit = try await child.exit()
        #expect(watch.elapsed < .seconds(5))
        #expect(exit == .code(0), "\(child.errors.suffix(600))")
        print("drained after signal \(signal) in \(Int((clock.now - start).seconds * 1_000)) ms")
      }
      let stored = try await CDB.storeDigest(run.dataDirectory, in: folder)
      #expect(try await CDB.replay([run.dataDirectory + "/journal"], in: folder).digest == stored)
    }
  }

  @Test("in German, what a run and a stop say is German")
  func german() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--language", "de"])
      try await run.during { child in
        _ = try await eventually("the gate's line") {
          child.output.contains("  Gate      offen: fünf Prüfungen bestanden") ? true : nil
        }
        // A machine that is too busy for the proof within a second says so, and the next stop proves it.
        _ = try await eventually("a stop is proved") {
          let stop = try await run.command(["stop", "--language", "de"])
          #expect(stop.output.hasPrefix("angehalten"), "\(stop.output)")
          return stop.output.hasPrefix("angehalten: eine Probe-Order wurde abgelehnt") ? true : nil
        }
        #expect(try await run.why(["--language", "de"]).output.contains("von Hand"))
        _ = try await eventually("the gate's line") {
          child.output.contains("ANGEHALTEN: von Hand") ? true : nil
        }
        #expect(child.send(SIGTERM))
        _ = try await child.exit()
        let lines = child.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasSuffix("Handel auf Papier, kein echtes Geld bewegt sich") == true)
        let ask = "cdb why --listen 127.0.0.1:\(run.port) --data-dir \(run.dataDirectory)"
        #expect(lines.contains("  fragen    \(ask)"))
        #expect(lines.last?.hasPrefix("angehalten (demo): seit dem Start ") == true, "\(lines.last ?? "")")
        #expect(lines.last?.contains("; Fluss geht auf; ") == true, "\(lines.last ?? "")")
        for word in [
          " the ", " and ", " of ", "trading", "paper", "flow ", "equity", "start ", "verifying", "open",
        ] {
          #expect(!lines.contains { $0.contains(word) }, "\(word): \(lines)")
        }
      }
    }
  }

  @Test("a duration is kept")
  func duration() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--duration", "1s"])
      let finished = try await CDB.run(run.arguments, in: folder)
      #expect(finished.exit == .code(0), "\(finished.errors.suffix(600))")
      #expect(finished.took >= .seconds(1))
      // A clean end is nothing to warn of.
      let loud = run.logLines().filter {
        !["debug", "info", "notice"].contains($0["log.level"] ?? "") && $0["event.action"] != "gate_check"
      }
      #expect(loud.isEmpty, "\(loud)")
    }
  }

  @Test("a name that is not served here, or a foreign origin, is refused on every path")
  func names() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        func status(_ path: String, _ headers: [String: String] = [:]) async throws -> Int {
          try await HTTP.get(run.port, path, headers: headers).status
        }
        for path in ["/metrics", "/healthz", "/api/v1/why", "/nowhere"] {
          let (foreignHost, foreignOrigin) = try await (
            status(path, ["Host": "evil.example"]), status(path, ["Origin": "http://evil.example"])
          )
          #expect(foreignHost == 421)
          #expect(foreignOrigin == 403)
        }
        #expect(try await status("/healthz", ["Host": "localhost:\(run.port)"]) == 200)
        #expect(try await status("/nowhere") == 404)
        // What changes something is not had by GET.
        #expect(try await status("/api/v1/stop") == 405)
      }
    }
  }

  @Test("the operations are listed, and each that reads answers with JSON")
  func operations() async throws {
    struct Listing: Decodable {
      struct Operation: Decodable {
        var name: String
        var effect: String
        var summary: String
      }
      var operations: [Operation]
    }
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        let listing = try await HTTP.get(run.port, "/api/v1/operations").json(as: Listing.self)
        #expect(
          Set(["why", "status", "config", "stop", "resume"]).isSubset(of: listing.operations.map(\.name)))
        for operation in listing.operations {
          #expect(!operation.summary.isEmpty)
          guard operation.effect == "read" else { continue }
          let answer = try await HTTP.get(run.port, "/api/v1/\(operation.name)")
          #expect(answer.status == 200)
          #expect((try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))) != nil)
        }
      }
    }
  }

  @Test(
    "the help of every command has examples",
    arguments: [
      [], ["run"], ["why"], ["status"], ["replay"], ["config"], ["metrics"], ["metrics", "check"],
      ["metrics", "catalog"],
      ["store"], ["store", "digest"], ["exchange"], ["reasons"], ["stop"], ["resume"], ["gate"],
      ["gate", "status"], ["gate", "checks"], ["gate", "history"], ["gate", "open"], ["gate", "close"],
      ["ship"], ["ship", "audit"], ["elk"], ["elk", "setup"], ["elk", "check"], ["elk", "saved-objects"],
    ])
  func help(command: [String]) async throws {
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(command + ["--help"], in: folder)
      #expect(finished.exit == .code(0))
      #expect(finished.output.contains("EXAMPLES"))
      #expect(finished.output.contains((["cdb"] + command).joined(separator: " ")))
    }
  }

  @Test("the help names the shells that complete commands, and the script of each has the commands in it")
  func completion() async throws {
    try await withTemporaryDirectory { folder in
      let help = try await CDB.run(["--help"], in: folder).output
      #expect(help.contains("cdb --generate-completion-script bash"))
      for shell in ["bash", "zsh", "fish"] {
        #expect(help.contains(shell))
        let script = try await CDB.run(["--generate-completion-script", shell], in: folder)
        #expect(script.exit == .code(0))
        #expect(script.output.contains("replay"))
      }
    }
  }

  @Test(
    "a reason and a justification are the same word to a stop, a resume, and the gate",
    arguments: [["stop"], ["resume"], ["gate", "open"], ["gate", "close"]],
    ["--reason", "--justification"])
  func words(command: [String], word: String) async throws {
    try await withTemporaryDirectory { folder in
      let token = folder + "/token"
      try String(repeating: "a", count: 64).write(toFile: token, atomically: true, encoding: .utf8)
      let finished = try await CDB.run(
        command + [word, "a test", "--listen", "127.0.0.1:\(FreePort.next())", "--data-dir", folder],
        in: folder)
      // Understood, and nobody there to be asked.
      #expect(finished.exit == .code(3), "\(finished.told)")
    }
  }

  @Test("the catalogue names every metric that a run exports")
  func catalogue() async throws {
    struct Entry: Decodable { var name: String }
    try await withTemporaryDirectory { folder in
      let finished = try await CDB.run(["metrics", "catalog", "--format", "json"], in: folder)
      let names = Set(try finished.json(as: [Entry].self).map(\.name))
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        let types = try await HTTP.get(
          run.port, "/metrics", headers: ["Accept": ScrapeTests.prometheusAccept]
        ).body
          .split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            String($0.split(separator: " ")[2])
          }
        #expect(types.count > 20)
        #expect(Set(types).subtracting(names).isEmpty, "\(Set(types).subtracting(names))")
      }
    }
  }
}
