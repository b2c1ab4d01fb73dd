import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("What is wrong, as an answer tells of it")
struct FindingTests {
  private func findings(_ diagnosis: Diagnosis) -> [Finding] {
    Finding.all(in: diagnosis, policy: GatePolicy())
  }

  @Test("a quiet market, a start and trading are nothing wrong")
  func nothing() {
    #expect(findings(Situation().diagnose()).isEmpty)
    var trading = Situation().diagnose()
    trading.verdict = .trading
    #expect(findings(trading).isEmpty)
    trading.verdict = .starting
    #expect(findings(trading).isEmpty)
  }

  @Test("a broken layer is a notice, and what was lost is high")
  func broken() throws {
    var silent = Situation()
    silent.status.feed.lastFrameWall = silent.now.advanced(by: -30_000_000_000)
    let notice = try #require(findings(silent.diagnose()).first)
    #expect(notice.reason == "silent_feed" && notice.layer == .marketData && notice.severity == .notice)
    var lost = Situation()
    lost.status.flow = FlowReport(
      barrier: 4, imbalances: [.edge(.orders, partition: 0, 2)])
    let high = try #require(findings(lost.diagnose()).first)
    #expect(high.reason == "flow_imbalance" && high.severity == .high && high.holdsGate)
  }

  @Test("a stop and a gate closed by hand are chosen, however long they last")
  func chosen() {
    var stopped = Situation().diagnose()
    stopped.verdict = .stopped
    stopped.reason = "kill_switch"
    stopped.zeroActivity = ZeroActivityReport(level: .critical, seconds: [:])
    #expect(findings(stopped).isEmpty)
  }

  @Test("a level from warning on is a finding of its own, and holds the gate unless the market is quiet")
  func level() throws {
    var quiet = Situation().diagnose()
    quiet.verdict = .quiet
    quiet.zeroActivity = ZeroActivityReport(level: .notice, seconds: [:])
    #expect(findings(quiet).isEmpty)
    quiet.zeroActivity = ZeroActivityReport(level: .warning, seconds: [:])
    let warning = try #require(findings(quiet).first)
    #expect(warning.reason == "zero_activity" && warning.severity == .warning && !warning.holdsGate)
    quiet.verdict = .broken
    quiet.reason = nil
    #expect(findings(quiet).first?.holdsGate == true)
  }

  @Test("what is found in a market that lives knows how long nothing was done; a silent feed does not")
  func idleness() {
    var blocked = Situation().diagnose()
    blocked.verdict = .broken
    blocked.layer = .risk
    blocked.reason = "stalled"
    blocked.zeroActivity = ZeroActivityReport(level: .high, seconds: [:])
    #expect(findings(blocked).first?.idleness == .high)
    blocked.layer = .marketData
    #expect(findings(blocked).first?.idleness == nil)
  }

  @Test("what a person must see to stays a finding while something else is the answer")
  func awaited() throws {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    _ = machine.handle(.condition(GateCondition(reason: .fillOutOfBounds)), at: Situation.start)
    var silent = Situation()
    silent.gate = GateReport(machine, at: silent.now)
    silent.status.feed.lastFrameWall = silent.now.advanced(by: -30_000_000_000)
    let found = findings(silent.diagnose())
    #expect(found.map(\.reason) == ["fill_out_of_bounds", "silent_feed"])
    #expect(found.map(\.severity) == [.high, .notice])
  }

  @Test("that an incident holds the gate is no further incident")
  func held() {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    _ = machine.handle(.hold(.incidentOpen), at: Situation.start)
    var situation = Situation()
    situation.gate = GateReport(machine, at: situation.now)
    let diagnosis = situation.diagnose()
    #expect(diagnosis.reason == "incident_open")
    #expect(findings(diagnosis).isEmpty)
  }
}
