import Foundation
import Glibc
import Testing

@Suite("Zero activity of a run", .twoAtATime)
struct ZeroActivityRunTests {
  private func seconds(_ kind: String, _ run: LiveRun) async throws -> Double {
    try await CDB.metric("cdb_zero_activity_seconds", [#"kind="\#(kind)""#], on: run.port) ?? -1
  }

  @Test("every signal refused: orders and fills are missing, signals are not; a restart begins nothing anew")
  func refused() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(
        in: folder,
        [
          "--set", "risk.order_notional=1", "--set", "zero_activity.notice=3s", "--set",
          "zero_activity.warning=6s",
        ])
      var before = 0.0
      try await run.during { child in
        _ = try await eventually("the level is a warning") {
          try await CDB.metric(
            "cdb_zero_activity_level", [#"cdb_zero_activity_level="warning""#], on: run.port) == 1
            ? true : nil
        }
        before = try await seconds("orders", run)
        #expect(before >= 6)
        #expect(try await seconds("fills", run) >= 6)
        let screen = try await run.why([]).output
        #expect(screen.contains("idle      warning: without signals"), "\(screen)")
        // The incident of what refuses them is as bad as the level says.
        struct Incident: Decodable { var severity: String }
        _ = try await eventually("the incident is a warning too") {
          try await run.command(["incident", "list", "--json"]).json(as: [Incident].self)
            .contains { $0.severity == "warning" } ? true : nil
        }
        let told = run.logLines().filter { $0["event.action"] == "zero_activity" }.compactMap {
          $0["labels.level"]
        }
        #expect(told.starts(with: ["notice", "warning"]), "\(told)")
        child.send(SIGKILL)
        _ = try await child.exit()
      }
      try await run.during { _ in
        let after = try await eventually("it is counted again") {
          let seconds = try await seconds("orders", run)
          return seconds >= 0 ? seconds : nil
        }
        // What the store had not yet when the process died is missing.
        #expect(after >= before - 3)
      }
    }
  }
}
