import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("execution, event by event")
struct ExecutionStageTests {
  private static let second: Int64 = 1_000_000_000

  private static func order(_ sequence: UInt64) -> Event {
    .order(
      Order(
        id: EventID(producer: .risk, partition: 0, sequence: sequence), signalID: Make.signal(sequence).id,
        account: "paper", instrument: Make.bitcoin, side: .buy, type: .market,
        quantity: Quantity(mantissa: 1_000), referencePrice: Price(mantissa: 50_000_00), layers: []))
  }

  @Test(
    "an order rests until a trade comes to it or a cancel does; each is reported a latency later, and passed on"
  )
  func resting() throws {
    var configuration = try Fixture.configuration()
    configuration.exchange.orderLatency = LatencyDistribution(constant: 1_000)
    configuration.exchange.cancelLatency = LatencyDistribution(constant: 1_000)
    configuration.exchange.reportLatency = LatencyDistribution(constant: 5_000)
    var stage = ExecutionStage(configuration: configuration, matching: BookMatching())
    var outbox = Outbox(producer: .execution, sequences: [0], feedback: 0)
    let price = Price(mantissa: 50_000_00)
    func limit(_ sequence: UInt64) -> Event {
      guard case .order(var order) = Self.order(sequence) else { return .tick }
      (order.type, order.limitPrice) = (.limit, price)
      order.quantity = Quantity(mantissa: 100_000)
      return .order(order)
    }
    let trade = Trade(
      instrument: Make.bitcoin, aggressor: .sell, exchangeTime: nil, tradeID: 1, price: price,
      quantity: Quantity(mantissa: 200_000))
    let cancel = CancelRequest(
      id: EventID(producer: .risk, partition: 0, sequence: 9),
      orderID: EventID(producer: .risk, partition: 0, sequence: 2), account: "paper",
      instrument: Make.bitcoin, reason: .patienceExhausted)
    let events: [(Int64, Event)] = [
      (1, .quote(Make.quote())), (2, limit(1)), (3, .trade(trade)), (4, limit(2)), (5, .cancel(cancel)),
      (6, .tick),
    ]
    var dispositions: [Disposition] = []
    for (seconds, event) in events {
      outbox.time = at(seconds * Self.second)
      dispositions.append(stage.handle(event, &outbox))
    }
    #expect(
      dispositions == [
        .absorbed(.marketState), .acted, .absorbed(.marketState), .acted, .acted, .absorbed(.tick),
      ])
    let results = outbox.takeFeedback().envelopes.compactMap { envelope -> OrderResult? in
      guard case .result(let result) = envelope.event, result.reportedAt == envelope.time else { return nil }
      return result
    }
    #expect(results.map(\.status) == [.accepted, .filled, .accepted, .cancelled])
    #expect(results.map(\.reason) == [.none, .filledCompletely, .none, .patienceExhausted])
    #expect(
      results.map(\.executedAt.nanoseconds)
        == [2 * Self.second + 1_000, 3 * Self.second, 4 * Self.second + 1_000, 5 * Self.second + 1_000])
    #expect(results.allSatisfy { $0.reportedAt == $0.executedAt.advanced(by: 5_000) })
    let kinds = outbox.takeLane(0).envelopes.map(\.event.kind)
    #expect(kinds == [.order, .result, .result, .order, .result, .cancel, .result])
  }

  @Test("reports do not overtake each other, also where the latency has become shorter")
  func reportsInOrder() throws {
    var configuration = try Fixture.configuration()
    configuration.exchange.reportLatency = LatencyDistribution(constant: 3 * Self.second)
    var stage = ExecutionStage(configuration: configuration, matching: BookMatching())
    var outbox = Outbox(producer: .execution, sequences: [0], feedback: 0)
    configuration.exchange.reportLatency = LatencyDistribution(constant: 1_000_000)
    let events: [(Int64, Event)] = [
      (1, .quote(Make.quote())), (2, Self.order(1)), (3, .tick), (3, .control(.configure(configuration))),
      (3, Self.order(2)), (4, .tick),
    ]
    for (seconds, event) in events {
      outbox.time = at(seconds * Self.second)
      _ = stage.handle(event, &outbox)
    }
    let reports = outbox.takeFeedback().envelopes
    let orders = reports.compactMap { if case .result(let result) = $0.event { result.orderID } else { nil } }
    #expect(orders.count == reports.count)
    #expect(Set(orders).count == 2)
    #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.time <= $1.time })
  }
}
