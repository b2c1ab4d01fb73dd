import Foundation
import Glibc
import Testing

@Suite("What the answers were", .twoAtATime)
struct TimelineTests {
  private struct Report: Decodable {
    struct Interval: Decodable {
      var since_ns: Int64
      var until_ns: Int64
      var verdict: String
      var layer: String?
      var reason: String?
    }
    var since_ns: Int64
    var as_of_ns: Int64
    var intervals: [Interval]
    var cut: Bool

    var verdicts: [String] { intervals.map(\.verdict) }

    /// Whether each instant from the first answer on has exactly one.
    var isGapless: Bool {
      intervals.last?.until_ns == as_of_ns && intervals.allSatisfy { $0.since_ns < $0.until_ns }
        && zip(intervals, intervals.dropFirst()).allSatisfy { $0.until_ns == $1.since_ns }
    }
  }

  private func timeline(_ run: LiveRun, _ since: String = "1h") async throws -> Report {
    try await run.command(["why", "--since", since, "--json"]).json(as: Report.self)
  }

  @Test(
    "case 12: a stop, a kill and a planned restart each have their interval, and no instant has none or two")
  func restarts() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        try await run.firstFill()
        let trading = try await eventually("it trades, and the timeline says so") {
          let report = try await timeline(run)
          return report.verdicts.last == "trading" ? report : nil
        }
        #expect(trading.verdicts.first == "starting", "\(trading.verdicts)")
        #expect(trading.isGapless)
        #expect(try await run.command(["stop", "--reason", "a test"]).exit == .code(0))
        _ = try await eventually("the timeline says stopped") {
          try await timeline(run).verdicts.last == "stopped" ? true : nil
        }
        child.send(SIGKILL)
        _ = try await child.exit()
      }
      try await run.during { child in
        let report = try await eventually("the timeline goes on") {
          let report = try await timeline(run)
          return report.verdicts.last == "stopped" && report.verdicts.contains("restarting") ? report : nil
        }
        #expect(report.intervals.first { $0.verdict == "restarting" }?.reason == "unplanned_restart")
        #expect(report.verdicts.contains("trading"))
        #expect(report.isGapless)
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      try await run.during { child in
        let report = try await eventually("the timeline goes on") {
          let report = try await timeline(run)
          return report.intervals.contains { $0.reason == "planned_restart" } ? report : nil
        }
        #expect(report.isGapless)
        for kind in ["planned", "unplanned"] {
          _ = try await eventually("one \(kind) restart is counted") {
            try await CDB.metric("cdb_restarts_total", [#"kind="\#(kind)""#], on: run.port) == 1 ? true : nil
          }
        }
        let screen = try await run.command(["why", "--since", "1h"])
        #expect(screen.exit == .code(1))
        #expect(
          screen.output.contains("RESTARTING") && screen.output.contains("unplanned_restart"),
          "\(screen.output)")
        #expect(screen.output.contains("TRADING"), "\(screen.output)")
        let wrong = try await run.command(["why", "--since", "yesterday"])
        #expect(
          wrong.exit == .code(2) && wrong.told.first?.contains("90m, 24h or 7d") == true, "\(wrong.told)")
        child.send(SIGTERM)
        #expect(try await child.exit() == .code(0))
      }
      let report = try await CDB.replay([run.dataDirectory + "/journal"], in: folder)
      #expect(try await CDB.storeDigest(run.dataDirectory, in: folder) == report.digest)
    }
  }

  @Test("a process that is held up does not claim to have traded meanwhile")
  func heldUp() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.firstFill()
        _ = try await eventually("it trades, and the timeline says so") {
          try await timeline(run).verdicts.last == "trading" ? true : nil
        }
        child.send(SIGSTOP)
        try await Task.sleep(for: .seconds(7))
        child.send(SIGCONT)
        let report = try await eventually("the timeline tells of it") {
          let report = try await timeline(run)
          return report.verdicts.contains("not_observed") ? report : nil
        }
        let unseen = report.intervals.filter { $0.verdict == "not_observed" }
        #expect(unseen.count == 1 && unseen[0].until_ns - unseen[0].since_ns >= 6_000_000_000)
        #expect(report.isGapless)
      }
    }
  }
}
