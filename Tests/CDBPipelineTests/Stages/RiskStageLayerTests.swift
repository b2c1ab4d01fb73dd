import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

/// The real layer, but that it lets everything pass.
private struct OpenLayer: RiskLayer {
  let layer: any RiskLayer
  var name: RiskLayerName { layer.name }
  func limit(in limits: RiskLimits) -> Ratio { layer.limit(in: limits) }
  func figure(of proposal: OrderProposal?, _ figures: RiskFigures) throws(ArithmeticOverflow) -> Ratio {
    try layer.figure(of: proposal, figures)
  }
  func judge(
    _ proposal: OrderProposal, _ figures: RiskFigures, _ limits: RiskLimits, _ latch: inout Latch
  ) throws(ArithmeticOverflow) -> LayerVerdict {
    var verdict = try layer.judge(proposal, figures, limits, &latch)
    verdict.passed = true
    return verdict
  }

  static func chain(_ name: RiskLayerName) -> RiskLayerChain {
    RiskLayerChain(RiskLayerChain.standard.layers.map { $0.name == name ? OpenLayer(layer: $0) : $0 })
  }
}

/// A risk stage to which events happen, with all that it emitted.
private struct Bench {
  static let second: Int64 = 1_000_000_000
  static let start = 1_800_000_000 * second

  var stage: RiskStage
  var outbox = Outbox(producer: .risk, sequences: [0], feedback: 0)
  var time = start
  private var results: UInt64 = 0

  init(
    chain: RiskLayerChain = .standard, _ change: (inout PipelineConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = try Fixture.configuration()
    change(&configuration)
    stage = RiskStage(configuration: configuration, chain: chain)
  }

  @discardableResult
  mutating func take(_ event: Event, partition: UInt16 = 0) -> Disposition {
    outbox.time = EventTime(nanoseconds: time)
    outbox.partition = partition
    return stage.handle(event, &outbox)
  }

  /// A second passes, with a quote before its tick.
  mutating func tick(bid: Int64? = nil) {
    time += Self.second
    if let bid { take(.quote(Make.quote(bid: bid, ask: bid))) }
    take(.tick)
  }

  mutating func fill(_ order: Order, at price: Int64, notional: Int64) {
    results += 1
    let fill = Fill(
      number: 1, price: Price(mantissa: price), quantity: order.quantity, notional: Money(mantissa: notional),
      fee: .zero, liquidity: .taker, bid: Price(mantissa: price), ask: Price(mantissa: price))
    take(
      .result(
        OrderResult(
          id: EventID(producer: .execution, partition: 0, sequence: results), orderID: order.id,
          account: order.account, instrument: order.instrument, side: order.side, status: .filled,
          executedAt: at(time), reportedAt: at(time), fill: fill, reason: .filledCompletely)))
  }

  var events: [Event] { outbox.lanes[0].envelopes.map(\.event) }
  var alerts: [Alert] { events.compactMap { if case .alert(let alert) = $0 { alert } else { nil } } }
  var orders: [Order] { events.compactMap { if case .order(let order) = $0 { order } else { nil } } }
  var decisions: [RiskDecision] {
    events.compactMap { if case .decision(let decision) = $0 { decision } else { nil } }
  }
  var signals: [Signal] { events.compactMap { if case .signal(let signal) = $0 { signal } else { nil } } }
}

@Suite("risk: layers in production")
struct RiskStageLayerTests {
  @Test("the layers prove themselves at the first tick, and again at each interval of event time")
  func interval() throws {
    var bench = try Bench()
    #expect(bench.stage.status.selfTest == nil)
    bench.tick()
    let first = try #require(bench.stage.status.selfTest)
    #expect(first.time == at(bench.time) && first.results.count == RiskLayerName.allCases.count + 1)
    #expect(first.results.filter { !$0.passed }.isEmpty)
    for _ in 1...9 { bench.tick() }
    #expect(bench.stage.selfTest?.time == first.time)
    bench.tick()
    #expect(bench.stage.selfTest?.time == at(bench.time))
    #expect(bench.alerts.isEmpty)
  }

  @Test(
    "case 9: whichever layer lets its violation pass, an alert names it within the interval, once",
    arguments: RiskLayerName.allCases)
  func planted(layer: RiskLayerName) throws {
    var bench = try Bench(chain: OpenLayer.chain(layer))
    for _ in 1...30 { bench.tick() }
    #expect(bench.alerts.count == 1)
    let alert = try #require(bench.alerts.first)
    #expect(alert.level == .critical && alert.reason == .riskSelfTestFailed)
    #expect(alert.context["layer"] == layer.rawValue && alert.context["expected"] == layer.reason.code)
    let got = try #require(alert.context["got"])
    #expect(ReasonCode(code: got) != nil && got != layer.reason.code)
    let report = try #require(bench.stage.status.selfTest)
    #expect(report.results.filter { $0.outcome == .fail }.map(\.layer) == [layer])
    #expect(report.time >= at(bench.time - bench.stage.engine.limits.selfTestInterval))
  }

  @Test(
    "other limits are tested at once; those that leave no order room are no fault of the layers, and are told"
  )
  func reconfigured() throws {
    var bench = try Bench()
    bench.tick()
    var configuration = try Fixture.configuration()
    configuration.risk.maximumPosition = Ratio(basisPoints: 500)
    for (limits, expected) in [
      (configuration, ReasonCode.positionSizeLimit), (try Fixture.configuration(), .none),
    ] {
      bench.time += 1
      bench.take(.control(.configure(limits)))
      let report = try #require(bench.stage.status.selfTest)
      #expect(report.time == at(bench.time))
      #expect(report.results.last?.expected == expected && report.results.last?.got == expected)
    }
    #expect(bench.alerts.isEmpty)
  }

  @Test("a loss trips the stop-loss at a tick: the stage sells, by a signal and a decision of its own, once")
  func protectiveExit() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    bench.take(.signal(Make.signal()))
    let order = try #require(bench.orders.first)
    bench.fill(order, at: 50_000_00, notional: 1_000_00000000)
    bench.tick(bid: 49_000_00)
    #expect(bench.signals.count == 1)
    bench.tick(bid: 48_000_00)
    #expect(bench.events.suffix(4).map(\.kind) == [.tick, .signal, .decision, .order])
    let signal = try #require(bench.signals.last)
    #expect(signal.strategy == "stop_loss" && signal.id.producer == .risk && signal.side == .sell)
    #expect(signal.referencePrice == Price(mantissa: 48_000_00))
    #expect(
      signal.features["loss"] == Ratio(basisPoints: 400)
        && signal.features["limit"] == Ratio(basisPoints: 300))
    let sale = try #require(bench.orders.last)
    #expect(sale.signalID == signal.id && sale.side == .sell && sale.quantity == order.quantity)
    let events = bench.outbox.lanes[0].envelopes.suffix(3).map(\.event)
    #expect(
      events.compactMap(\.ownID?.sequence)
        == Array((bench.outbox.lanes[0].sequence - 2)...bench.outbox.lanes[0].sequence))
    for _ in 1...5 { bench.tick(bid: 47_000_00) }
    #expect(bench.orders.count == 2)
    #expect(bench.stage.status.tripped.map(\.layer) == [.stopLoss])
    bench.fill(sale, at: 48_000_00, notional: 960_00000000)
    bench.tick(bid: 47_000_00)
    #expect(bench.orders.count == 2 && bench.stage.status.tripped.isEmpty)
  }

  @Test(
    "states without a signal: what a booked result and a tick show is on the board, with figure and since")
  func states() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    #expect(bench.stage.status.tradingState == .active)
    #expect(bench.stage.status.layers.map(\.layer) == RiskLayerName.allCases)
    bench.take(.signal(Make.signal()))
    let order = try #require(bench.orders.first)
    bench.fill(order, at: 50_000_00, notional: 1_600_00000000)
    let tripped = try #require(bench.stage.status.tripped.first)
    #expect(bench.stage.status.tradingState == .reducing)
    #expect(tripped.layer == .drawdownDaily && tripped.since == at(bench.time))
    #expect(tripped.figure == Ratio(basisPoints: 600) && tripped.limit == Ratio(basisPoints: 500))
    #expect(bench.stage.status.peakEquity == bench.stage.status.startingCash)
    bench.take(.control(.stop(reason: "a test")))
    #expect(bench.stage.status.tradingState == .halted && bench.stage.status.canaryState == .halted)
    #expect(bench.stage.status.tripped.first?.layer == .killSwitch)
    bench.take(.control(.resume(justification: "tested")))
    #expect(bench.stage.status.tradingState == .reducing && bench.stage.status.canaryState == .active)
  }

  @Test("data that stops coming trips without a signal, and the next quote releases it at the next tick")
  func staleness() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    for _ in 1...10 { bench.tick() }
    #expect(bench.stage.status.tripped.isEmpty)
    bench.tick()
    #expect(bench.stage.status.tripped.map(\.layer) == [.dataStaleness])
    bench.tick(bid: 50_000_00)
    #expect(bench.stage.status.tripped.isEmpty)
  }
}

@Suite("risk: probes")
struct RiskStageProbeTests {
  private func probed(_ bench: inout Bench, _ number: UInt64) -> Disposition {
    bench.outbox.time = at(bench.time)
    return bench.stage.probe(number: number, instrument: Make.bitcoin, &bench.outbox)
  }

  @Test("a probe is a signal, a decision and the smallest order in the shadow account; the next one sells it")
  func probe() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    let before = bench.stage.engine[.trading]
    var disposition = probed(&bench, 17)
    #expect(disposition == .acted)
    #expect(bench.events.suffix(3).map(\.kind) == [.signal, .decision, .order])
    #expect(bench.events.suffix(3).allSatisfy { $0.isProbe })
    let signal = try #require(bench.signals.last)
    #expect(signal.strategy == "canary" && signal.id.producer == .risk && signal.side == .buy)
    #expect(signal.features["probe"] == Ratio(count: 17))
    #expect(bench.decisions.last?.signalID == signal.id && bench.decisions.last?.account == "canary")
    let order = try #require(bench.orders.last)
    #expect(order.account == "canary" && order.quantity == Quantity(mantissa: 20_000))
    #expect(!bench.stage.desk.orders.isEmpty)
    disposition = probed(&bench, 18)
    #expect(bench.decisions.last?.reason == .openOrderPending)

    bench.fill(order, at: 50_000_00, notional: 10_00000000)
    #expect(bench.stage.desk.orders.isEmpty)
    #expect(bench.stage.engine[.trading] == before)
    #expect(bench.stage.engine[.canary].account.positions[0].quantity == order.quantity)
    bench.tick(bid: 50_000_00)
    disposition = probed(&bench, .max)
    #expect(bench.orders.last?.side == .sell && bench.orders.last?.quantity == order.quantity)
  }

  @Test(
    "a probe without a price or while stopped is refused as an order is; of an unknown instrument it is dropped"
  )
  func refused() throws {
    var bench = try Bench()
    var disposition = probed(&bench, 1)
    #expect(disposition == .acted && bench.decisions.last?.reason == .noReferencePrice)
    bench.tick(bid: 50_000_00)
    bench.take(.control(.stop(reason: "a test")))
    disposition = probed(&bench, 2)
    #expect(bench.decisions.last?.reason == .killSwitch && bench.orders.isEmpty)
    let emitted = bench.events.count
    disposition = bench.stage.probe(number: 3, instrument: InstrumentID(99), &bench.outbox)
    #expect(disposition == .dropped(.unknownSymbol) && bench.events.count == emitted)
  }

  @Test("while a probe's order is open risk waits for its result, whatever the trading account does")
  func waits() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    _ = probed(&bench, 1)
    let probe = try #require(bench.orders.last)
    bench.time += 1
    bench.take(.signal(Make.signal()))
    let order = try #require(bench.orders.last)
    bench.fill(order, at: 50_000_00, notional: 1_000_00000000)
    #expect(!bench.stage.desk.orders.isEmpty)
    bench.fill(probe, at: 50_000_00, notional: 10_00000000)
    #expect(bench.stage.desk.orders.isEmpty)
  }

  @Test("a result of an account that nobody has is dropped and counted")
  func strangeAccount() throws {
    var bench = try Bench()
    var result = Make.result(1, of: EventID(producer: .risk, partition: 0, sequence: 1), .filled, fee: 1)
    result.account = "somebody's"
    let disposition = bench.take(.result(result))
    #expect(disposition == .dropped(.unexpectedEvent))
  }

  @Test("probes count in no projection: neither on the board nor in the store's totals")
  func projections() throws {
    var bench = try Bench()
    bench.tick(bid: 50_000_00)
    _ = probed(&bench, 1)
    var tally = OrderPathTally()
    for envelope in bench.outbox.lanes[0].envelopes { tally.add(envelope, wall: 1) }
    #expect(tally.signals.isEmpty && tally.decisions.isEmpty && tally.orders.isEmpty)
    bench.take(.signal(Make.signal()))
    for envelope in bench.outbox.lanes[0].envelopes { tally.add(envelope, wall: 1) }
    #expect(tally.signals.values.reduce(0, +) == 1 && tally.orders.values.reduce(0, +) == 1)
  }
}

@Suite("risk: snapshots")
struct RiskStageSnapshotTests {
  /// A market that falls and rises, with signals, fills, probes and a stop, one second a step.
  private static func step(_ number: Int64, _ bench: inout Bench) {
    let price = 50_000_00 + (number % 7 - 3) * 1_000_00 - number * 100_00
    bench.tick(bid: price)
    if number % 3 == 0 {
      bench.take(.signal(Make.signal(UInt64(number), side: number % 2 == 0 ? .buy : .sell)))
    }
    if number % 5 == 0 {
      bench.outbox.time = at(bench.time)
      _ = bench.stage.probe(number: UInt64(number), instrument: Make.bitcoin, &bench.outbox)
    }
    if number == 40 { bench.take(.control(.stop(reason: "a test"))) }
    if number == 44 { bench.take(.control(.resume(justification: "tested"))) }
    for order in bench.orders where number % 2 == 0 {
      guard
        bench.stage.engine.role(of: order.account).map({ role in
          bench.stage.engine[role].account.openOrders.contains { $0.id == order.id }
        }) == true
      else { continue }
      bench.fill(order, at: price, notional: price * order.quantity.mantissa / 100)
    }
  }

  @Test(
    "a stage restored anywhere goes on to the same events and the same state", arguments: [1, 13, 30, 42, 59])
  func anywhere(split: Int64) throws {
    var whole = try Bench()
    var restored = try Bench()
    for number in 1...80 as ClosedRange<Int64> {
      if number == split {
        let encoded = try JSONEncoder().encode(restored.stage)
        restored.stage = try JSONDecoder().decode(RiskStage.self, from: encoded)
      }
      Self.step(number, &whole)
      Self.step(number, &restored)
    }
    #expect(whole.outbox.lanes[0].envelopes == restored.outbox.lanes[0].envelopes)
    #expect(whole.stage.engine == restored.stage.engine && whole.stage.selfTest == restored.stage.selfTest)
    #expect(whole.signals.contains { $0.strategy == "stop_loss" })
    #expect(
      whole.decisions.contains { $0.reason == .killSwitch }
        && whole.orders.contains { $0.account == "canary" })
  }
}

extension Event {
  /// The id of an event that risk made.
  fileprivate var ownID: EventID? {
    switch self {
    case .signal(let signal): signal.id
    case .decision(let decision): decision.id
    case .order(let order): order.id
    default: nil
    }
  }
}
