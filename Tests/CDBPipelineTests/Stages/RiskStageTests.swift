import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("risk, event by event")
struct RiskStageTests {
  private struct Bench {
    var stage: RiskStage
    var outbox = Outbox(producer: .risk, sequences: [0], feedback: 0)

    init(_ change: (inout PipelineConfiguration) -> Void = { _ in }) throws {
      var configuration = try Fixture.configuration()
      change(&configuration)
      stage = RiskStage(configuration: configuration)
    }

    mutating func take(_ event: Event, at time: Int64, partition: UInt16 = 0) -> Disposition {
      outbox.time = EventTime(nanoseconds: time)
      outbox.partition = partition
      return stage.handle(event, &outbox)
    }

    mutating func awaited(after known: EventTime) -> EventTime? { stage.awaitsAnswer(after: known) }

    var cancels: [CancelRequest] {
      outbox.lanes[0].envelopes.compactMap {
        if case .cancel(let cancel) = $0.event { cancel } else { nil }
      }
    }

    var orders: [Order] {
      outbox.lanes[0].envelopes.compactMap { if case .order(let order) = $0.event { order } else { nil } }
    }
  }

  @Test("ticks and commands come once a partition, and partition 0's speaks for all")
  func copies() throws {
    var bench = try Bench()
    var dispositions = [bench.take(.tick, at: 1), bench.take(.tick, at: 1, partition: 1)]
    #expect(dispositions == [.acted, .absorbed(.tick)])
    let stop = Event.control(.stop(reason: "a test"))
    dispositions = [bench.take(stop, at: 2), bench.take(stop, at: 2, partition: 1)]
    #expect(dispositions == [.acted, .absorbed(.applied)])
    #expect(bench.outbox.lanes[0].sequence == 2)
    #expect(bench.stage.engine.killSwitch == "a test")
  }

  @Test("a signal goes on with its decision, and an approved one with its order, in that order")
  func decision() throws {
    var bench = try Bench()
    _ = bench.take(.quote(Make.quote()), at: 1)
    _ = bench.take(.signal(Make.signal()), at: 2)
    #expect(bench.outbox.lanes[0].envelopes.map(\.event.kind) == [.quote, .signal, .decision, .order])
    let order = try #require(bench.orders.first)
    #expect(order.id == EventID(producer: .risk, partition: 0, sequence: 4))
    #expect(order.signalID == Make.signal().id)
    #expect(bench.stage.desk.orders.map(\.id) == [order.id])
    let arrival = PaperExchangeRules().arrival(of: order.id, sentAt: at(2))
    #expect(bench.awaited(after: at(2)) == arrival)
    #expect(bench.awaited(after: arrival) == nil)
  }

  @Test("without a price there is nothing to decide by: refused, no order")
  func noPrice() throws {
    var bench = try Bench()
    _ = bench.take(.signal(Make.signal()), at: 2)
    guard case .decision(let decision)? = bench.outbox.lanes[0].envelopes.last?.event else {
      Issue.record("no decision")
      return
    }
    #expect(!decision.approved)
    #expect(decision.reason == .noReferencePrice)
    #expect(bench.awaited(after: .distantPast) == nil)
  }

  @Test("while an order is open, the look ahead is the smallest latency that it may still be reported by")
  func latency() throws {
    var bench = try Bench()
    let initial = bench.stage.smallestFeedbackLatency
    func configured(_ latency: Int64) throws -> Event {
      var configuration = try Fixture.configuration()
      configuration.exchange.reportLatency = LatencyDistribution(constant: latency)
      return .control(.configure(configuration))
    }
    _ = bench.take(try configured(5 * initial), at: 1)
    #expect(bench.stage.smallestFeedbackLatency == 5 * initial)
    _ = bench.take(.quote(Make.quote()), at: 2)
    _ = bench.take(.signal(Make.signal()), at: 3)
    for (latency, expected) in [(9 * initial, 5 * initial), (initial, initial), (9 * initial, initial)] {
      _ = bench.take(try configured(latency), at: 4)
      #expect(bench.stage.smallestFeedbackLatency == expected)
    }
    let order = try #require(bench.orders.first)
    let disposition = bench.take(.result(Make.result(1, of: order.id, .rejected, at: 7)), at: 7)
    #expect(disposition == .absorbed(.applied))
    #expect(bench.awaited(after: .distantPast) == nil)
    #expect(bench.stage.smallestFeedbackLatency == 9 * initial)
  }

  @Test("in the style limit an order waits at the best price of its side, and is cancelled once, on a tick")
  func patience() throws {
    var bench = try Bench {
      $0.orders.style = .limit
      $0.orders.patience = 1_000
    }
    _ = bench.take(.quote(Make.quote()), at: 1)
    _ = bench.take(.signal(Make.signal()), at: 2)
    let order = try #require(bench.orders.first)
    #expect(order.type == .limit && order.limitPrice == Make.quote().bid)
    for (time, partition, cancels) in [(1_001, 0, 0), (1_002, 1, 0), (1_003, 0, 1), (1_004, 0, 1)] {
      _ = bench.take(.tick, at: Int64(time), partition: UInt16(partition))
      #expect(bench.cancels.count == cancels)
    }
    let cancel = try #require(bench.cancels.first)
    #expect(cancel.orderID == order.id && cancel.account == "paper" && cancel.reason == .patienceExhausted)
    #expect(bench.outbox.lanes[0].envelopes.suffix(3).map(\.event.kind) == [.tick, .cancel, .tick])
    _ = bench.take(.control(.stop(reason: "a test")), at: 1_005)
    #expect(bench.cancels.count == 1)
  }

  @Test(
    "a stop takes back what may rest; what only takes is left to arrive", arguments: OrderRules.Style.allCases
  )
  func stopCancels(style: OrderRules.Style) throws {
    var bench = try Bench { $0.orders.style = style }
    _ = bench.take(.quote(Make.quote()), at: 1)
    _ = bench.take(.signal(Make.signal()), at: 2)
    _ = bench.take(.control(.stop(reason: "a test")), at: 3)
    #expect(bench.cancels.map(\.reason) == (style == .limit ? [.killSwitch] : []))
    _ = bench.take(.control(.stop(reason: "again")), at: 4)
    #expect(bench.cancels.count == (style == .limit ? 1 : 0))
  }

  @Test("an order that only waits is not waited for; one that the market may have touched is")
  func touched() throws {
    var bench = try Bench { $0.orders.style = .limit }
    _ = bench.take(.quote(Make.quote()), at: 1)
    _ = bench.take(.signal(Make.signal()), at: 2)
    let second: Int64 = 1_000_000_000
    let order = try #require(bench.orders.first)
    _ = bench.take(.result(Make.result(1, of: order.id, .accepted, at: second)), at: second)
    _ = bench.take(.quote(Make.quote(bid: 50_010_00, ask: 50_011_00)), at: 2 * second)
    #expect(bench.awaited(after: at(second)) == nil)
    let trade = Trade(
      instrument: Make.bitcoin, aggressor: .sell, exchangeTime: nil, tradeID: 1,
      price: Price(mantissa: 50_000_00), quantity: Quantity(mantissa: 1))
    _ = bench.take(.trade(trade), at: 3 * second)
    #expect(bench.awaited(after: at(second)) == at(3 * second))
    #expect(bench.awaited(after: at(3 * second)) == nil)
  }

  @Test("what only risk makes is not taken from others")
  func foreign() throws {
    var bench = try Bench()
    let cancel = CancelRequest(
      id: Make.result(1, of: Make.signal().id, .filled).id, orderID: Make.signal().id, account: "paper",
      instrument: Make.bitcoin, reason: .none)
    let dispositions = [
      bench.take(.decision(Make.decision(1)), at: 1), bench.take(.cancel(cancel), at: 2),
    ]
    #expect(dispositions == [.dropped(.unexpectedEvent), .dropped(.unexpectedEvent)])
  }
}
