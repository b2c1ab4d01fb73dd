import CDBDomain
import Testing

@testable import CDBGate

/// One outage is one incident, whatever reasons it shows itself by.
@Suite("Outages")
struct OutageTests {
  /// Lets time pass over a register.
  private struct Passing {
    var register = IncidentRegister()
    var now = Situation.start
    var steps: [IncidentEvent] = []

    mutating func pass(_ seconds: Double, _ findings: Finding..., gate: GateState = .tripped) {
      let end = now.advanced(by: Int64(seconds * 1e9))
      while now < end {
        now = min(end, now.advanced(by: 500_000_000))
        steps += register.look(findings, gate: gate, at: now)
      }
    }

    var taken: [IncidentEvent.Step] { steps.map(\.step) }
  }

  private func finding(
    _ reason: ReasonCode, _ layer: Layer, _ severity: IncidentSeverity = .notice, isCauseKnown: Bool = true,
    idleness: IncidentSeverity? = nil
  ) -> Finding {
    var finding = Finding(
      severity: severity, layer: layer, reason: reason.code, isCauseKnown: isCauseKnown, holdsGate: true,
      summary: "words", summaryDe: "Worte", evidence: [])
    finding.idleness = idleness
    return finding
  }

  @Test("a store that is locked is one incident: it stands still, fails, and leaves checks behind")
  func lockedStore() throws {
    var run = Passing()
    run.pass(3, finding(.stageStalled, .database, isCauseKnown: false))
    run.pass(10, finding(.stageFailed, .database))
    run.pass(2, finding(.stageStalled, .database, isCauseKnown: false))
    // It verifies: nothing is found for a while.
    run.pass(3)
    run.pass(4, finding(.canaryLate, .database, isCauseKnown: false))
    run.pass(3)
    let incident = try #require(run.register[1])
    #expect(run.register.incidents.count == 1)
    #expect(incident.reason == "stalled")
    #expect(incident.reasons == ["stalled", "stage_failed", "canary_late"])
    #expect(run.taken == [.opened, .changed, .ended, .recurred, .changed, .ended])
    #expect(incident.place == "database/stalled, stage_failed, canary_late")
    #expect(incident.isCauseKnown)
    #expect(run.register.opened == [.init(layer: .database, reason: "stalled"): 1])
    run.pass(61)
    #expect(run.register[1]?.state == .closed)
  }

  @Test("it becomes as bad as the whole of it has lasted, and keeps its worst level")
  func worst() {
    var run = Passing()
    run.pass(8_000, finding(.stageStalled, .database))
    run.pass(8_000, finding(.stageFailed, .database))
    #expect(run.register[1]?.severity == .warning)
    #expect(run.register.incidents.count == 1)
    run.pass(30, finding(.stageStalled, .database))
    #expect(run.register[1]?.severity == .warning)
  }

  @Test("another reason that is there for less than a second is not noted")
  func flicker() {
    var run = Passing()
    run.pass(3, finding(.stageStalled, .database))
    run.pass(0.5, finding(.stageFailed, .database))
    run.pass(3, finding(.stageStalled, .database))
    #expect(run.taken == [.opened])
    #expect(run.register[1]?.reasons == ["stalled"])
  }

  @Test(
    "a pause of the process while an outage lasts is a reason of it, and takes neither its layer nor its level"
  )
  func heldUp() throws {
    var run = Passing()
    run.pass(3, finding(.stageFailed, .database, .warning))
    // A look that comes late finds nothing else.
    run.now = run.now.advanced(by: 3_000_000_000)
    run.pass(5, finding(.processHeldUp, .system))
    run.pass(3, finding(.stageFailed, .database, .warning))
    run.pass(5, finding(.processHeldUp, .system))
    run.pass(3, finding(.stageFailed, .database, .warning))
    let incident = try #require(run.register[1])
    #expect(run.register.incidents.count == 1)
    #expect(incident.layer == .database && incident.severity == .warning)
    #expect(incident.reasons == ["stage_failed", "held_up"])
    #expect(run.taken == [.opened, .changed])
    var again = IncidentRegister()
    again.remember(run.steps, at: run.now)
    #expect(again.incidents == run.register.incidents)
  }

  @Test("a pause of the process by itself, or beside what was lost, is an incident of its own")
  func heldUpAlone() {
    var run = Passing()
    run.pass(3, finding(.processHeldUp, .system))
    #expect(run.register.incidents.map(\.layer) == [.system])
    run = Passing()
    run.pass(3, finding(.storeInconsistent, .database, .high))
    run.pass(3, finding(.processHeldUp, .system))
    #expect(run.register.incidents.map(\.layer) == [.database, .system])
    // Nor does it bring back what is over.
    run = Passing()
    run.pass(3, finding(.stageFailed, .database))
    run.pass(10)
    run.pass(3, finding(.processHeldUp, .system))
    #expect(run.register.incidents.map(\.layer) == [.database, .system])
  }

  @Test("another layer is another outage, and so is what comes a minute later")
  func others() {
    var run = Passing()
    run.pass(3, finding(.stageStalled, .database, isCauseKnown: false))
    run.pass(3, finding(.stageStalled, .execution, isCauseKnown: false))
    #expect(run.register.incidents.map(\.layer) == [.database, .execution])
    run.pass(70)
    run.pass(3, finding(.stageFailed, .database))
    #expect(run.register.incidents.map(\.reasons) == [["stalled"], ["stalled"], ["stage_failed"]])
  }

  @Test(
    "what was lost or wrong stands alone, in whatever layer something else is out", arguments: [true, false])
  func alone(isFirst: Bool) {
    var run = Passing()
    let stalled = finding(.stageStalled, .database)
    let wrong = finding(.storeInconsistent, .database, .high)
    run.pass(3, isFirst ? wrong : stalled)
    run.pass(3, isFirst ? stalled : wrong)
    #expect(run.register.incidents.map(\.reasons.count) == [1, 1])
    #expect(run.register.holding?.reason == "store_inconsistent")
  }

  @Test("from its steps alone it is made again with all its reasons, and goes on")
  func rebuilt() {
    var run = Passing()
    run.pass(3, finding(.stageStalled, .database, isCauseKnown: false))
    run.pass(3, finding(.stageFailed, .database))
    var again = IncidentRegister()
    again.remember(run.steps, at: run.now)
    #expect(again.incidents == run.register.incidents)
    var next = Passing(register: again, now: run.now)
    next.pass(3, finding(.stageStalled, .database))
    next.pass(3, finding(.checkUnavailable, .database))
    #expect(next.taken == [.changed])
    #expect(next.register[1]?.reasons == ["stalled", "stage_failed", "check_unavailable"])
  }

  @Test("what keeps a living market from being traded in is as bad as that is")
  func idle() {
    var run = Passing()
    run.pass(3, finding(.exposureLimit, .risk))
    #expect(run.register[1]?.severity == .notice)
    run.pass(3, finding(.exposureLimit, .risk, idleness: .warning))
    #expect(run.register[1]?.severity == .warning)
    run.pass(3, finding(.exposureLimit, .risk, idleness: .critical))
    #expect(run.register[1]?.severity == .critical)
  }

  @Test("an incident of zero activity is as bad as its level says, however long it has been one")
  func idleAlone() {
    var run = Passing()
    var idle = finding(.zeroActivity, .signal, .warning)
    idle.isSecondary = true
    run.pass(90_000, idle)
    #expect(run.register[1]?.severity == .warning)
    // What is found beside it is told of already.
    run.pass(3, finding(.stageStalled, .execution, idleness: .warning), idle)
    #expect(run.register[2]?.severity == .notice)
  }
}
