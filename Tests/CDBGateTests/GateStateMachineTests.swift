import CDBDomain
import Testing

@testable import CDBGate

/// Drives a machine on a clock of its own, and answers the checks that it asks for.
private struct Drive {
  static let second: Int64 = 1_000_000_000
  var machine: GateStateMachine
  var now = EventTime(nanoseconds: 1_700_000_000_000_000_000)
  var controls: [Control] = []
  /// What the checks find; a pass where nothing stands here.
  var findings: [GateCheck: ReasonCode] = [:]
  /// Checks that never answer.
  var silent: Set<GateCheck> = []
  var checked: [GateCheck] = []

  init(_ policy: GatePolicy = GatePolicy(), observed: GateState = .closed) {
    machine = GateStateMachine(policy: policy, observed: observed, at: now)
  }

  mutating func give(_ input: GateStateMachine.Input) {
    var actions = machine.handle(input, at: now)
    while !actions.isEmpty {
      switch actions.removeFirst() {
      case .submit(let control): controls.append(control)
      case .check(let check):
        checked.append(check)
        guard !silent.contains(check) else { continue }
        actions += machine.handle(.verdict(verdict(check)), at: now)
      }
    }
  }

  private func verdict(_ check: GateCheck) -> GateVerdict {
    let reason = findings[check] ?? .none
    let outcome: GateOutcome = reason == .none ? .pass : reason == .checkUnavailable ? .unknown : .fail
    return GateVerdict(check: check, outcome: outcome, reason: reason, at: now)
  }

  mutating func pass(seconds: Double) {
    let end = now.advanced(by: Int64(seconds * Double(Self.second)))
    while now < end {
      now = now.advanced(by: Self.second / 5)
      give(.tick)
    }
  }

  var states: [GateState] {
    controls.compactMap { if case .gate(let change) = $0 { change.state } else { nil } }
  }
}

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
    drive.pass(seconds: 6)
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

  @Test("passes are renewed while it is open, and it stays open")
  func renews() {
    var drive = Drive()
    drive.pass(seconds: 600)
    #expect(drive.machine.state == .open)
    #expect(drive.states == [.verifying, .open])
    for check in GateCheck.allCases { #expect(drive.checked.count { $0 == check } > 20) }
  }

  @Test("a failed renewal trips with the check's reason, and a cure opens it again")
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

  @Test("closed by hand it stays closed until somebody opens it")
  func held() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.close(actor: "operator", reason: "maintenance"))
    drive.pass(seconds: 3_600)
    #expect(drive.machine.state == .closed)
    #expect(drive.machine.isHeld)
    drive.give(.open(actor: "operator", reason: "done"))
    drive.pass(seconds: 4)
    #expect(drive.machine.state == .open)
  }

  @Test("a manual policy never opens by itself")
  func manual() {
    var policy = GatePolicy()
    policy.opensByItself = false
    var drive = Drive(policy)
    drive.pass(seconds: 600)
    #expect(drive.states.isEmpty)
    drive.give(.open(actor: "operator", reason: "morning"))
    drive.pass(seconds: 4)
    #expect(drive.machine.state == .open)
  }

  @Test("a stop holds against everything but a resume, which leads to closed")
  func stops() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.stop(actor: "operator", reason: "now"))
    #expect(drive.controls.last == .stop(reason: "now", actor: "operator"))
    drive.give(.open(actor: "operator", reason: "please"))
    drive.give(.close(actor: "operator", reason: "please"))
    drive.pass(seconds: 600)
    #expect(drive.machine.state == .stopped)
    drive.give(.resume(actor: "operator", justification: "checked"))
    #expect(drive.machine.state == .closed)
    #expect(drive.controls.last == .resume(justification: "checked", actor: "operator"))
    drive.pass(seconds: 6)
    #expect(drive.machine.state == .open)
  }

  @Test("a stop outlives the process; an open gate does not", arguments: GateState.allCases)
  func restart(observed: GateState) {
    let drive = Drive(observed: observed)
    #expect(drive.machine.state == (observed == .stopped ? .stopped : .closed))
  }

  @Test("that the stages still say stopped after a resume is no new stop; a stop after that is one")
  func resumeUnderWay() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.stop(actor: "operator:http", reason: "now"))
    drive.give(.observed(.stopped))
    drive.give(.resume(actor: "operator:http", justification: "checked"))
    drive.give(.observed(.stopped))
    drive.give(.observed(.stopped))
    #expect(drive.machine.state == .closed)
    drive.give(.observed(.closed))
    drive.pass(seconds: 6)
    #expect(drive.machine.state == .open)
    drive.give(.observed(.stopped))
    #expect(drive.machine.state == .stopped)
  }

  @Test("a stop of before keeps its words and its author, whether the stages tell of it sooner or later")
  func stopsOfBefore() {
    let before = Control.stop(reason: "I do not trust this market", actor: "operator:http")
    var known = Drive(observed: .stopped)
    known.machine.remember([], stop: before)
    var later = Drive(observed: .closed)
    later.machine.remember([], stop: before)
    #expect(later.machine.state == .closed)
    later.give(.observed(.stopped))
    for machine in [known.machine, later.machine] {
      #expect(machine.state == .stopped)
      #expect(machine.change.reason == "I do not trust this market")
      #expect(machine.change.actor == "operator:http")
    }
    // What was resumed since is over: a stop that nobody told of is not that one.
    later.give(.resume(actor: "operator:http", justification: "checked"))
    later.give(.observed(.closed))
    later.give(.observed(.stopped))
    #expect(later.machine.change.reason == "gate_stopped")
    var old = Drive(observed: .stopped)
    old.machine.remember([], stop: .stop(reason: "of an earlier version"))
    #expect(old.machine.change.actor == "journal")
  }

  @Test("what needs a person is remembered whatever the state it comes in")
  func personWhileTripped() {
    for first in [ReasonCode.silentFeed, nil] {
      var drive = Drive()
      if let first {
        drive.pass(seconds: 4)
        drive.give(.condition(GateCondition(reason: first)))
      }
      drive.give(.condition(GateCondition(reason: .fillOutOfBounds)))
      drive.give(.condition(nil))
      drive.pass(seconds: 600)
      #expect(drive.machine.state != .open)
      #expect(drive.machine.awaitsPerson == .fillOutOfBounds)
      // Once in the history, the reason outlives the process too.
      let history = drive.controls.compactMap { if case .gate(let change) = $0 { change } else { nil } }
      #expect(history.count { $0.reason == "fill_out_of_bounds" } == 1)
      var next = Drive()
      next.machine.remember(history.reversed())
      #expect(next.machine.awaitsPerson == .fillOutOfBounds)
    }
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

  @Test("a stop and a resume do not lift what was closed by hand, and closing what is closed is journaled")
  func heldThroughStop() {
    var drive = Drive()
    drive.give(.close(actor: "operator:http", reason: "restart"))
    #expect(drive.states == [.closed])
    drive.give(.stop(actor: "operator:http", reason: "now"))
    drive.give(.resume(actor: "operator:http", justification: "checked"))
    drive.pass(seconds: 600)
    #expect(drive.machine.state == .closed && drive.machine.isHeld)
    // The word is the operator's own here, and no restart's.
    var next = Drive()
    next.machine.remember([
      GateChange(state: .closed, actor: "policy", reason: "restart"),
      GateChange(state: .closed, actor: "operator:http", reason: "restart"),
    ])
    next.pass(seconds: 600)
    #expect(next.machine.isHeld)
  }

  @Test("a restart is no way around a person: held stays held, and what was lost waits")
  func remembers() {
    func change(_ state: GateState, _ actor: String, _ reason: String) -> GateChange {
      GateChange(state: state, actor: actor, reason: reason)
    }
    let restart = change(.closed, "policy", "restart")
    var held = Drive()
    held.machine.remember([restart, restart, change(.closed, "operator:http", "maintenance")])
    held.pass(seconds: 600)
    #expect(held.machine.state == .closed && held.machine.isHeld)
    var lost = Drive()
    lost.machine.remember([
      restart, change(.tripped, "policy", "flow_imbalance"), change(.open, "policy", "x"),
    ])
    lost.pass(seconds: 600)
    #expect(lost.machine.state == .closed && lost.machine.awaitsPerson == .flowImbalance)
    var cured = Drive()
    cured.machine.remember([restart, change(.tripped, "policy", "silent_feed")])
    cured.pass(seconds: 4)
    #expect(cured.machine.state == .open)
    var opened = Drive()
    opened.machine.remember([
      restart, change(.open, "operator:http", "five checks passed"),
      change(.verifying, "operator:http", "mended"),
      change(.tripped, "policy", "flow_imbalance"),
    ])
    opened.pass(seconds: 4)
    #expect(opened.machine.state == .open)
  }

  @Test("a stop that came out of the journal counts")
  func stopFromJournal() {
    var drive = Drive()
    drive.pass(seconds: 4)
    drive.give(.observed(.stopped))
    drive.pass(seconds: 60)
    #expect(drive.machine.state == .stopped)
  }

  @Test("only changes of a verdict are journaled")
  func changes() {
    var drive = Drive()
    drive.pass(seconds: 600)
    let verdicts = drive.controls.count { if case .verdict = $0 { true } else { false } }
    #expect(verdicts == GateCheck.allCases.count)
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
}

private struct Generator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
