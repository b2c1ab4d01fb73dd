import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// A gate that tripped goes on naming what it tripped for, until it is open again.
@Suite("what keeps the gate shut")
struct GateCauseTests {
  /// An open gate that a stage of the database has tripped, a moment later; everything works again.
  private static func tripped(_ layer: Layer = .database) -> Drive {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: .stageStalled, layer: layer)))
    drive.give(.condition(nil))
    return drive
  }

  private static func diagnose(
    _ drive: Drive, _ change: (inout GateReport.Check) -> Void = { _ in }
  ) -> Diagnosis {
    var situation = Situation()
    situation.now = max(drive.now, situation.now)
    situation.gate = GateReport(drive.machine, at: situation.now)
    if var report = situation.gate {
      for index in report.checks.indices { change(&report.checks[index]) }
      situation.gate = report
    }
    let seen = situation.now.advanced(by: -500_000_000)
    situation.status.feed.lastFrameWall = seen
    situation.status.feed.lastMoveWall = seen
    return situation.diagnose()
  }

  @Test("it names the layer of the stage that stood still, and not the system", arguments: Layer.allCases)
  func tripped(layer: Layer) {
    let answer = Self.diagnose(Self.tripped(layer))
    #expect(answer.verdict == .gated && answer.layer == layer && answer.reason == "stalled")
  }

  @Test("a check that failed meanwhile changes neither the reason nor the layer")
  func lateBarrier() {
    let answer = Self.diagnose(Self.tripped()) { check in
      guard check.check == .eventFlow else { return }
      check.outcome = .fail
      check.reason = ReasonCode.canaryLate.code
    }
    #expect(answer.layer == .database && answer.reason == "stalled")
  }

  @Test("that the process stood still for a moment takes the place of no cause that is there")
  func heldUp() {
    var drive = Self.tripped()
    let pause = GateCondition(reason: .processHeldUp, layer: .system)
    drive.give(.condition(pause))
    #expect(drive.machine.cause == GateCondition(reason: .stageStalled, layer: .database))
    drive.give(.condition(nil))
    drive.silent = [.logs]
    drive.pass(seconds: 6)
    #expect(drive.machine.state == .verifying)
    drive.give(.condition(pause))
    drive.give(.condition(nil))
    #expect(drive.machine.state == .tripped)
    #expect(drive.machine.cause == GateCondition(reason: .stageStalled, layer: .database))
    // Where nothing else is there it is the cause itself.
    drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(pause))
    #expect(drive.machine.state == .tripped && drive.machine.cause == pause)
  }

  @Test("while it verifies again, it says after what")
  func verifying() {
    var drive = Self.tripped()
    drive.silent = [.logs]
    drive.pass(seconds: 4)
    #expect(drive.machine.state == .verifying)
    let answer = Self.diagnose(drive)
    #expect(answer.layer == .database && answer.reason == "gate_verifying")
    #expect(answer.summary.contains(ReasonCode.stageStalled.explanation))
  }

  @Test(
    "what a check sees of it from outside belongs to the same layer; what it finds itself does not",
    arguments: [
      (GateCheck.logs, ReasonCode.errorsLogged, Layer.database), (.eventFlow, .canaryLate, .database),
      (.smoke, .probeLost, .database), (.logs, .logPathSilent, .system),
      (.riskLayer, .riskSelfTestFailed, .risk),
    ])
  func failedCheck(check: GateCheck, reason: ReasonCode, layer: Layer) {
    var drive = Self.tripped()
    drive.findings[check] = reason
    drive.pass(seconds: 6)
    let answer = Self.diagnose(drive)
    #expect(answer.verdict == .gated && answer.layer == layer && answer.reason == reason.code)
  }

  @Test("once it has opened, or somebody has closed or stopped it, nothing is left of it")
  func over() {
    var drive = Self.tripped()
    #expect(drive.machine.cause == GateCondition(reason: .stageStalled, layer: .database))
    drive.pass(seconds: 10)
    #expect(drive.machine.state == .open && drive.machine.cause == nil)
    drive = Self.tripped()
    drive.give(.close(actor: "operator", reason: "maintenance"))
    #expect(drive.machine.cause == nil)
    // What breaks then is not why it is closed.
    drive.give(.condition(GateCondition(reason: .stageStalled, layer: .risk)))
    drive.give(.condition(nil))
    #expect(drive.machine.cause == nil)
    drive = Self.tripped()
    drive.give(.stop(actor: "operator", reason: "a drill"))
    #expect(drive.machine.cause == nil)
  }

  @Test("what a person must see to is in the layer in which it was found")
  func awaited() throws {
    var policy = GatePolicy()
    policy.needsPerson.insert(.stageStalled)
    var drive = Drive(policy)
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: .stageStalled, layer: .execution)))
    drive.give(.condition(nil))
    let answer = Self.diagnose(drive)
    #expect(answer.layer == .execution && answer.reason == "stalled")
    let found = try #require(Finding.all(in: answer, policy: policy).first)
    #expect(found.layer == .execution && found.reason == "stalled")
  }

  @Test("an incident that holds it takes nothing of the cause away")
  func heldByIncident() {
    var drive = Self.tripped()
    drive.give(.hold(.incidentOpen))
    #expect(Self.diagnose(drive).reason == "incident_open")
    drive.give(.release)
    let answer = Self.diagnose(drive)
    #expect(answer.layer == .database && answer.reason == "stalled")
  }

  @Test("a barrier that stuck is found in the layer of the first stage that has not passed it")
  func stuckBarrier() {
    let verdict = GateJudgement.eventFlow(
      .init(seconds: nil, missing: [.execution, .dbWriter], report: nil), at: Situation.start)
    #expect(verdict.reason == .canaryLate && verdict.layer == .execution)
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.verdict(verdict))
    // Not asked for: it does not count.
    #expect(drive.machine.state == .open)
    drive.silent = [.eventFlow]
    while drive.machine.running != .eventFlow { drive.pass(seconds: 0.2) }
    drive.give(.verdict(verdict))
    #expect(Self.diagnose(drive).layer == .execution)
  }
}
