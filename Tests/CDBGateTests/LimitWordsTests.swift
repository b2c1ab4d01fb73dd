import Testing

@testable import CDBDomain
@testable import CDBGate
@testable import CDBPipeline

@Suite("A limit from the settings that refuses everything")
struct LimitWordsTests {
  private static let results =
    RiskLayerName.allCases.map { layer in
      let isReached = ![.positionSize, .orderRate, .stopLoss].contains(layer)
      return RiskSelfTestResult(layer: layer, expected: layer.reason, got: isReached ? layer.reason : nil)
    } + [RiskSelfTestResult(layer: nil, expected: .exposureLimit, got: .exposureLimit)]

  private static let refused = GateJudgement.riskLayer(
    RiskSelfTestReport(time: Situation.start, results: results), since: Situation.start, at: Situation.start)

  /// A gate that failed its third check a moment ago, by this verdict.
  private static func gate(_ third: GateVerdict) -> GateReport {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    _ = machine.handle(.tick, at: Situation.start)
    for check in [GateCheck.logs, .eventFlow] {
      _ = machine.handle(.tick, at: Situation.start)
      _ = machine.handle(
        .verdict(GateVerdict(check: check, outcome: .pass, at: Situation.start)), at: Situation.start)
    }
    _ = machine.handle(.tick, at: Situation.start)
    _ = machine.handle(.verdict(third), at: Situation.start)
    return GateReport(machine, at: Situation.start.advanced(by: 100_000_000))
  }

  private static func situation() -> Situation {
    var situation = Situation()
    situation.status.account = AccountStatus(
      name: "paper", cash: .zero, equity: .zero, startingCash: .zero, fees: .zero, peakEquity: .zero,
      exposure: .zero, openOrders: 0, openOrderIDs: [], fills: 0, positions: [], killSwitch: nil)
    situation.status.account?.layers = [
      LayerStanding(layer: .exposure, figure: .zero, limit: Ratio(basisPoints: 1))
    ]
    situation.gate = gate(refused)
    return situation
  }

  @Test("the answer names the setting, its value, and that a restart with another one is what helps")
  func setting() {
    let answer = Self.situation().diagnose()
    #expect(answer.verdict == .blocked && answer.reason == "exposure_limit")
    #expect(
      answer.summary.hasSuffix(
        "; risk.maximum_exposure is 0.0001, and only a restart with another value of it helps"),
      "\(answer.summary)")
    #expect(
      answer.summaryDe.hasSuffix(
        "; risk.maximum_exposure ist 0,0001, und nur ein Neustart mit einem anderen Wert davon hilft"),
      "\(answer.summaryDe)")
  }

  @Test("it does not say when the gate opens by itself: only another value of the setting opens it")
  func opening() {
    let gate = Self.gate(Self.refused)
    #expect(gate.state == .closed && gate.forbiddingLayer == .exposure && gate.opensAtNs == nil)
    let english = "not by itself: only after a restart with another value of risk.maximum_exposure"
    #expect(gate.opening(in: .en) == english)
    #expect(
      gate.opening(in: .de)
        == "nicht von selbst: nur nach einem Neustart mit einem anderen Wert von risk.maximum_exposure")
    #expect(Self.situation().diagnose().text.contains("  opens     \(english)\n"))
    // What no setting is the cause of may be over in a moment.
    let other = Self.gate(
      GateVerdict(check: .riskLayer, outcome: .unknown, reason: .checkUnavailable, at: Situation.start))
    #expect(other.forbiddingLayer == nil && other.opensAtNs != nil)
    #expect(other.opening(in: .en)?.hasPrefix("by itself at ") == true)
  }

  @Test("every layer with a limit has the key of its setting")
  func keys() {
    #expect(RiskLayerName.allCases.filter { $0.setting == nil } == [.killSwitch])
  }

  @Test("a layer that was asked nothing is not said to have failed, nor counted among those that were")
  func untested() {
    let evidence = Self.refused.evidence
    #expect(evidence.first?.value == "8 of 8", "\(evidence)")
    #expect(
      evidence.dropFirst().map(\.name) == ["sane_order", "position_size", "order_rate", "stop_loss"],
      "\(evidence)")
    #expect(!evidence.contains { $0.value.contains("got") })
  }

  @Test("each line of evidence and each supposition is a sentence, in both languages")
  func sentences() {
    let answer = Self.situation().diagnose()
    let english = answer.text(in: .en)
    for sentence in [
      "evidence  2 of 5 checks of the gate have passed [checks_passed]",
      "evidence  the check risk_layer has failed: the order would take exposure above its limit [risk_layer]",
      "evidence  8 of 8 synthetic orders got the answer that they must get [refused_their_violation]",
      "evidence  an ordinary order is refused: exposure_limit [sane_order]",
      "evidence  the risk layer position_size was not tested: no order comes as far as its limit [position_size]",
      "(what counts against the limit is 0 now; the limit is 0.0001; it is set by risk.maximum_exposure)",
    ] { #expect(english.contains(sentence), "\(english)") }
    let german = answer.text(in: .de)
    for sentence in [
      "Beleg     2 von 5 Prüfungen des Gates sind bestanden [checks_passed]",
      "Beleg     die Risikoschicht position_size wurde nicht getestet: keine Order kommt bis zu ihrem Limit",
      "was gegen das Limit zählt, ist jetzt 0; das Limit ist 0,0001",
    ] { #expect(german.contains(sentence), "\(german)") }
    for item in answer.evidence + answer.hypotheses.flatMap(\.evidence) {
      for language in Language.allCases {
        let sentence = item.sentence(in: language)
        #expect(sentence != nil && sentence?.contains(" = ") == false, "\(item)")
        #expect(sentence?.contains("{}") == false, "\(item)")
      }
    }
  }

  @Test("a figure that has no sentence keeps its name and value")
  func unknown() {
    let item = Evidence("of_tomorrow", "1.5")
    #expect(item.sentence(in: .en) == nil)
    #expect(item.text(in: .en) == "of_tomorrow = 1.5" && item.text(in: .de) == "of_tomorrow = 1,5")
  }
}
