import CDBDomain
import CDBPipeline
import Testing

@testable import CDBServices

@Suite("What the gate's history shows")
struct GateHistoryEntryTests {
  private func entry(_ control: Control) -> GateHistoryEntry {
    GateHistoryEntry(ControlRecord(time: EventTime(nanoseconds: 0), control: control))
  }

  @Test("a restart says nothing of the state; a person who used the word has closed the gate")
  func restart() {
    let process = entry(.gate(GateChange(state: .closed, actor: "policy", reason: "restart")))
    #expect(process.control == "restart" && process.state == nil && process.actor == "policy")
    let person = entry(.gate(GateChange(state: .closed, actor: "operator:http", reason: "restart")))
    #expect(person.control == "gate" && person.state == "closed")
    #expect(person.actor == "operator:http" && person.reason == "restart")
    #expect(
      process.line == "1970-01-01T00:00:00.000000000Z  restart  policy: the process began anew; "
        + "a gate that was not stopped is closed")
    #expect(person.line.hasSuffix("  gate closed  operator:http: restart"))
  }

  @Test("a stop and a resume name who and why; what versions before wrote has no name")
  func stops() {
    let stop = entry(.stop(reason: "a test", actor: "operator:http"))
    #expect(stop.control == "stop" && stop.actor == "operator:http" && stop.reason == "a test")
    #expect(entry(.resume(justification: "checked")).actor == nil)
  }
}
