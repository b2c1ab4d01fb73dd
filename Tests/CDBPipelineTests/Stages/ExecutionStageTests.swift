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
