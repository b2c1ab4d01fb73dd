import CDBDomain
import Testing

@testable import CDBGate

@Suite("What is left to do after a stop that was not proved")
struct StopUnprovedWordsTests {
  private let inputs: [GateStateMachine.Input] = [
    .stop(actor: "operator:anna", reason: "by hand"), .condition(GateCondition(reason: .stopUnverified)),
    .condition(nil),
  ]

  @Test("before the resume it is said what comes after it, and after it what is still to do, and why")
  func resume() {
    let stopped = Sample.gate(inputs)
    #expect(stopped.state == .stopped)
    let step = "a person must open it (stop_unverified): cdb gate open --justification …"
    #expect(stopped.text(in: .en).contains("\n  after cdb resume \(step)"), "\(stopped.text(in: .en))")
    #expect(
      stopped.text(in: .de).contains("\n  nach cdb resume muss ein Mensch es öffnen (stop_unverified): "))
    let resumed = Sample.gate(inputs + [.resume(actor: "operator:anna", justification: "looked")])
    #expect(resumed.state == .closed)
    let english = resumed.text(in: .en)
    #expect(english.contains("\n  \(step)\n"), "\(english)")
    #expect(
      english.contains("\n  until then it stays shut: after the stop no probe order was seen refused"),
      "\(english)")
    let german = resumed.text(in: .de)
    #expect(german.contains("\n  ein Mensch muss es öffnen (stop_unverified): "), "\(german)")
    #expect(german.contains("\n  bis dahin bleibt es zu: nach dem Halt wurde keine"), "\(german)")
  }

  @Test("after a stop that was proved nothing of that is said")
  func proved() {
    let resumed = Sample.gate([inputs[0], .resume(actor: "operator:anna", justification: "looked")])
    #expect(resumed.state == .closed && !resumed.text(in: .en).contains("cdb gate open"))
  }
}
