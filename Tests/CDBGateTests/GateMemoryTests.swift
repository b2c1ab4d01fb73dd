import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("what a gate takes over from a process before it")
struct GateMemoryTests {
  private static let begun = Situation.start

  private func record(_ state: GateState, _ actor: String, _ reason: String, secondsAgo: Int64)
    -> ControlRecord
  {
    ControlRecord(
      time: Self.begun.advanced(by: -secondsAgo * 1_000_000_000),
      control: .gate(GateChange(state: state, actor: actor, reason: reason)))
  }

  @Test(
    "not before its own closing is stored, and then what lies behind it, whatever was asked for meanwhile")
  func behindItsClosing() {
    let earlier = record(.closed, "operator:http", "maintenance", secondsAgo: 60)
    let restart = record(.closed, GateChange.policy, GateChange.restart, secondsAgo: 0)
    let asked = record(.verifying, "operator:http", "please", secondsAgo: -5)
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Self.begun)
    let taken1 = machine.remember([earlier], stops: [], begunAt: Self.begun)
    #expect(!taken1)
    #expect(!machine.isHeld)
    let taken2 = machine.remember([asked, restart, earlier], stops: [], begunAt: Self.begun)
    #expect(taken2)
    #expect(machine.isHeld && machine.change.reason == "maintenance")
  }

  @Test(
    "by its name, whatever its time: that of a recording is long ago, and another process may close it a moment before"
  )
  func byName() {
    func closing(_ process: String?, secondsAgo: Int64) -> ControlRecord {
      ControlRecord(
        time: Self.begun.advanced(by: -secondsAgo * 1_000_000_000), control: .gate(.restarted(by: process)))
    }
    let earlier = record(.closed, "operator:http", "maintenance", secondsAgo: 70_000_000)
    func remembers(_ past: [ControlRecord]) -> Bool {
      var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Self.begun)
      return machine.remember(past, stops: [], begunAt: Self.begun, as: "own") && machine.isHeld
    }
    #expect(remembers([closing("own", secondsAgo: 60_000_000), earlier]))
    #expect(!remembers([closing("other", secondsAgo: 0), earlier]))
    // ws of a version before does not pass the name on.
    #expect(remembers([closing(nil, secondsAgo: 0), earlier]))
    #expect(!remembers([closing(nil, secondsAgo: 11), earlier]))
  }

  @Test("the closing of a process long before is not its own")
  func olderClosing() {
    let restart = record(.closed, GateChange.policy, GateChange.restart, secondsAgo: 11)
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Self.begun)
    let taken3 = machine.remember([restart], stops: [], begunAt: Self.begun)
    #expect(!taken3)
  }
}
