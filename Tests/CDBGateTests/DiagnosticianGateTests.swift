import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("why, and the gate")
struct DiagnosticianGateTests {
  @Test("an engaged kill switch is stopped, however fresh the last fill is")
  func stopped() {
    var situation = Situation()
    situation.commit(Sample.order, secondsAgo: 2)
    situation.commit(Sample.result(.filled, fill: true), secondsAgo: 1)
    situation.status.account = AccountStatus(
      name: "paper", cash: .zero, equity: .zero, startingCash: .zero, fees: .zero, peakEquity: .zero,
      exposure: .zero, openOrders: 0, openOrderIDs: [], fills: 0, positions: [],
      killSwitch: "I do not trust this market")
    let answer = situation.diagnose()
    #expect(answer.verdict == .stopped)
    #expect(!answer.trading)
    #expect(answer.reason == "kill_switch")
    #expect(answer.summary.contains("I do not trust this market"))
  }

  @Test("a gate that waits for the store says so, and not that it is at its first check")
  func waitsForStore() {
    var situation = Situation()
    var gate = Sample.gate([])
    situation.gate = gate
    #expect(situation.diagnose().summary == "the gate is verifying before anything trades: logs")
    gate.waitsForStore = true
    situation.gate = gate
    let answer = situation.diagnose()
    #expect(answer.verdict == .gated && answer.reason == "gate_verifying")
    #expect(answer.summary.hasPrefix("the gate has only begun: it waits for the store"), "\(answer.summary)")
    #expect(answer.summaryDe.hasPrefix("das Gate hat eben erst begonnen: es wartet"))
    #expect(gate.text(in: .en).contains("\n  it waits for the store to have what was decided before"))
  }

  @Test(
    "what the gate refused is no fault of execution's",
    arguments: [ReasonCode.gateClosed, .gateVerifying, .gateTripped, .gateStopped])
  func refusedByGate(_ reason: ReasonCode) {
    var situation = Situation()
    situation.gate = Sample.gate([], state: .open, secondsAgo: 10, at: situation.now)
    situation.commit(Sample.signal, secondsAgo: 20)
    situation.commit(Sample.decision(.none), secondsAgo: 20)
    situation.commit(Sample.order, secondsAgo: 20)
    situation.commit(Sample.result(.rejected, fill: false, reason), secondsAgo: 19)
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.layer == nil)
    #expect(answer.evidence == [Evidence("refused_by_gate", "1")])
    #expect(answer.sinceNs == situation.now.advanced(by: -10_000_000_000).nanoseconds)
    // An order that came through since and was not filled is execution's again.
    situation.commit(Sample.order, secondsAgo: 5)
    situation.commit(Sample.result(.rejected, fill: false, .noMarket), secondsAgo: 4)
    #expect(situation.diagnose().layer == .execution)
  }

  @Test("since is the last change: the first of the fills, or the opening of the gate after it")
  func since() {
    func since(_ situation: Situation) -> Double? {
      situation.diagnose().sinceNs.map { Double(situation.now.nanoseconds - $0) / 1e9 }
    }
    var situation = Situation()
    #expect(since(situation) == 60)
    situation.gate = Sample.gate([], state: .open, secondsAgo: 50, at: situation.now)
    #expect(since(situation) == 50)
    situation.commit(Sample.signal, secondsAgo: 41)
    situation.commit(Sample.order, secondsAgo: 41)
    situation.commit(Sample.result(.filled, fill: true), secondsAgo: 40)
    situation.commit(Sample.result(.filled, fill: true), secondsAgo: 12)
    #expect(situation.diagnose().verdict == .trading)
    #expect(since(situation) == 40)
    situation.gate = Sample.gate([], state: .open, secondsAgo: 20, at: situation.now)
    #expect(since(situation) == 20)
  }

  @Test(
    "a limit that leaves no order room is a block of risk, with the limit's own reason, for as long as it is so"
  )
  func forbidden() {
    for state in [GateState.closed, .verifying] {
      var situation = Situation()
      situation.gate = Sample.gate(
        [], state: state, secondsAgo: 1, at: situation.now, failed: (.riskLayer, .exposureLimit))
      let answer = situation.diagnose()
      #expect(answer.verdict == .blocked)
      #expect(answer.layer == .risk)
      #expect(answer.reason == "exposure_limit")
      #expect(answer.sinceNs == Situation.start.nanoseconds)
      // Whoever closed it by hand is the answer before any limit.
      situation.gate?.isHeld = true
      situation.gate?.state = .closed
      #expect(situation.diagnose().verdict == .gated)
    }
  }

  @Test(
    "a limit that refuses the probe order is that block too; what else refuses it is the gate's",
    arguments: [(ReasonCode.abnormalSpread, true), (.exposureLimit, true), (.probeRefused, false)])
  func refusedProbe(_ reason: ReasonCode, _ isLimit: Bool) throws {
    var situation = Situation()
    var gate = Sample.gate(
      [], state: .verifying, secondsAgo: 1, at: situation.now, failed: (.smoke, reason))
    let index = try #require(gate.checks.firstIndex { $0.check == .smoke })
    // What stands in the evidence is for people.
    gate.checks[index].evidence = [GateVerdict.Evidence("decision", "refused: stop_loss", source: "api")]
    situation.gate = gate
    let answer = situation.diagnose()
    #expect(answer.verdict == (isLimit ? .blocked : .gated))
    #expect(answer.layer == (isLimit ? .risk : .execution))
    #expect(answer.reason == reason.code)
  }

  @Test(
    "a gate that a failure keeps shut is unhealthy; one that somebody shut, or that has only begun, is not")
  func keptShut() {
    func report(_ state: GateState, failed: Bool, _ change: (inout GateReport) -> Void = { _ in }) -> Bool {
      var report = Sample.gate(
        [], state: state, secondsAgo: 1, at: Situation.start, failed: failed ? (.logs, .errorsLogged) : nil)
      change(&report)
      return report.isKeptShut
    }
    #expect(
      report(.closed, failed: true) && report(.verifying, failed: true) && report(.tripped, failed: false))
    #expect(report(.closed, failed: false) { $0.awaitsPerson = "flow_imbalance" })
    #expect(!report(.closed, failed: false) && !report(.verifying, failed: false))
    #expect(!report(.closed, failed: true) { $0.isHeld = true })
    #expect(!report(.open, failed: false) && !report(.stopped, failed: true))
  }

  @Test("a gate that verifies is no fault, and says which check is next")
  func verifying() {
    var situation = Situation()
    situation.gate = Sample.gate([.tick])
    let answer = situation.diagnose()
    #expect(answer.verdict == .gated)
    #expect(answer.layer == nil)
    #expect(answer.reason == "gate_verifying")
    #expect(answer.summary.contains("logs"))
  }

  @Test("a gate that a check keeps closed names the check's layer and reason, with its evidence")
  func gatedByCheck() {
    var situation = Situation()
    let verdict = GateVerdict(
      check: .logs, outcome: .fail, reason: .errorsLogged, at: Situation.start,
      evidence: [.init("errors", "3 in 30 s", source: "log")])
    situation.gate = Sample.gate([.tick, .tick, .verdict(verdict)])
    let answer = situation.diagnose()
    #expect(answer.verdict == .gated)
    #expect(answer.layer == .system)
    #expect(answer.reason == "errors_logged")
    #expect(answer.evidence.contains(Evidence("errors", "3 in 30 s")))
  }

  @Test("what waits for a person is the answer, whatever check failed after it")
  func awaitsPerson() {
    var situation = Situation()
    let verdict = GateVerdict(check: .logs, outcome: .fail, reason: .errorsLogged, at: Situation.start)
    situation.gate = Sample.gate([
      .condition(GateCondition(reason: .riskSelfTestFailed)), .condition(nil),
      .open(actor: "operator", reason: "x"),
      .tick, .condition(GateCondition(reason: .riskSelfTestFailed)), .verdict(verdict),
    ])
    let answer = situation.diagnose()
    #expect(answer.verdict == .gated)
    #expect(answer.layer == .risk)
    #expect(answer.reason == "risk_self_test_failed")
  }

  @Test("a broken layer wins over the gate that it has tripped")
  func brokenBehindGate() {
    var situation = Situation()
    situation.gate = Sample.gate([.close(actor: "operator", reason: "maintenance")])
    situation.stage(.execution) { $0.failure = "it stopped" }
    #expect(situation.diagnose().verdict == .broken)
  }
}
