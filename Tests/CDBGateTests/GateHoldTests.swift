import CDBDomain
import CDBPipeline
import Testing

@testable import CDBGate

@Suite("The gate and incidents")
struct GateHoldTests {
  @Test("an incident that needs a person trips an open gate, and the gate stays shut until it is released")
  func hold() {
    var drive = Drive()
    drive.pass(seconds: 10)
    #expect(drive.machine.state == .open)
    drive.give(.hold(.incidentOpen))
    #expect(drive.machine.state == .tripped)
    drive.pass(seconds: 600)
    #expect(drive.machine.state == .tripped && drive.machine.awaitsPerson == .incidentOpen)
    drive.give(.release)
    drive.pass(seconds: 10)
    #expect(drive.machine.state == .open)
  }

  @Test("in a gate that is shut the hold is written down once")
  func shut() {
    var drive = Drive()
    drive.give(.close(actor: "operator", reason: "maintenance"))
    let before = drive.controls.count
    drive.give(.hold(.incidentOpen))
    drive.give(.hold(.incidentOpen))
    #expect(drive.controls.count == before + 1)
    drive.give(.release)
    drive.pass(seconds: 60)
    // Closed by hand it stays closed.
    #expect(drive.machine.state == .closed)
  }

  @Test("a check with a timing of its own is renewed and expires by it")
  func timings() {
    var policy = GatePolicy()
    policy.timings[.dbConsistency] = CheckTiming(validity: 600_000_000_000, renewal: 300_000_000_000)
    policy.timings[.smoke] = CheckTiming(validity: 20_000_000_000, renewal: 5_000_000_000)
    var drive = Drive(policy)
    drive.pass(seconds: 5)
    drive.checked = []
    drive.pass(seconds: 61)
    #expect(drive.machine.state == .open)
    #expect(drive.checked.count { $0 == .dbConsistency } == 0)
    #expect(drive.checked.count { $0 == .logs } == 3)
    #expect(drive.checked.count { $0 == .smoke } >= 10)
    drive.silent = [.smoke]
    drive.pass(seconds: 26)
    #expect(drive.states.contains(.tripped))
    let report = GatePolicyReport(policy)
    #expect(report.checks.map(\.validitySeconds) == [60, 60, 60, 600, 20])
    #expect(report.text(in: .en).contains("db_consistency: a pass counts 600 s, renewed after 300 s"))
    #expect(report.needsPerson.contains("flow_imbalance"))
  }
}
