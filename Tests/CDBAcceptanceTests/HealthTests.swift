import Foundation
import Glibc
import Testing

/// Health is what the stages did last: each dependency is broken here, and `/healthz` says 503.
@Suite("The health of a run", .twoAtATime)
struct HealthTests {
  @Test("200 while it does its work")
  func healthy() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        let body = try await run.health(200)
        for stage in ["ws", "core", "risk", "execution", "db_writer", "feed", "flow"] {
          #expect(body.contains(#""name":"\#(stage)""#), "\(body)")
        }
        let ready = try await eventually("ready") {
          let answer = try await HTTP.get(run.port, "/readyz")
          return answer.status == 200 ? answer : nil
        }
        #expect(!ready.body.contains("no frame yet"))
        for options in [["health"], ["health", "--ready", "--timeout", "5s"]] {
          let finished = try await run.command(options)
          #expect(finished.exit == .code(0) && finished.output.hasPrefix("it does its work"), "\(finished)")
        }
      }
    }
  }

  @Test("a crowd of connections takes no file from the journal, and once it is gone everybody is answered")
  func crowd() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "journal.segment_bytes=65536"])
      // Where the test ends, this process takes the run with it: it is the run, after the limit is set.
      let child = try ChildProcess(
        "prlimit", ["--nofile=256:256", Surroundings.binary] + run.arguments, in: folder)
      do {
        try await CDB.answers(run.port, child)
        try await run.gate(is: "open")
        let crowd = try (0..<400).map { _ in try IdleConnection(to: run.port) }
        let before = try run.newestSegment()
        _ = try await eventually(
          "the journal goes on beside \(crowd.count) connections"
        ) {
          #expect(child.exit == nil)
          return try run.newestSegment() > before ? () : nil
        }
        for connection in crowd { connection.close() }
        _ = try await eventually("it answers again") {
          try? await HTTP.get(run.port, "/healthz")
        }
        #expect(run.logLines().allSatisfy { $0["event.reason"] != "journal_failed" })
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      } catch {
        await child.end()
        throw error
      }
    }
  }

  @Test(
    "frames whose fields were renamed: connected, nothing decoded, and every place says so", .needsRecordings)
  func renamedFields() async throws {
    try await withTemporaryDirectory { folder in
      let renamed = try await RecordedData.lines(of: RecordedData.bitcoin, in: folder, limit: 6_000)
        .map { $0.replacing(#/"([a-zA-Z])":/#) { "\"new_\($0.1)\":" } }
      let path = try (renamed.joined(separator: "\n") + "\n").write(to: folder + "/renamed.txt")
      let run = try LiveRun(in: folder, feed: "replay:" + path, ["--speed", "2"])
      try await run.during { _ in
        _ = try await run.health(503)
        _ = try await eventually("ws says so of itself") {
          try await HTTP.get(run.port, "/healthz").body.contains(#""healthy":false,"name":"ws""#).found
        }

        let health = try await run.command(["health"])
        #expect(health.exit == .code(1) && health.output.contains("\n  ws: "), "\(health)")
        let german = try await run.command(["health", "--language", "de"])
        #expect(german.output.contains("tun ihre Arbeit nicht"), "\(german.output)")

        let finished = try await run.why()
        #expect(finished.exit == .code(1))
        let answer = try finished.json(as: Answer.self)
        #expect(answer.verdict == "broken")
        #expect(answer.layer == "market_data")
        let reason = try #require(answer.reason)
        #expect(["malformed_frame", "unknown_stream"].contains(reason))
        #expect(answer.summary.contains("none become market data"), "\(answer.summary)")

        #expect(try await CDB.metric("cdb_feed_connected", on: run.port) == 1)
        let dropped = try await CDB.metric(
          "cdb_stage_events_dropped_total", [#"reason="\#(reason)""#], on: run.port)
        #expect(try #require(dropped) > 0)
        let undecodable = try #require(await CDB.metric("cdb_feed_undecodable_total", on: run.port))
        let frames = try #require(await CDB.metric("cdb_feed_frames_total", on: run.port))
        #expect(undecodable <= frames && frames - undecodable < 0.1 * frames, "\(undecodable) of \(frames)")
      }
    }
  }

  @Test("a store that takes nothing is named while it lasts, and the run goes on afterwards", .needsRoot)
  func storeTakesNothing() async throws {
    try await withTemporaryDirectory { folder in
      try await withSmallDisk(megabytes: 2, in: folder) { disk in
        let data = disk.path + "/data"
        // The journal lies elsewhere, so that only the store and the checkpoints feel it.
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
          atPath: folder + "/journal", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: data + "/journal", withDestinationPath: folder + "/journal")
        let run = try LiveRun(
          in: folder, dataDirectory: data,
          ["--set", "log.directory=\(folder)/logs", "--set", "pipeline.barrier_interval=300ms"])
        try await run.during { child in
          _ = try await run.health(200)
          try disk.fill()
          let body = try await run.health(503)
          #expect(body.contains("db_writer") || body.contains("checkpoint"), "\(body)")
          #expect(body.contains(#""healthy":false"#))
          try disk.free()
          // What was logged as an error keeps the gate shut for gate.error_window, 30 s.
          _ = try await run.health(200)
          try await run.firstFill()
          child.send(SIGTERM)
          #expect(try await child.exit() == .code(0))
        }
        let stored = try await CDB.storeDigest(data, in: folder)
        #expect(try await CDB.replay([folder + "/journal"], in: folder).digest == stored)
      }
    }
  }
}
