import CDBDomain
import Testing

@testable import CDBGate

/// What an incident comes to show itself by later is told as what it began with is.
@Suite("Later reasons of an incident")
struct LaterReasonTests {
  private func finding(_ reason: ReasonCode, _ evidence: Evidence) -> Finding {
    Finding(
      severity: .notice, layer: .marketData, reason: reason.code, isCauseKnown: true, holdsGate: true,
      summary: reason.explanation(in: .en), summaryDe: reason.explanation(in: .de), evidence: [evidence])
  }

  /// Silence, then prices that stand still, then silence again.
  private func outage() throws -> (incident: Incident, steps: [IncidentEvent], register: IncidentRegister) {
    var register = IncidentRegister()
    var steps: [IncidentEvent] = []
    var now = Situation.start
    let silent = finding(.silentFeed, Evidence("frames", "10"))
    let frozen = finding(.frozenPrices, Evidence("last_price_move", "any instrument"))
    for found in [silent, frozen, silent] {
      for _ in 0..<6 {
        now = now.advanced(by: 500_000_000)
        steps += register.look([found], gate: .tripped, at: now)
      }
    }
    #expect(register.incidents.count == 1)
    return (try #require(register[1]), steps, register)
  }

  @Test("its evidence has that of the later ones, once, behind the reason")
  func evidence() throws {
    let (incident, steps, register) = try outage()
    #expect(
      incident.evidence == [
        Evidence("frames", "10"), Evidence("then", "frozen_prices"),
        Evidence("last_price_move", "any instrument"),
      ])
    var again = IncidentRegister()
    again.remember(steps, at: Situation.start.advanced(by: 9_000_000_000))
    #expect(again.incidents == register.incidents)
  }

  @Test("its timeline says what the later ones mean, in both languages")
  func timeline() throws {
    let incident = try outage().incident
    for language in Language.allCases {
      let meaning = ReasonCode.frozenPrices.explanation(in: language)
      let line = incident.text(in: language).split(separator: "\n").first {
        $0.contains(IncidentEvent.Step.changed.words(in: language))
      }
      #expect(try #require(line).hasSuffix(": frozen_prices (\(meaning))"))
    }
  }

  @Test("why names it by all its reasons, and one that has only one by that")
  func reference() throws {
    let (_, _, register) = try outage()
    var answer = Situation().diagnose()
    answer.refer(to: register)
    let reference = try #require(answer.incidents.first)
    #expect(reference.reason == "silent_feed" && reference.reasons == ["silent_feed", "frozen_prices"])
    #expect(answer.text.contains("open: silent_feed, then frozen_prices (cdb incident show 1)"))
    #expect(answer.text(in: .de).contains("silent_feed, dann frozen_prices"))
    var single = reference
    single.reasons = ["silent_feed"]
    #expect(single.cause(in: .en) == "silent_feed")
  }
}
