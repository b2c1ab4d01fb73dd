import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// A status in which everything works, to break one thing at a time.
private struct Situation {
  static let start = EventTime(nanoseconds: 1_700_000_000_000_000_000)
  var now = start.advanced(by: 60_000_000_000)
  var status: PipelineStatus

  init() {
    var feed = FeedStatus()
    feed.frames = 1_000
    feed.isConnected = true
    feed.isLive = true
    let seen = Self.start.advanced(by: 59_500_000_000)
    feed.lastFrameWall = seen
    feed.lastMoveWall = seen
    var ledger = NodeLedger()
    ledger.received = 1_000
    ledger.acted = 1_000
    ledger.emittedByKind[.quote] = 1_000
    status = PipelineStatus(
      startedAt: Self.start, profile: "default", fingerprint: "0", symbols: ["BTCUSDT"], feed: feed,
      stages: StageName.allCases.map {
        StageStatus(
          stage: $0, health: .healthy, failure: nil, total: ledger, sinceStart: ledger, inFlight: 0,
          backlog: 0, lastEventWall: seen, lastEventTime: seen, lastBarrierWall: seen, cpuNanoseconds: 0)
      },
      account: nil, flow: FlowReport(barrier: 3, imbalances: []), checkpoint: nil, checkpointFailure: nil,
      tally: OrderPathTally(), notices: [], framesBefore: 0)
  }

  mutating func stage(_ name: StageName, _ change: (inout StageStatus) -> Void) {
    guard let index = status.stages.firstIndex(where: { $0.stage == name }) else { return }
    change(&status.stages[index])
  }

  mutating func commit(_ event: Event, secondsAgo: Int64) {
    let time = now.advanced(by: -secondsAgo * 1_000_000_000)
    status.tally.add(Envelope(time: time, origin: 1, event: event), wall: time.nanoseconds)
  }

  var gate: GateReport?
  var jump: ClockMonitor.Jump?

  func diagnose() -> Diagnosis { Diagnostician(status, at: now, gate: gate, clock: jump).diagnose() }
}

private let id = EventID(producer: .core, partition: 0, sequence: 1)
private let signal = Event.signal(
  Signal(
    id: id, instrument: InstrumentID(0), side: .buy, strategy: "momentum", strength: .one,
    referencePrice: Price(mantissa: 100), features: [:]))

private func decision(_ reason: ReasonCode) -> Event {
  .decision(
    RiskDecision(
      id: id, signalID: id, account: "paper", instrument: InstrumentID(0), side: .buy,
      approved: reason == .none, reason: reason, layers: []))
}

private let order = Event.order(
  Order(
    id: id, signalID: id, account: "paper", instrument: InstrumentID(0), side: .buy, type: .market,
    quantity: Quantity(mantissa: 1), referencePrice: Price(mantissa: 100), layers: []))

private func result(_ status: OrderStatus, fill: Bool, _ reason: ReasonCode = .none) -> Event {
  .result(
    OrderResult(
      id: id, orderID: id, account: "paper", instrument: InstrumentID(0), side: .buy, status: status,
      executedAt: Situation.start, reportedAt: Situation.start,
      fill: fill
        ? Fill(
          number: 1, price: Price(mantissa: 100), quantity: Quantity(mantissa: 1),
          notional: Money(mantissa: 1), fee: Money(mantissa: 1), liquidity: .taker,
          bid: Price(mantissa: 99), ask: Price(mantissa: 100)) : nil,
      reason: reason))
}

@Suite("why")
struct DiagnosticianTests {
  @Test("a fresh fill is trading, and no layer is broken")
  func trading() {
    var situation = Situation()
    situation.commit(signal, secondsAgo: 5)
    situation.commit(decision(.none), secondsAgo: 5)
    situation.commit(order, secondsAgo: 5)
    situation.commit(result(.filled, fill: true), secondsAgo: 4)
    let answer = situation.diagnose()
    #expect(answer.trading)
    #expect(answer.verdict == .trading)
    #expect(answer.layer == nil)
  }

  @Test("no signal in a live market is quiet, not broken")
  func quiet() {
    let answer = Situation().diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.layer == nil)
    #expect(answer.reason == "no_signal")
  }

  @Test("all signals refused is blocked, with the reason and how many in a row")
  func blocked() {
    var situation = Situation()
    for second in stride(from: Int64(30), to: 0, by: -10) {
      situation.commit(signal, secondsAgo: second)
      situation.commit(decision(.exposureLimit), secondsAgo: second)
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .blocked)
    #expect(answer.layer == .risk)
    #expect(answer.reason == "exposure_limit")
    #expect(answer.evidence.contains(Evidence("refused_in_a_row", "3")))
    #expect(answer.refusals == ["exposure_limit": 3])
    #expect(answer.sinceNs == situation.now.advanced(by: -30_000_000_000).nanoseconds)
  }

  @Test("connected and nothing decoded names market data and the reason that dropped most")
  func undecoded() {
    var situation = Situation()
    situation.stage(.ws) {
      $0.sinceStart.emittedByKind = KindCounts()
      $0.sinceStart.dropped[.malformedFrame] = 990
      $0.sinceStart.dropped[.unknownSymbol] = 10
      $0.health = .failed
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "malformed_frame")
  }

  @Test("a silent feed is named with the age of the last frame")
  func silent() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 60_000_000_000)
    let answer = situation.diagnose()
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "silent_feed")
    #expect(answer.evidence.first?.ageSeconds == 60.5)
  }

  @Test("the first broken layer wins over a later one", arguments: StageName.allCases)
  func firstBroken(_ stage: StageName) {
    var situation = Situation()
    for later in StageName.allCases where later.position >= stage.position {
      situation.stage(later) { $0.failure = "it stopped" }
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == stage.layer)
    #expect(answer.summary.contains("it stopped"))
  }

  @Test("a stalled stage is named with what waits")
  func stalled() {
    var situation = Situation()
    situation.stage(.execution) {
      $0.health = .stalled
      $0.backlog = 40
      $0.inFlight = 2
    }
    let answer = situation.diagnose()
    #expect(answer.layer == .execution)
    #expect(answer.reason == "stalled")
    #expect(answer.evidence == [Evidence("waiting_events", "42")])
  }

  @Test("an imbalance names the edge, whatever else looks healthy")
  func imbalance() {
    var situation = Situation()
    situation.status.flow = FlowReport(barrier: 9, imbalances: [.edge(.orders, partition: 0, 2)])
    let answer = situation.diagnose()
    #expect(answer.reason == "flow_imbalance")
    #expect(answer.summary.contains("risk → execution"))
    #expect(answer.summary.contains("2 events lost"))
  }

  @Test("an engaged kill switch is stopped, however fresh the last fill is")
  func stopped() {
    var situation = Situation()
    situation.commit(order, secondsAgo: 2)
    situation.commit(result(.filled, fill: true), secondsAgo: 1)
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

  @Test("orders without a fill are execution's, with what came of them")
  func unfilled() {
    var situation = Situation()
    situation.commit(signal, secondsAgo: 20)
    situation.commit(decision(.none), secondsAgo: 20)
    situation.commit(order, secondsAgo: 20)
    situation.commit(result(.rejected, fill: false), secondsAgo: 19)
    let answer = situation.diagnose()
    #expect(answer.verdict == .broken)
    #expect(answer.layer == .execution)
    #expect(answer.evidence == [Evidence("results", "rejected 1")])
  }

  @Test(
    "what the gate refused is no fault of execution's",
    arguments: [ReasonCode.gateClosed, .gateVerifying, .gateTripped, .gateStopped])
  func refusedByGate(_ reason: ReasonCode) {
    var situation = Situation()
    situation.gate = gate([], state: .open, secondsAgo: 10, at: situation.now)
    situation.commit(signal, secondsAgo: 20)
    situation.commit(decision(.none), secondsAgo: 20)
    situation.commit(order, secondsAgo: 20)
    situation.commit(result(.rejected, fill: false, reason), secondsAgo: 19)
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.layer == nil)
    #expect(answer.evidence == [Evidence("refused_by_gate", "1")])
    #expect(answer.sinceNs == situation.now.advanced(by: -10_000_000_000).nanoseconds)
    // An order that came through since and was not filled is execution's again.
    situation.commit(order, secondsAgo: 5)
    situation.commit(result(.rejected, fill: false, .noMarket), secondsAgo: 4)
    #expect(situation.diagnose().layer == .execution)
  }

  @Test("since is the last change: the first of the fills, or the opening of the gate after it")
  func since() {
    func since(_ situation: Situation) -> Double? {
      situation.diagnose().sinceNs.map { Double(situation.now.nanoseconds - $0) / 1e9 }
    }
    var situation = Situation()
    #expect(since(situation) == 60)
    situation.gate = gate([], state: .open, secondsAgo: 50, at: situation.now)
    #expect(since(situation) == 50)
    situation.commit(signal, secondsAgo: 41)
    situation.commit(order, secondsAgo: 41)
    situation.commit(result(.filled, fill: true), secondsAgo: 40)
    situation.commit(result(.filled, fill: true), secondsAgo: 12)
    #expect(situation.diagnose().verdict == .trading)
    #expect(since(situation) == 40)
    situation.gate = gate([], state: .open, secondsAgo: 20, at: situation.now)
    #expect(since(situation) == 20)
  }

  @Test(
    "a limit that leaves no order room is a block of risk, with the limit's own reason, for as long as it is so"
  )
  func forbidden() {
    for state in [GateState.closed, .verifying] {
      var situation = Situation()
      situation.gate = gate(
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
    "a gate that a failure keeps shut is unhealthy; one that somebody shut, or that has only begun, is not")
  func keptShut() {
    func report(_ state: GateState, failed: Bool, _ change: (inout GateReport) -> Void = { _ in }) -> Bool {
      var report = gate(
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

  @Test("an input that has ended is neither trading nor broken")
  func ended() {
    var situation = Situation()
    situation.status.feed.isConnected = false
    situation.status.feed.isLive = false
    situation.now = situation.now.advanced(by: 3_600_000_000_000)
    #expect(situation.diagnose().verdict == .ended)
  }

  @Test("in the first seconds nobody expects an answer")
  func starting() {
    var situation = Situation()
    situation.now = Situation.start.advanced(by: 1_000_000_000)
    situation.status.feed.frames = 0
    situation.status.feed.lastFrameWall = nil
    situation.status.feed.lastMoveWall = nil
    for name in StageName.allCases { situation.stage(name) { $0.lastEventTime = nil } }
    situation.stage(.ws) { $0.lastEventWall = nil }
    #expect(situation.diagnose().verdict == .starting)
  }

  @Test("the text says verdict, profile, layer, reason, stages and refusals")
  func text() {
    var situation = Situation()
    situation.status.profile = "demo"
    situation.commit(signal, secondsAgo: 3)
    situation.commit(decision(.killSwitch), secondsAgo: 3)
    let text = situation.diagnose().text
    for part in ["BLOCKED", "demo", "risk", "kill_switch", "db_writer", "refused_in_a_row = 1"] {
      #expect(text.contains(part), "\(part) is missing in:\n\(text)")
    }
  }

  @Test("ticks keep ws busy, and a feed without frames is silent all the same")
  func silentBehindTicks() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 10_000_000_000)
    let now = situation.now
    situation.stage(.ws) { $0.lastEventWall = now }
    #expect(situation.diagnose().reason == "silent_feed")
  }

  @Test("frames whose prices stand still are frozen, of a live feed; a recording may stand still")
  func frozen() {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 10_000_000_000)
    situation.status.feed.lastFrameWall = situation.now
    let answer = situation.diagnose()
    #expect(answer.layer == .marketData)
    #expect(answer.reason == "frozen_prices")
    situation.status.feed.isLive = false
    #expect(situation.diagnose().verdict == .quiet)
  }

  @Test("a jump of the clock is the system's, whatever else follows from it")
  func clock() {
    var situation = Situation()
    situation.jump = ClockMonitor.Jump(seconds: -3_600, at: situation.now)
    let answer = situation.diagnose()
    #expect(answer.layer == .system)
    #expect(answer.reason == "clock_jump")
    #expect(answer.summary.contains("-3600"))
  }

  @Test("event time ahead of the clock is said for as long as it is")
  func ahead() {
    var situation = Situation()
    let later = situation.now.advanced(by: 600_000_000_000)
    situation.stage(.risk) { $0.lastEventTime = later }
    #expect(situation.diagnose().reason == "clock_jump")
  }

  private func gate(_ inputs: [GateStateMachine.Input]) -> GateReport {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    for input in inputs { _ = machine.handle(input, at: Situation.start.advanced(by: 50_000_000_000)) }
    return GateReport(machine, at: Situation.start.advanced(by: 60_000_000_000))
  }

  /// A gate in a state since a while, with a check that failed.
  private func gate(
    _ inputs: [GateStateMachine.Input], state: GateState, secondsAgo: Int64, at now: EventTime,
    failed: (GateCheck, ReasonCode)? = nil
  ) -> GateReport {
    var report = gate(inputs)
    report.state = state
    report.sinceNs = now.advanced(by: -secondsAgo * 1_000_000_000).nanoseconds
    for index in report.checks.indices {
      let isFailed = report.checks[index].check == failed?.0
      report.checks[index].outcome = isFailed ? .fail : .pass
      report.checks[index].reason = isFailed ? failed?.1.code ?? "" : "none"
    }
    return report
  }

  @Test("a gate that verifies is no fault, and says which check is next")
  func verifying() {
    var situation = Situation()
    situation.gate = gate([.tick])
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
    situation.gate = gate([.tick, .tick, .verdict(verdict)])
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
    situation.gate = gate([
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
    situation.gate = gate([.close(actor: "operator", reason: "maintenance")])
    situation.stage(.execution) { $0.failure = "it stopped" }
    #expect(situation.diagnose().verdict == .broken)
  }

  @Test("sells with nothing held are no block: the market falls, and there is nothing to do")
  func harmlessRefusals() {
    var situation = Situation()
    for second in stride(from: Int64(50), to: 0, by: -5) {
      situation.commit(signal, secondsAgo: second)
      situation.commit(decision(.nothingToReduce), secondsAgo: second)
    }
    let answer = situation.diagnose()
    #expect(answer.verdict == .quiet)
    #expect(answer.refusals == ["nothing_to_reduce": 10])
  }

  @Test("everything refused for long enough is zero activity, and trips")
  func zeroActivity() {
    var situation = Situation()
    situation.commit(signal, secondsAgo: 30)
    situation.commit(decision(.exposureLimit), secondsAgo: 30)
    func condition(after seconds: Double) -> ReasonCode? {
      var thresholds = DiagnosisThresholds()
      thresholds.zeroActivity = seconds
      return Diagnostician(situation.status, at: situation.now, thresholds: thresholds).condition()
    }
    #expect(condition(after: 31) == nil)
    #expect(condition(after: 29) == .zeroActivity)
  }

  @Test("every answer has a sentence in both languages, and the German one is another")
  func languages() {
    var situations = [Situation(), Situation(), Situation(), Situation(), Situation()]
    situations[1].now = situations[1].now.advanced(by: 60_000_000_000)
    situations[2].stage(.risk) { $0.health = .stalled }
    situations[3].gate = gate([.tick])
    situations[4].commit(signal, secondsAgo: 3)
    situations[4].commit(decision(.exposureLimit), secondsAgo: 3)
    for situation in situations {
      let answer = situation.diagnose()
      #expect(!answer.summary.isEmpty && !answer.summaryDe.isEmpty)
      #expect(answer.summary != answer.summaryDe)
      #expect(answer.text(in: .de).contains(answer.summaryDe))
      #expect(answer.text(in: .de).contains("Stufe"))
    }
  }
}
