import CDBDomain

import CDBPipeline

@testable import CDBGate
@testable import CDBServices

/// A snapshot in which everything works, to change one thing at a time.
enum PageFixture {
  static let now = EventTime(nanoseconds: 1_795_953_600_000_000_000)

  static func ago(_ seconds: Int64) -> EventTime { now.advanced(by: -seconds * 1_000_000_000) }

  static func snapshot(_ verdict: Verdict = .trading, reason: ReasonCode? = nil) -> PageSnapshot {
    let board = PipelineBoard.fixture(startedAt: ago(3_600))
    var status = board.status()
    status.profile = "demo"
    status.symbols = ["BTCUSDT"]
    status.feed.frames = 1_234_567
    status.feed.isConnected = true
    status.feed.lastFrameWall = ago(1)
    for index in status.stages.indices {
      status.stages[index].health = .healthy
      status.stages[index].lastEventWall = ago(1)
      status.stages[index].lastBarrierWall = ago(2)
    }
    status.flow = FlowReport.balanced(7)
    status.account = account
    var page = PageSnapshot(
      now: now, status: status,
      diagnosis: Diagnosis(
        trading: verdict == .trading, verdict: verdict, summary: "it goes", summaryDe: "es geht",
        layer: reason == nil ? nil : .risk, reason: reason?.code, sinceNs: ago(60).nanoseconds,
        evidence: [Evidence("fills", "16", ageSeconds: 4.2)], stages: [], refusals: ["exposure_limit": 3],
        profile: "demo",
        gate: nil,
        zeroActivity: ZeroActivityReport(level: .notice, seconds: ["signals": 4_000, "orders": 30]),
        asOfNs: now.nanoseconds),
      gate: gate(.open))
    page.incidents = incidents()
    page.block = block(hours: 30)
    page.diagnosis.hypotheses = [Hypothesis(en: "a cable", de: "ein Kabel", [Evidence("frames", "0")])]
    page.diagnosis.isCauseKnown = false
    page.diagnosis.layers = [
      LayerReport(layer: .risk, condition: .broke, consumed: 10, produced: 3, refused: ["exposure_limit": 7])
    ]
    page.checkedAt = [.logs: ago(12)]
    page.timeline = TimelineReport(
      [
        Answer(since: ago(50_000), verdict: .trading, summary: "a", summaryDe: "b"),
        Answer(
          since: ago(20_000), verdict: .broken, layer: .marketData, reason: "silent_feed", summary: "a",
          summaryDe: "b"),
        Answer(since: ago(600), verdict: .trading, summary: "a", summaryDe: "b"),
      ], since: ago(86_400), now: now)
    page.trades = LatestTrades(
      orders: [
        OrderRecord(
          id: "risk-0-2", time: ago(30), symbol: "BTCUSDT", side: "buy", type: "limit", quantity: "0.1",
          price: "60000.1", status: "rejected", reason: "exposure_limit")
      ],
      fills: [
        FillRecord(
          order: "risk-0-1", time: ago(40), symbol: "BTCUSDT", side: "sell", quantity: "0.2", price: "60001",
          fee: "0.1", liquidity: "taker")
      ])
    for second in 0..<40 {
      var status = page.status
      status.account?.equity = Money(mantissa: 1_000_000_000_000 + Int64(second % 7) * 100_000_000)
      page.history.look(
        status, wall: ago(Int64(40 - second) * 20), monotonic: UInt64(second + 1) * 1_000_000_000)
    }
    return page
  }

  /// A block of 72 hours, so long after its start; the second checkpoint is late where it is made.
  ///
  /// - Parameter end: why it was ended then; nil while it runs.
  static func block(hours: Int64, end: String? = nil, by actor: String = "operator:http") -> BlockStatus {
    let hour: Int64 = 3_600_000_000_000
    let start = now.advanced(by: -hours * hour)
    let plan = BlockPlan(duration: 72 * hour, checkpoints: [24 * hour, 48 * hour, 72 * hour])
    let figures = BlockFigures()
    var events = [BlockEvent(block: 1, at: start, actor: actor, change: .started(plan, figures))]
    for (number, after) in zip(1..., plan.checkpoints) where after <= hours * hour {
      let late = number == 2 ? hour : 0
      let due = start.advanced(by: after)
      events.append(
        BlockEvent(
          block: 1, at: due.advanced(by: late), actor: "policy",
          change: .checkpoint(BlockCheckpoint(number: number, due: due, late: late, figures: figures))))
    }
    if let end {
      events.append(
        BlockEvent(
          block: 1, at: now, actor: actor,
          change: .finished(BlockEnd(reason: end, early: hour, late: 0, figures: figures))))
    }
    var machine = BlockStateMachine()
    machine.remember(events)
    return BlockStatus(machine, at: now)
  }

  /// One that is open and has its cause in writing, and one that has closed itself.
  static func incidents(_ words: String = "the feed is silent") -> [Incident] {
    var register = IncidentRegister()
    func finding(_ severity: IncidentSeverity, _ layer: Layer, _ reason: String) -> Finding {
      Finding(
        severity: severity, layer: layer, reason: reason, isCauseKnown: severity == .notice,
        holdsGate: true, summary: words, summaryDe: words, evidence: [Evidence("frames", words)])
    }
    let both = [finding(.high, .marketData, "silent_feed"), finding(.notice, .system, "canary_late")]
    for second in stride(from: Int64(200), through: 190, by: -1) {
      _ = register.look(both, gate: .tripped, at: ago(second))
    }
    for second in stride(from: Int64(180), through: 10, by: -1) {
      _ = register.look([both[0]], gate: .tripped, at: ago(second))
    }
    let number = register.incidents.first { $0.reason == "silent_feed" }?.number ?? 0
    _ = try? register.writeRootCause(number, actor: words, text: words, at: ago(5))
    return register.incidents
  }

  static let account = {
    var account = AccountStatus.fixture
    account.equity = Money(mantissa: 1_000_100_000_000)
    account.peakEquity = Money(mantissa: 1_002_000_000_000)
    return account
  }()

  static func gate(_ state: GateState) -> GateReport {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: ago(100))
    _ = machine.handle(.tick, at: ago(90))
    var report = GateReport(machine, at: now)
    report.state = state
    for (index, outcome) in [GateOutcome.pass, .fail, .unknown, .pass, .pass].enumerated() {
      report.checks[index].outcome = outcome
      report.checks[index].reason = outcome == .fail ? "canary_late" : "none"
      report.checks[index].evidence = [GateVerdict.Evidence("errors", "0", source: "log")]
    }
    return report
  }
}
