import Foundation
import Glibc
import Testing

/// `kill -9` at any instant loses nothing and doubles nothing.
@Suite("A process that is killed", .twoAtATime)
struct KillTests {
  @Test("a replay killed again and again ends with the digest of one that was left alone", .needsRecordings)
  func replay() async throws {
    try await withTemporaryDirectory { folder in
      let options = ["--set", "pipeline.barrier_interval=100ms"]
      let begun = ContinuousClock.now
      let expected = try await CDB.replay(RecordedData.both, options, in: folder).digest
      // Of what this machine takes for all of it: some kills are to come behind a checkpoint.
      let latest = max(1_200, Int((ContinuousClock.now - begun) / .milliseconds(2)))
      var random = SeededGenerator(seed: 20_240_808)
      var (kills, starts, completed, resumed) = (0, 0, 0, 0)
      var redeliveries: UInt64 = 0
      let wanted = Surroundings.isSoak ? 50 : 8
      while kills < wanted || completed == 0 {
        let directory = "\(folder)/killed-\(completed)"
        starts += 1
        resumed += Self.checkpoints(directory) > 0 ? 1 : 0
        let arguments = ["replay"] + RecordedData.both + ["--json", "--data-dir", directory] + options
        let report = try await CDB.during(arguments, in: folder) { child -> ReplayReport? in
          // Once there were kills enough it is left alone.
          let instant =
            kills < wanted ? Duration.milliseconds(Int.random(in: 5...latest, using: &random)) : .patience
          if (try? await child.exit(within: instant)) == nil, child.send(SIGKILL) {
            // It may have ended by itself in the same instant: then it was not killed.
            if try await child.exit() == .signal(SIGKILL) {
              kills += 1
              return nil
            }
          }
          #expect(child.exit == .code(0), "\(child.errors.suffix(600))")
          return try JSONDecoder().decode(ReplayReport.self, from: Data(child.output.utf8))
        }
        guard let report else { continue }
        completed += 1
        redeliveries += report.stages.reduce(0) { $0 + $1.redeliveries }
        #expect(report.digest == expected)
        #expect(report.frames == 74_867)
        #expect(report.balanced)
      }
      #expect(resumed > 0, "no kill came behind a checkpoint")
      print(
        "replay killed: \(kills) kills of \(starts) starts, \(resumed) starts from a checkpoint, "
          + "\(completed) completed, \(redeliveries) redeliveries")
    }
  }

  @Test("a live run killed again and again leaves a store that its journal gives again, to the bit")
  func live() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "pipeline.barrier_interval=300ms"])
      var random = SeededGenerator(seed: 7)
      let wanted = Surroundings.isSoak ? 50 : 5
      var resumed = 0
      for _ in 0..<wanted {
        resumed += Self.checkpoints(run.dataDirectory) > 0 ? 1 : 0
        try await CDB.during(run.arguments, in: folder) { child in
          let instant = Duration.milliseconds(Int.random(in: 300...3_000, using: &random))
          _ = try? await child.exit(within: instant)
          #expect(child.send(SIGKILL), "it ended by itself: \(child.errors.suffix(600))")
        }
      }
      try await run.during { child in
        try await run.firstFill()
        let imbalance = try await eventually("a barrier has passed") {
          try await CDB.metric("cdb_flow_imbalance_events", on: run.port)
        }
        #expect(imbalance == 0)
        #expect(!run.logLines().contains { $0["event.reason"] == "flow_imbalance" })
        #expect(child.send(SIGTERM))
        #expect(try await child.exit() == .code(0))
      }
      let stored = try await CDB.storeDigest(run.dataDirectory, in: folder)
      let report = try await CDB.replay([run.dataDirectory + "/journal"], in: folder)
      #expect(report.digest == stored)
      #expect(report.balanced)
      print(
        "live run killed: \(wanted) kills, \(resumed) starts from a checkpoint, \(report.frames) frames, "
          + "\(report.fills) fills, digest \(stored.prefix(12))")
    }
  }

  @Test("a run says where it goes on, how much it reads again, and whether the one before was stopped")
  func resumption() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder, ["--set", "pipeline.barrier_interval=300ms"])
      func line(_ child: ChildProcess) async throws -> String? {
        _ = try await eventually("the banner") {
          child.output.contains("  checked ") && child.output.hasSuffix("\n") ? true : nil
        }
        return child.output.split(separator: "\n").first { $0.hasPrefix("  goes on   ") }.map(String.init)
      }
      func records() -> [[String: String]] { run.logLines().filter { $0["event.action"] == "resume_run" } }
      try await run.during { child in
        #expect(try await line(child) == nil)
        _ = try await eventually("a checkpoint") {
          Self.checkpoints(run.dataDirectory) > 1 ? true : nil
        }
        #expect(records().isEmpty)
        #expect(child.send(SIGKILL))
        _ = try await child.exit()
      }
      try await run.during { child in
        let said = try #require(try await line(child))
        #expect(said.contains(/from checkpoint \d+ of \d+ s ago, at record \d+; .* read again;/), "\(said)")
        #expect(said.hasSuffix("; the run before ended without a stop (unplanned)"), "\(said)")
        let record = try #require(records().last)
        #expect(record["event.reason"] == "unplanned" && record["log.level"] == "notice")
        #expect(record["cdb.events"] != nil && record["labels.sequence"] != nil)
        #expect(record["labels.checkpoint_age_seconds"] != nil)
        #expect(child.send(SIGTERM))
        #expect(try await child.exit() == .code(0))
        // The figures are those of this process.
        let last = try #require(child.output.split(separator: "\n").last)
        #expect(last.contains(": since the start ") && last.contains(" frames, "), "\(last)")
      }
      try await run.during { child in
        let said = try #require(try await line(child))
        #expect(said.contains("; nothing of the journal is read again; "), "\(said)")
        #expect(said.hasSuffix("; the run before was stopped in order (planned)"), "\(said)")
        #expect(records().last?["event.reason"] == "planned")
      }
    }
  }

  private static func checkpoints(_ directory: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/checkpoints")) ?? []
    return names.count { $0.hasPrefix("barrier-") && !$0.hasSuffix(".partial") }
  }
}
