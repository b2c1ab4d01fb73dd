import CDBDomain

@testable import CDBGate
@testable import CDBPipeline

/// A status in which everything works, to break one thing at a time.
struct Situation {
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

/// What the order path commits.
enum Sample {
  private static let id = EventID(producer: .core, partition: 0, sequence: 1)
  static let signal = Event.signal(
    Signal(
      id: id, instrument: InstrumentID(0), side: .buy, strategy: "momentum", strength: .one,
      referencePrice: Price(mantissa: 100), features: [:]))

  static func decision(_ reason: ReasonCode) -> Event {
    .decision(
      RiskDecision(
        id: id, signalID: id, account: "paper", instrument: InstrumentID(0), side: .buy,
        approved: reason == .none, reason: reason, layers: []))
  }

  static let order = Event.order(
    Order(
      id: id, signalID: id, account: "paper", instrument: InstrumentID(0), side: .buy, type: .market,
      quantity: Quantity(mantissa: 1), referencePrice: Price(mantissa: 100), layers: []))

  static func result(_ status: OrderStatus, fill: Bool, _ reason: ReasonCode = .none) -> Event {
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

  /// A gate after these inputs, all at once.
  static func gate(_ inputs: [GateStateMachine.Input]) -> GateReport {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    for input in inputs { _ = machine.handle(input, at: Situation.start.advanced(by: 50_000_000_000)) }
    return GateReport(machine, at: Situation.start.advanced(by: 60_000_000_000))
  }

  /// A gate in a state since a while, with a check that failed.
  static func gate(
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
}
