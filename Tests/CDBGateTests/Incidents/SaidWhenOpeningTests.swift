import CDBDomain
import Testing

@testable import CDBGate

@Suite("A root cause that was said when somebody opened the gate")
struct SaidWhenOpeningTests {
  private let now = EventTime(nanoseconds: 1_700_000_000_000_000_000)

  private func held() -> IncidentRegister {
    var register = IncidentRegister()
    register.remember(
      [
        IncidentEvent(
          incident: 1, step: .opened, at: now, actor: "policy", severity: .warning, layer: .system,
          reason: "flow_imbalance", isCauseKnown: true, holdsGate: true, text: "x", textDe: "y")
      ], at: now)
    return register
  }

  @Test("it says who said it, and that it was when opening, in both languages and in the history")
  func said() throws {
    var register = held()
    let steps = register.justify(actor: "operator:anna", text: "the disk was full", at: now)
    let words = "said by operator:anna when opening: the disk was full"
    #expect(steps.map(\.text) == [words])
    let incident = try #require(register[1])
    #expect(incident.rootCause == words && incident.rootCause(in: .en) == words)
    #expect(incident.text(in: .en).contains("  root cause \(words)\n"), "\(incident.text(in: .en))")
    let german = "beim Öffnen gesagt von operator:anna: the disk was full"
    #expect(incident.rootCause(in: .de) == german)
    #expect(incident.history.last?.text(in: .de) == german)
    #expect(!incident.text(in: .de).contains("said by"))
  }

  @Test("what was written down for the incident stays as it was written")
  func written() throws {
    var register = held()
    _ = try register.writeRootCause(1, actor: "operator:anna", text: "a cable", at: now)
    let incident = try #require(register[1])
    #expect(incident.rootCause(in: .en) == "a cable" && incident.rootCause(in: .de) == "a cable")
  }
}
