import Foundation
import Glibc
import Testing

/// A process that stands still takes what it was asked when it goes on: a stop then, and nothing that lets trading go on.
@Suite("Commands that come late", .twoAtATime)
struct LateCommandTests {
  private func post(_ run: LiveRun, _ operation: String, _ body: String) async -> Int? {
    let token = (try? String(contentsOfFile: run.dataDirectory + "/token", encoding: .utf8)) ?? ""
    // Whoever asks leaves after a second, without an answer.
    return try? await HTTP.post(
      run.port, "/api/v1/" + operation, body,
      headers: ["Authorization": "Bearer " + token.trimmingCharacters(in: .whitespacesAndNewlines)],
      timeout: .seconds(1)
    ).status
  }

  @Test("a resume whose asker has gone is not done when the process goes on; a stop is")
  func stopped() async throws {
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { child in
        try await run.gate(is: "open")
        #expect(child.send(SIGSTOP))
        #expect(await post(run, "stop", #"{"reason":"late"}"#) == nil)
        #expect(child.send(SIGCONT))
        try await run.gate(is: "stopped")

        #expect(child.send(SIGSTOP))
        #expect(await post(run, "resume", #"{"justification":"nobody waits"}"#) == nil)
        #expect(await post(run, "gate.open", #"{"justification":"nobody waits"}"#) == nil)
        #expect(await post(run, "block.start", "{}") == nil)
        let asked = Task { try await run.command(["resume", "--justification", "too late"]) }
        let left = try await asked.value
        #expect(left.exit == .code(3), "\(left.told)")
        #expect(child.send(SIGCONT))
        // What it does comes in order: behind this everything that was asked before has been looked at.
        _ = try await eventually("it answers") { try? await run.gate() }
        try await Task.sleep(for: .seconds(2))
        #expect(try await run.gate().state == "stopped")
        let history = try await run.command(["gate", "history"]).output
        #expect(history.contains("stop  operator:http: late") && !history.contains("resume"), "\(history)")
        // And who waits is heard.
        #expect(try await run.command(["resume", "--justification", "checked"]).exit == .code(0))
        #expect(try await run.gate().state != "stopped")
      }
    }
  }

  @Test("a resume writes no incident's root cause, and without a stop there is nothing to resume")
  func nothingToResume() async throws {
    struct Incident: Decodable { var root_cause: String? }
    try await withTemporaryDirectory { folder in
      let run = try LiveRun(in: folder)
      try await run.during { _ in
        try await run.gate(is: "open")
        let early = try await run.command(["resume", "--justification", "why not"])
        #expect(early.exit == .code(1), "\(early.told)")
        #expect(early.told.first?.contains("there is nothing to resume") == true, "\(early.told)")
        #expect(try await run.gate().state == "open")
        #expect(try await run.command(["stop", "--reason", "a test"]).exit == .code(0))
        #expect(try await run.command(["resume", "--justification", "these words"]).exit == .code(0))
        try await run.gate(is: "open")
        let incidents = try await run.command(["incident", "list", "--all", "--json"])
          .json(as: [Incident].self)
        #expect(!incidents.contains { $0.root_cause == "these words" })
      }
    }
  }
}
