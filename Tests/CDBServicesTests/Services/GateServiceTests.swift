import CDBDomain
import CDBGate
import Foundation
import HTTPTransport
import ServiceRuntime
import Testing

@testable import CDBPipeline
@testable import CDBServices

@Suite("The gate service beside five processes", .serialized)
struct GateServiceTests {
  private func bench(
    _ flags: [String: String] = [:], _ body: (ServicesBench) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "cdb-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let settings = try CDBConfiguration.load(
      file: nil, environment: [:], flags: flags.merging(["data_dir": directory]) { $1 })
    try AccessToken.prepare(settings)
    try await body(try await ServicesBench(in: directory, settings: settings))
  }

  @Test(
    "a second one on its data directory is refused, with the process that has it, until the first has ended")
  func second() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "cdb-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let settings = try CDBConfiguration.load(
      file: nil, environment: [:], flags: ["data_dir": directory, "log.stderr": "never"])
    let service = GateService(settings: settings, isTerminal: true)
    let first = try service.parts(listen: ListenAddress(port: 0))
    let refused = #expect(throws: DataDirectoryInUse.self) {
      try service.parts(listen: ListenAddress(port: 0)).end()
    }
    let process = ProcessInfo.processInfo.processIdentifier
    #expect(
      refused?.description
        == "process \(process) runs on \(directory) as its gate service: ask it with `cdb why --listen 127.0.0.1:8004` or "
        + "where it listens, stop it with `kill \(process)`, or choose another place with --data-dir")
    #expect(refused.map { Failures.exitCode(for: $0) } == 2)
    first.end()
    try service.parts(listen: ListenAddress(port: 0)).end()
  }

  @Test("it opens by five checks, trips with the layer of a process that falls silent, and opens again")
  func lostProcess() async throws {
    try await bench { bench in
      try await bench.run { gate in
        try await gate.becomes(.open)
        let checks = try await gate.report.checks
        #expect(checks.map(\.check) == GateCheck.allCases && checks.allSatisfy { $0.outcome == .pass })
        try await eventually("execution lets orders pass") {
          bench.pipeline.board.status().gate?.state == .open
        }

        bench.make(.risk, .hangs)
        try await gate.becomes(.tripped)
        let answer = try await gate.client.why()
        #expect(answer.layer == .risk && answer.reason == "process_lost", "\(answer.summary)")
        #expect(try await gate.report.reason == "process_lost")
        try await eventually("execution shuts") { bench.pipeline.board.status().gate?.state == .tripped }
        let health = try await gate.get("/healthz")
        #expect(health.status == 503)
        #expect(String(decoding: health.body, as: UTF8.self).contains("its process does not answer since"))

        bench.make(.risk, .answers)
        try await gate.becomes(.open)
      }
      // A gate service that ends in order closes the gate behind itself.
      #expect(bench.pipeline.board.status().gate?.state == .closed)
      let changes = try await bench.pipeline.store.controls(["gate"], limit: 100).reversed().map(\.control)
      let states = changes.compactMap { if case .gate(let change) = $0 { change.state } else { nil } }
      #expect(states == [.closed, .verifying, .open, .tripped, .verifying, .open, .closed])
    }
  }

  @Test("a gate before it has lived until its last trace, and its own of a recording's time are none")
  func endOfTheGateBefore() {
    let begun = EventTime(nanoseconds: 1_795_507_200_000_000_000)
    func record(_ change: GateChange, secondsAgo: Int64) -> ControlRecord {
      ControlRecord(time: begun.advanced(by: -secondsAgo * 1_000_000_000), control: .gate(change))
    }
    let verifying = GateChange(state: .verifying, actor: GateChange.policy, reason: "verification")
    let own = record(.restarted(by: "own"), secondsAgo: 7_000)
    let past = [record(verifying, secondsAgo: 6_990), own]
    #expect(AnswerKeeper.end(of: past, before: begun, closedBy: "own") == nil)
    let before = record(verifying, secondsAgo: 8_000)
    #expect(AnswerKeeper.end(of: past + [before], before: begun, closedBy: "own") == before.time)
    #expect(AnswerKeeper.end(of: [before], before: begun, closedBy: "own") == before.time)
  }

  @Test(
    "over a recording, whose time is long ago, it opens as well",
    .enabled(if: RecordedData.isExpected, RecordedData.absence))
  func recording() async throws {
    let feed = "replay:" + RecordedData.binance2024.joined(separator: ",")
    try await bench(["feed.source": feed, "feed.speed": "1"]) { bench in
      try await bench.run { gate in try await gate.becomes(.open) }
    }
  }

  @Test(
    "the page, metrics, operations and answers are those of a run, and a bus that is lost is the system's")
  func surface() async throws {
    try await bench { bench in
      try await bench.run { gate in
        try await gate.becomes(.open)
        let page = try await gate.get("/")
        #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("BTCUSDT"))
        let metrics = String(decoding: try await gate.get("/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"cdb_gate_state{cdb_gate_state="open"} 1"#))
        #expect(metrics.contains("cdb_zero_activity_level"))
        #expect(
          metrics.split(separator: "\n").contains {
            $0.hasPrefix(#"cdb_process_state{stage="core",process="127.0.0.1:"#)
              && $0.hasSuffix(#"",cdb_process_state="answers"} 1"#)
          })
        let history = try await gate.client.read("gate.history", query: ["limit": "100"])
        #expect(String(decoding: history, as: UTF8.self).contains("five checks passed"))

        bench.make(.core, .hasNoBus)
        try await gate.becomes(.tripped)
        let answer = try await gate.client.why()
        #expect(answer.layer == .system && answer.reason == "bus_failed", "\(answer.summary)")
        try await eventually("the answers are kept") {
          let timeline = try await gate.client.timeline(since: "1h")
          return timeline.intervals.contains { $0.reason == "bus_failed" }
        }
        bench.make(.core, .restarted("2"))
        try await gate.becomes(.open)
        bench.make(.core, .restarted("3"))
        try await gate.becomes(.tripped)
        #expect(try await gate.report.reason == "process_lost")
        try await gate.becomes(.open)
      }
    }
  }

  @Test(
    "a stop comes to the stages; while ws is away it says that it is not in force, and comes when ws is back")
  func stop() async throws {
    func stopped(_ gate: GateAt, _ words: String) async throws -> StopReport {
      try JSONDecoder().decode(
        StopReport.self,
        from: Data(try await gate.client.change("stop", RunOperations.StopInput(reason: words))))
    }
    try await bench { bench in
      try await bench.run { gate in
        try await gate.becomes(.open)
        let report = try await stopped(gate, "a drill")
        #expect(report.accepted)
        try await eventually("the stages have it") {
          bench.pipeline.board.status().account?.killSwitch == "a drill"
        }
        try await gate.becomes(.stopped)
        _ = try await gate.client.change("resume", RunOperations.ResumeInput(justification: "over"))
        try await gate.becomes(.open)
        #expect(bench.pipeline.board.status().account?.killSwitch == nil)

        bench.refuseControls(true)
        let unheard = try await stopped(gate, "unheard")
        #expect(unheard.accepted && !unheard.inForce && !unheard.verified && unheard.underway == true)
        #expect(unheard.text(in: .en).contains("it has not come through to risk and execution"))
        #expect(unheard.seconds < 60, "it waited for ws")
        #expect(bench.pipeline.board.status().account?.killSwitch == nil)
        #expect(try await gate.report.state == .stopped)
        try await eventually("its health says so") {
          String(decoding: try await gate.get("/healthz").body, as: UTF8.self).contains("ws is away")
        }
        bench.refuseControls(false)
        try await eventually("it comes") { bench.pipeline.board.status().account?.killSwitch == "unheard" }
      }
    }
  }
}
