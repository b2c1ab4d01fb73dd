import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("The gate, and who opens, closes and stops it")
struct GateOperatorTests {
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
    let yesterday = EventTime(nanoseconds: 1_699_900_000_000_000_000)
    let before = ControlRecord(
      time: yesterday, control: .stop(reason: "I do not trust this market", actor: "operator:http"))
    var known = Drive(observed: .stopped)
    known.machine.remember([before])
    var later = Drive(observed: .closed)
    later.machine.remember([before])
    #expect(later.machine.state == .closed)
    later.give(.observed(.stopped))
    for machine in [known.machine, later.machine] {
      #expect(machine.state == .stopped)
      #expect(machine.change.reason == "I do not trust this market")
      #expect(machine.change.actor == "operator:http")
      #expect(machine.changedAt == yesterday)
    }
    // What was resumed since is over: a stop that nobody told of is not that one.
    later.give(.resume(actor: "operator:http", justification: "checked"))
    later.give(.observed(.closed))
    later.give(.observed(.stopped))
    #expect(later.machine.change.reason == "gate_stopped")
    var resumed = Drive(observed: .closed)
    resumed.machine.remember([
      ControlRecord(time: yesterday, control: .resume(justification: "checked")), before,
    ])
    resumed.give(.observed(.stopped))
    #expect(resumed.machine.change.reason == "gate_stopped")
    var old = Drive(observed: .stopped)
    old.machine.remember([ControlRecord(time: yesterday, control: .stop(reason: "of an earlier version"))])
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
    #expect(held.machine.change.reason == "maintenance" && held.machine.change.actor == "operator:http")
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
}
