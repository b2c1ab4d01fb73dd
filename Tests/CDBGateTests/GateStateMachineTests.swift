import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("The gate's state machine")
struct GateStateMachineTests {
  @Test("five passes in their order open it, by policy, without anybody asking")
  func opens() {
    var drive = Drive()
    drive.pass(seconds: 4)
    #expect(drive.machine.state == .open)
    #expect(drive.states == [.verifying, .open])
    #expect(drive.checked.prefix(5) == [.logs, .eventFlow, .riskLayer, .dbConsistency, .smoke])
  }

  @Test(
    "every check must pass: one that fails sends it back, and it tries again", arguments: GateCheck.allCases)
  func oneFails(check: GateCheck) {
    var drive = Drive()
    drive.findings[check] = .probeLost
    drive.pass(seconds: 10)
    #expect(drive.machine.state != .open)
    #expect(!drive.states.contains(.open))
    #expect(drive.states.count { $0 == .verifying } >= 3)
    // What comes behind a check that failed is not looked at.
    let behind = GateCheck.allCases.drop { $0 != check }.dropFirst()
    #expect(Set(drive.checked).isDisjoint(with: behind))
    drive.findings = [:]
    drive.pass(seconds: 14)
    #expect(drive.machine.state == .open)
  }

  @Test(
    "a check that cannot be carried out is unknown, and unknown is not a pass", arguments: GateCheck.allCases)
  func unknown(check: GateCheck) {
    var drive = Drive()
    drive.silent = [check]
    drive.pass(seconds: 30)
    #expect(!drive.states.contains(.open))
    #expect(drive.machine.verdicts[check]?.outcome == .unknown)
    #expect(drive.machine.verdicts[check]?.reason == .checkUnavailable)
  }

  @Test("while it verifies, only the passes of this verification are counted")
  func passesOfVerification() {
    var drive = Drive()
    drive.pass(seconds: 4)
    #expect(drive.machine.passes(at: drive.now) == 5)
    drive.give(.condition(GateCondition(reason: .stageStalled)))
    drive.silent = [.eventFlow]
    drive.give(.condition(nil))
    drive.pass(seconds: 6)
    #expect(drive.machine.state == .verifying && drive.machine.running == .eventFlow)
    let report = GateReport(drive.machine, at: drive.now)
    // The passes of before are fresh still, and say nothing of what is under way.
    #expect(report.checks.allSatisfy { $0.outcome == .pass })
    #expect(report.passes == 1 && report.text(in: .en).contains("1 of 5 checks passed"))
  }

  @Test("case 14: passes are renewed while it is open, and it stays open")
  func renews() {
    var drive = Drive()
    drive.pass(seconds: 600)
    #expect(drive.machine.state == .open)
    #expect(drive.states == [.verifying, .open])
    for check in GateCheck.allCases { #expect(drive.checked.count { $0 == check } > 20) }
  }

  @Test(
    "case 14: what passed before and fails again trips with the check's reason, and a cure opens it again")
  func failedRenewal() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.findings[.eventFlow] = .canaryLate
    drive.pass(seconds: 30)
    #expect(drive.states.contains(.tripped))
    #expect(drive.machine.state != .open)
    drive.findings = [:]
    drive.pass(seconds: 10)
    #expect(drive.machine.state == .open)
  }

  @Test("a check that can no longer be carried out trips when its last pass has expired, and not before")
  func expires() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.findings[.logs] = .checkUnavailable
    drive.pass(seconds: 50)
    #expect(drive.machine.state == .open)
    drive.pass(seconds: 30)
    #expect(drive.states.contains(.tripped))
    #expect(drive.states.last != .open)
  }

  @Test("a condition trips at once; when it has been gone for the cooldown, verification begins")
  func condition() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: .silentFeed)))
    #expect(drive.machine.state == .tripped)
    #expect(drive.machine.change.reason == "silent_feed")
    drive.pass(seconds: 60)
    #expect(drive.machine.state == .tripped)
    drive.give(.condition(nil))
    drive.pass(seconds: 2)
    #expect(drive.machine.state == .tripped)
    drive.pass(seconds: 6)
    #expect(drive.machine.state == .open)
  }

  @Test("a condition while it verifies sends it back to where it came from")
  func conditionWhileVerifying() {
    var drive = Drive()
    drive.silent = [.smoke]
    drive.pass(seconds: 2)
    #expect(drive.machine.state == .verifying)
    drive.give(.condition(GateCondition(reason: .stageStalled)))
    #expect(drive.machine.state == .closed)
  }

  @Test(
    "what was lost or wrong needs a person, however long it has been gone",
    arguments: [ReasonCode.flowImbalance, .fillOutOfBounds, .riskSelfTestFailed, .storeInconsistent])
  func person(reason: ReasonCode) {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.condition(GateCondition(reason: reason)))
    drive.give(.condition(nil))
    drive.pass(seconds: 3_600)
    #expect(drive.machine.state == .tripped)
    #expect(drive.machine.awaitsPerson == reason)
    drive.give(.open(actor: "operator", reason: "found and mended"))
    drive.pass(seconds: 4)
    #expect(drive.machine.state == .open)
  }

  @Test("a verdict that nobody waits for any more counts for nothing")
  func lateVerdict() {
    var drive = Drive()
    drive.silent = [.logs]
    drive.pass(seconds: 1)
    #expect(drive.machine.running == .logs)
    drive.give(.condition(GateCondition(reason: .stageStalled)))
    drive.give(.verdict(GateVerdict(check: .logs, outcome: .pass, at: drive.now)))
    #expect(drive.machine.verdicts[.logs] == nil)
  }

  @Test("only changes of a verdict are journaled")
  func changes() {
    var drive = Drive()
    drive.pass(seconds: 600)
    let verdicts = drive.controls.count { if case .verdict = $0 { true } else { false } }
    #expect(verdicts == GateCheck.allCases.count)
  }

  @Test(
    "what fails again and again is verified less and less often, down to every ten seconds, until it opens")
  func backsOff() {
    var drive = Drive()
    drive.findings[.riskLayer] = .exposureLimit
    drive.pass(seconds: 100)
    let attempts = drive.checked.count { $0 == .riskLayer }
    // After 2, 4 and 8 seconds, and from then on every ten.
    #expect((10...14).contains(attempts), "\(attempts)")
    drive.findings = [:]
    drive.pass(seconds: 14)
    #expect(drive.machine.state == .open)
    let before = drive.checked.count { $0 == .riskLayer }
    drive.findings[.riskLayer] = .exposureLimit
    drive.pass(seconds: 30)
    // Anew from two seconds on.
    #expect(drive.checked.count { $0 == .riskLayer } >= before + 3)
  }

  @Test(
    "whatever comes in whatever order, it opens only on five fresh passes, and never out of a stop",
    arguments: 0..<40)
  func property(seed: UInt64) {
    var random = Generator(state: seed)
    var drive = Drive()
    var lastPass: [GateCheck: EventTime] = [:]
    for _ in 0..<2_000 {
      drive.now = drive.now.advanced(by: Int64.random(in: 1...3_000_000_000, using: &random))
      let before = drive.machine.state
      let input: GateStateMachine.Input
      switch Int.random(in: 0..<14, using: &random) {
      case 0: input = .open(actor: "a", reason: "r")
      case 1: input = .close(actor: "a", reason: "r")
      case 2 where Int.random(in: 0..<8, using: &random) == 0: input = .stop(actor: "a", reason: "r")
      case 3: input = .resume(actor: "a", justification: "r")
      case 4: input = .condition(GateCondition(reason: .silentFeed))
      case 5, 6: input = .condition(nil)
      case 7, 8, 9, 10:
        let check = drive.machine.running ?? GateCheck.allCases.randomElement(using: &random) ?? .logs
        let outcome: GateOutcome = Int.random(in: 0..<10, using: &random) == 0 ? .fail : .pass
        if outcome == .pass, check == drive.machine.running { lastPass[check] = drive.now }
        input = .verdict(
          GateVerdict(
            check: check, outcome: outcome, reason: outcome == .pass ? .none : .canaryLate, at: drive.now))
      default: input = .tick
      }
      for action in drive.machine.handle(input, at: drive.now) {
        guard case .submit(.gate(let change)) = action else { continue }
        #expect(before != .stopped)
        guard change.state == .open else { continue }
        #expect(before == .verifying)
        #expect(drive.machine.condition == nil)
        for check in GateCheck.allCases {
          let oldest = drive.now.advanced(by: -drive.machine.policy.validity)
          #expect((lastPass[check] ?? .distantPast) >= oldest, "\(check)")
        }
      }
      if before == .stopped, drive.machine.state != .stopped {
        guard case .resume = input else {
          Issue.record("\(input) lifted a stop")
          return
        }
      }
    }
  }

  @Test(
    "once the input has ended nothing is verified, and nothing more is told to whoever took transitions in")
  func ended() {
    var drive = Drive()
    drive.findings[.eventFlow] = .canaryLate
    drive.pass(seconds: 2)
    drive.findings = [:]
    drive.silent = [.eventFlow]
    while drive.machine.state != .verifying || drive.machine.running != .eventFlow {
      drive.pass(seconds: 0.2)
    }
    drive.controls = []
    drive.checked = []
    for _ in 0..<600 {
      drive.now = drive.now.advanced(by: Drive.second / 5)
      drive.give(.condition(nil))
      drive.give(.ended)
    }
    #expect(drive.controls.isEmpty && drive.checked.isEmpty)
    #expect(drive.machine.state == .closed && drive.machine.cause?.reason == .canaryLate)
    #expect(drive.machine.change.reason == ReasonCode.canaryLate.code)
    // A verdict that was under way counts no more.
    drive.give(
      .verdict(GateVerdict(check: .eventFlow, outcome: .fail, reason: .canaryLate, at: drive.now)))
    #expect(drive.controls.isEmpty)
    // A feed that begins anew.
    drive.silent = []
    drive.pass(seconds: 20)
    #expect(drive.machine.state == .open)
  }

  @Test("an open gate stays open over the end of the input, whatever grows old")
  func endedOpen() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.controls = []
    for _ in 0..<3_000 {
      drive.now = drive.now.advanced(by: Drive.second)
      drive.give(.ended)
    }
    #expect(drive.machine.state == .open && drive.controls.isEmpty)
  }

  @Test("the watch tells that the input has ended instead of that time has passed")
  func watchEnded() {
    var watch = GateWatch(policy: GatePolicy(), thresholds: DiagnosisThresholds())
    var situation = Situation()
    #expect(watch.look(at: situation.status, wall: situation.now, monotonic: 1).last == .tick)
    situation.status.feed.isLive = false
    situation.status.feed.isConnected = false
    #expect(watch.look(at: situation.status, wall: situation.now, monotonic: 2).last == .ended)
  }
}
