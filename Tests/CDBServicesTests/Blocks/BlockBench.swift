import CDBGate
import CDBPipeline
import Foundation
import Logging
import Synchronization

@testable import CDBDomain
@testable import CDBServices

/// A keeper of blocks on a clock that the test moves, over a real store that a scripted market fills: hours of it pass in
/// milliseconds.
final class BlockBench: Sendable {
  static let second: Int64 = 1_000_000_000
  static let hour: Int64 = 3_600 * second
  static let start = EventTime(nanoseconds: 1_795_507_200_000_000_000)

  private struct State {
    var now = BlockBench.start
    var origin: UInt64 = 0
    var sequence: UInt64 = 0
    var signals: UInt64 = 0
    var results: UInt64 = 0
    var ledger = NodeLedger()
    var fills = 0
    var cash = Money(mantissa: 10_000_00000000)
    var fees = Money.zero
    var held = Quantity.zero
    var gate = GateState.open
    var takesCommands = true
    var register = IncidentRegister()
    /// Accepted by the input, and not yet in the store.
    var pending: [Envelope] = []
  }

  private let state = Mutex(State())
  let store: SQLiteStore
  let directory: String
  let configuration: PipelineConfiguration
  let board = BlockBoard()

  init(in directory: String) throws {
    self.directory = directory
    store = try SQLiteStore(path: directory + "/store.sqlite")
    configuration = PipelineConfiguration(
      profile: "default", instruments: try InstrumentCatalogue([Instrument.binanceSpot("BTCUSDT")]))
    add(.control(.configure(configuration)))
  }

  var now: EventTime { state.withLock { $0.now } }
  func set(gate: GateState) { state.withLock { $0.gate = gate } }
  func set(takesCommands: Bool) { state.withLock { $0.takesCommands = takesCommands } }

  /// A keeper as a new process would have it.
  func keeper(
    plan: BlockPlan = BlockPlan(duration: 72 * BlockBench.hour), earlier: UInt64 = 0
  ) -> BlockKeeper {
    BlockKeeper(
      plan: plan,
      surroundings: BlockKeeper.Surroundings(
        now: { self.now }, figures: { self.figures }, gate: { self.report },
        incidents: { self.state.withLock { $0.register.incidents } },
        submit: { control in
          guard self.state.withLock({ $0.takesCommands }) else { return nil }
          return self.add(.control(control))
        },
        journaled: { _ in true }),
      store: store, dataDirectory: directory, maximumSlippage: Ratio(basisPoints: 50), board: board,
      beginning: .run(records: earlier, past: nil), patience: .zero,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Lets time pass, and commits what has come to the store.
  func pass(_ nanoseconds: Int64) async throws {
    state.withLock { $0.now = $0.now.advanced(by: nanoseconds) }
    try await commit()
  }

  func commit() async throws {
    let (envelopes, position) = state.withLock { state in
      defer { state.pending = [] }
      return (
        state.pending,
        SinkPosition(sequence: state.sequence, ledger: state.ledger, origin: state.origin)
      )
    }
    _ = try await store.commit(envelopes, position: position, configuration: configuration)
  }

  /// An event of the sink's input, now.
  @discardableResult
  func add(_ event: Event) -> UInt64 {
    state.withLock { state in
      state.origin += 1
      state.sequence += 1
      // Event times ascend; several of one instant are a nanosecond apart.
      state.now = state.now.advanced(by: 1)
      state.ledger.received += 1
      state.ledger.receivedByKind[event.kind] += 1
      state.pending.append(Envelope(time: state.now, origin: state.origin, event: event))
      return state.origin
    }
  }

  func answer(_ verdict: Verdict, _ reason: String? = nil, layer: Layer? = nil) {
    add(
      .control(
        .answer(
          Answer(
            since: now, verdict: verdict, layer: layer, reason: reason, summary: "because", summaryDe: "weil",
            evidence: [Evidence("frames", "7")]))))
  }

  /// A step of the only incident, now.
  func incident(_ step: IncidentEvent.Step, text: String? = nil) {
    let event = IncidentEvent(
      incident: 1, step: step, at: now, actor: "policy", severity: .warning, layer: .marketData,
      reason: "silent_feed", text: text)
    add(.control(.incident(event)))
    state.withLock { $0.register.remember([event], at: event.at) }
  }

  /// A minute of market that ends now at this price.
  func close(_ price: Int64) {
    let end = now
    add(
      .summary(
        MarketSummary(
          instrument: InstrumentID(0), start: end.advanced(by: -60 * Self.second), end: end,
          open: Price(mantissa: price), high: Price(mantissa: price), low: Price(mantissa: price),
          close: Price(mantissa: price), volume: Quantity(mantissa: 5), trades: 5, quotes: 7, bookUpdates: 9))
    )
  }

  /// A signal, and what becomes of it.
  func signal(_ side: Side, price: Int64 = 60_000_00, refused reason: ReasonCode? = nil) throws {
    let number = state.withLock { state in
      state.signals += 1
      return state.signals
    }
    let instrument = InstrumentID(0)
    let signal = EventID(producer: .core, partition: 0, sequence: number)
    let order = EventID(producer: .risk, partition: 0, sequence: 2 * number)
    add(
      .signal(
        Signal(
          id: signal, instrument: instrument, side: side, strategy: "momentum", strength: .one,
          referencePrice: Price(mantissa: price), features: [:])))
    add(
      .decision(
        RiskDecision(
          id: EventID(producer: .risk, partition: 0, sequence: 2 * number - 1), signalID: signal,
          account: "paper", instrument: instrument, side: side, approved: reason == nil,
          reason: reason ?? .none, layers: [])))
    guard reason == nil else { return }
    let quantity = Quantity(mantissa: 100_000)
    add(
      .order(
        Order(
          id: order, signalID: signal, account: "paper", instrument: instrument, side: side, type: .market,
          quantity: quantity, referencePrice: Price(mantissa: price), layers: [])))
    let notional = try configuration.instruments[instrument].notional(
      Price(mantissa: price), quantity, rounding: .up)
    let fee = Money(mantissa: notional.mantissa / 1_000)
    for status in [OrderStatus.accepted, .filled] {
      let id = state.withLock { state in
        state.results += 1
        return EventID(producer: .execution, partition: 0, sequence: state.results)
      }
      let executed = now
      add(.tick)
      add(
        .result(
          OrderResult(
            id: id, orderID: order, account: "paper", instrument: instrument, side: side, status: status,
            executedAt: executed, reportedAt: now,
            fill: status == .filled
              ? Fill(
                number: 1, price: Price(mantissa: price), quantity: quantity, notional: notional, fee: fee,
                liquidity: .taker, bid: Price(mantissa: price), ask: Price(mantissa: price)) : nil,
            reason: .none)))
    }
    try state.withLock { state in
      let amount = side == .buy ? try Money.zero - notional : notional
      state.cash = try state.cash + amount - fee
      state.fees = try state.fees + fee
      state.held = side == .buy ? try state.held + quantity : try state.held - quantity
      state.fills += 1
    }
  }

  /// What the process says of itself.
  var figures: BlockFigures {
    state.withLock { state in
      BlockFigures(
        books: BlockFigures.Books(
          account: "paper", fills: state.fills, startingCash: Money(mantissa: 10_000_00000000),
          cash: state.cash, fees: state.fees, equity: state.cash,
          positions: [.init(symbol: "BTCUSDT", quantity: state.held)]),
        stages: StageName.allCases.map {
          .init(stage: $0, received: Int64(state.sequence), emitted: 0, absorbed: 0, dropped: 0)
        }, barrier: 1, gate: state.gate)
    }
  }

  private var report: GateReport {
    let machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: now)
    var report = GateReport(machine, at: now)
    report.state = state.withLock { $0.gate }
    for index in report.checks.indices { report.checks[index].outcome = .pass }
    return report
  }

  func file(_ name: String, of block: Int = 1) throws -> String {
    try String(contentsOfFile: "\(directory)/blocks/000\(block)/\(name)", encoding: .utf8)
  }
}
