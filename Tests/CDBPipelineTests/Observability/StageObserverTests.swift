import CDBDomain
import DurableQueue
import Testing

@testable import CDBPipeline

@Suite("what a stage says in the log")
struct StageObserverTests {
  private static func fields(of events: [Event], block: Int? = nil) async throws -> [[String: String]] {
    try await withTemporaryDirectory { directory in
      let journal = try Journal(directory: directory, options: DurableQueueOptions())
      defer { journal.queue.close() }
      let log = LogRecorder()
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: at(1))
      board.runs(block: block)
      let observer = try StageObserver(
        stage: .risk, registry: nil, logger: log.logger, journal: journal, board: board,
        instruments: try Fixture.catalogue())
      for event in events { observer.emitted(Envelope(time: at(1), origin: 1, event: event)) }
      return log.fields
    }
  }

  @Test("an alert's context: what the log contract names is its field, the rest becomes labels")
  func alert() async throws {
    let alert = Alert(
      id: EventID(producer: .risk, partition: 0, sequence: 1), level: .critical, reason: .riskSelfTestFailed,
      message: "a test", context: ["layer": "spread", "got": "none", "order_id": "risk-0-1"])
    let fields = try await Self.fields(of: [.alert(alert)])
    let line = try #require(fields.first)
    #expect(line["event.reason"] == "risk_self_test_failed" && line["cdb.order_id"] == "risk-0-1")
    // A key without a dot is written as a label.
    #expect(line["layer"] == "spread" && line["got"] == "none")
    #expect(!line.keys.contains("cdb.layer"))
  }

  @Test("a line of the order path names the block that runs, and none where none does")
  func block() async throws {
    let inside = try await Self.fields(of: [.signal(Make.signal())], block: 3)
    #expect(inside.map { $0["cdb.block"] } == ["3"])
    let outside = try await Self.fields(of: [.signal(Make.signal())])
    #expect(outside.map { $0["cdb.block"] } == [nil])
  }

  @Test("a line of a probe says so, and no other does")
  func probes() async throws {
    var probe = Make.decision(1, refused: .killSwitch)
    probe.account = RiskEngine.canaryName
    let fields = try await Self.fields(of: [
      .decision(probe), .decision(Make.decision(2, refused: .killSwitch)), .signal(Make.signal()),
    ])
    #expect(fields.map { $0["cdb.canary"] } == ["true", nil, nil])
  }
}
