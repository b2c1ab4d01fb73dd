import CDBDomain
import Testing

@testable import CDBGate

@Suite("The gate's words")
struct WordsTests {
  @Test("every state, outcome and answer has a German name, and keeps its code in English")
  func names() {
    for state in GateState.allCases {
      #expect(state.name(in: .en) == state.rawValue && state.name(in: .de) != state.rawValue)
    }
    for outcome in GateOutcome.allCases {
      #expect(outcome.name(in: .en) == outcome.rawValue && outcome.name(in: .de) != outcome.rawValue)
    }
    for verdict in Verdict.allCases {
      #expect(verdict.name(in: .en) == verdict.rawValue && verdict.name(in: .de) != verdict.rawValue)
    }
  }

  @Test(
    "the machine's own reasons and codes are in words, with what follows a colon left out; an operator's stay as they are"
  )
  func reasons() {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: EventTime(nanoseconds: 0))
    func words(_ reason: String) -> String {
      _ = machine.handle(.close(actor: "operator", reason: reason), at: EventTime(nanoseconds: 1))
      return GateReport(machine, at: EventTime(nanoseconds: 1)).reason(in: .de)
    }
    #expect(GateReport(machine, at: EventTime(nanoseconds: 0)).reason(in: .de) == "Neustart")
    #expect(words("five checks passed") == "fünf Prüfungen bestanden")
    #expect(words("restart") == "restart")
    #expect(words("verification") == "Prüfung")
    #expect(words("check_expired:logs") == ReasonCode.checkExpired.explanation(in: .de))
    #expect(words("I do not trust this market") == "I do not trust this market")
  }
}
