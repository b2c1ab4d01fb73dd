import CDBDomain
import CDBGate
import Testing

@testable import CDBServices

@Suite("What the terminal says of the gate")
struct GateNewsTests {
  private func told(_ changes: [(GateState, String, String)]) -> [Int] {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: EventTime(nanoseconds: 0))
    _ = machine.handle(.tick, at: EventTime(nanoseconds: 0))
    var news = GateNews()
    var report = GateReport(machine, at: EventTime(nanoseconds: 0))
    return changes.indices.filter { index in
      (report.state, report.actor, report.reason) = changes[index]
      return news.isNews(report)
    }
  }

  @Test("a start, an opening, a trip and a change of its reason are news, once each")
  func changes() {
    #expect(
      told([
        (.closed, "policy", "restart"), (.verifying, "policy", "verification"),
        (.verifying, "policy", "verification"), (.open, "policy", "five checks passed"),
        (.tripped, "policy", "silent_feed"), (.tripped, "policy", "silent_feed"),
        (.tripped, "policy", "stage_failed"), (.open, "policy", "five checks passed"),
      ]) == [0, 1, 3, 4, 6, 7])
  }

  @Test("what fails again for the reason that is known is none, unless somebody asked for it")
  func retries() {
    let failed = (GateState.closed, "policy", "exposure_limit")
    let again = (GateState.verifying, "policy", "verification")
    #expect(told([again, failed, again, failed, again, failed]) == [0, 1])
    #expect(told([failed, again, (.closed, "policy", "errors_logged")]) == [0, 2])
    #expect(told([failed, (.verifying, "operator:http", "mended"), failed]) == [0, 1, 2])
  }
}
