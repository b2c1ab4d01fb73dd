import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("What the checks judge")
struct GateJudgementTests {
  private let now = EventTime(nanoseconds: 1_700_000_000_000_000_000)

  @Test("a log path passes when its canary arrived and no error counts")
  func logs() {
    func judge(_ canary: Double?, _ errors: Int) -> GateVerdict {
      GateJudgement.logs(
        .init(
          canarySeconds: canary, errors: errors, lastError: errors > 0 ? "store_failed: locked" : nil,
          windowSeconds: 30, source: "cdb.jsonl"), at: now)
    }
    #expect(judge(0.02, 0).outcome == .pass)
    #expect(judge(nil, 0).reason == .logPathSilent)
    #expect(judge(0.02, 2).reason == .errorsLogged)
    #expect(judge(0.02, 2).evidence.contains { $0.value == "store_failed: locked" })
    // A path that is silent cannot say that there were no errors.
    #expect(judge(nil, 2).reason == .logPathSilent)
  }

  @Test("a barrier passes when every stage passed it in time and the books balance")
  func eventFlow() {
    let balanced = FlowReport(barrier: 7, imbalances: [])
    let lost = FlowReport(barrier: 7, imbalances: [.edge(.orders, partition: 0, 1)])
    func judge(_ seconds: Double?, _ missing: [StageName], _ report: FlowReport?) -> GateVerdict {
      GateJudgement.eventFlow(.init(seconds: seconds, missing: missing, report: report), at: now)
    }
    #expect(judge(0.1, [], balanced).outcome == .pass)
    #expect(judge(0.1, [], lost).reason == .flowImbalance)
    let late = judge(nil, [.execution, .dbWriter], balanced)
    #expect(late.reason == .canaryLate)
    #expect(late.evidence.contains { $0.name == "first_stage_missing" && $0.value == "execution" })
    #expect(judge(nil, [], nil).reason == .canaryLate)
  }

  @Test(
    "risk passes when every layer refused its violation and the sane order passed, proved since it was asked for"
  )
  func riskLayer() {
    func report(_ change: (inout [RiskSelfTestResult]) -> Void, at time: Int64 = 0) -> RiskSelfTestReport {
      var results = RiskLayerName.allCases.map {
        RiskSelfTestResult(layer: $0, expected: $0.reason, got: $0.reason)
      }
      results.append(RiskSelfTestResult(layer: nil, expected: .none, got: ReasonCode.none))
      change(&results)
      return RiskSelfTestReport(time: now.advanced(by: time), results: results)
    }
    func judge(_ report: RiskSelfTestReport?) -> GateVerdict {
      GateJudgement.riskLayer(report, since: now, at: now)
    }
    #expect(judge(report { _ in }).outcome == .pass)
    #expect(judge(nil).outcome == .unknown)
    #expect(judge(report({ _ in }, at: -1)).outcome == .unknown)
    for index in RiskLayerName.allCases.indices {
      let disabled = judge(report { $0[index].got = ReasonCode.none })
      #expect(disabled.reason == .riskSelfTestFailed)
      #expect(disabled.evidence.contains { $0.name == RiskLayerName.allCases[index].rawValue })
      // A limit that is out of reach is said, and is not what is configured.
      let untested = judge(report { $0[index].got = nil })
      #expect(untested.outcome == .pass)
      #expect(untested.evidence.contains { $0.name == RiskLayerName.allCases[index].rawValue })
    }
    #expect(judge(report { $0[$0.count - 1].got = .exposureLimit }).reason == .riskSelfTestFailed)
    // Right to refuse it, and still nothing can trade: the limit is named.
    let forbidden = judge(
      report {
        $0[$0.count - 1] = RiskSelfTestResult(layer: nil, expected: .exposureLimit, got: .exposureLimit)
      })
    #expect(forbidden.outcome == .fail && forbidden.reason == .exposureLimit)
    #expect(forbidden.evidence.contains { $0.name == "sane_order" && $0.value == "refused: exposure_limit" })
  }

  private func live(_ change: (inout AccountStatus) -> Void = { _ in }) -> AccountStatus {
    var account = AccountStatus(
      name: "paper", cash: Money(mantissa: 890), equity: .zero, startingCash: Money(mantissa: 1_000),
      fees: Money(mantissa: 10), peakEquity: .zero, exposure: .zero, openOrders: 1,
      openOrderIDs: [EventID(producer: .risk, partition: 0, sequence: 9)], fills: 2,
      positions: [
        PositionStatus(symbol: "BTCUSDT", quantity: Quantity(mantissa: 5), scale: 8, mark: nil, priceScale: 2)
      ], killSwitch: nil)
    change(&account)
    return account
  }

  private func stored(_ change: (inout AccountProjection) -> Void = { _ in }) -> StoreAudit {
    var account = AccountProjection(account: "paper")
    account.fills = 2
    account.bought = Money(mantissa: 150)
    account.sold = Money(mantissa: 50)
    account.fees = Money(mantissa: 10)
    account.positions = [InstrumentID(0): Quantity(mantissa: 5)]
    account.openOrders = [EventID(producer: .risk, partition: 0, sequence: 9)]
    change(&account)
    var audit = StoreAudit()
    audit.accounts = [account]
    return audit
  }

  @Test("a store agrees when its rows do, and the account rebuilt from its fills is the one that lives")
  func consistent() {
    #expect(GateJudgement.consistency(stored(), live: live(), at: now).outcome == .pass)
    var audit = stored()
    audit.findings = [.init(rule: "an order filled beyond its quantity", ids: ["risk-0-9"])]
    let verdict = GateJudgement.consistency(audit, live: live(), at: now)
    #expect(verdict.reason == .storeInconsistent)
    #expect(verdict.evidence.contains { $0.value.contains("risk-0-9") })
  }

  @Test("each figure that differs is named")
  func differences() {
    let changes: [(String, (inout AccountProjection) -> Void)] = [
      ("fills", { $0.fills = 3 }), ("fees", { $0.fees = Money(mantissa: 11) }),
      ("cash", { $0.bought = Money(mantissa: 151) }),
      ("BTCUSDT", { $0.positions[InstrumentID(0)] = Quantity(mantissa: 6) }),
      ("risk-0-9", { $0.openOrders = [] }),
      ("risk-0-10", { $0.openOrders.append(EventID(producer: .risk, partition: 0, sequence: 10)) }),
    ]
    for (name, change) in changes {
      let verdict = GateJudgement.consistency(stored(change), live: live(), at: now)
      #expect(verdict.reason == .storeInconsistent)
      #expect(verdict.evidence.contains { $0.value.contains(name) }, "\(name)")
    }
  }

  private func probe(
    approved: Bool = true, reason: String = "no_mark",
    results: [(String, String)] = [("accepted", "none"), ("filled", "filled_completely")],
    fills: Int = 1
  ) -> ProbeRecord {
    ProbeRecord(
      number: 1, signal: "risk-0-1", approved: approved, reason: approved ? "none" : reason,
      order: approved ? "risk-0-2" : nil,
      results: results.map { .init(id: "execution-0-1", status: $0.0, reason: $0.1) }, fills: fills)
  }

  @Test("a probe passes when it was filled; refused and lost are told apart")
  func smoke() {
    func judge(_ probe: ProbeRecord?) -> GateVerdict {
      GateJudgement.smoke(probe, seconds: 0.1, source: "api", at: now)
    }
    #expect(judge(probe()).outcome == .pass)
    #expect(judge(nil).reason == .probeLost)
    #expect(judge(probe(results: [("accepted", "none")], fills: 0)).reason == .probeLost)
    #expect(judge(probe(approved: false, results: [], fills: 0)).reason == .probeRefused)
    // A limit that refuses it is the reason, as in the check of the layers.
    for limit in RiskLayerName.allCases.map(\.reason) {
      let refused = judge(probe(approved: false, reason: limit.code, results: [], fills: 0))
      #expect(refused.outcome == .fail && refused.reason == limit && refused.layer == .risk)
    }
    let rejected = judge(probe(results: [("rejected", "gate_tripped")], fills: 0))
    #expect(rejected.reason == .probeRefused)
    #expect(rejected.evidence.contains { $0.value.contains("gate_tripped") })
    // Filled without a fill is no fill.
    #expect(judge(probe(fills: 0)).outcome == .fail)
  }
}
