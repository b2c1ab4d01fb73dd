import Testing

@testable import CDBDomain

/// A paper exchange and all that it reported. Without jitter unless told: 30 ms there, 30 ms back.
struct ExchangeHarness<Matching: MatchingModel> {
  var exchange: PaperExchange<Matching>
  var outcomes: [PaperExchange<Matching>.Outcome] = []

  init(matching: Matching, _ change: (inout PaperExchangeRules) -> Void = { _ in }) throws {
    var configuration = try Fixture.configuration()
    configuration.exchange.orderLatencyJitter = 0
    change(&configuration.exchange)
    exchange = PaperExchange(configuration: configuration, matching: matching)
  }

  mutating func quote(_ bid: String, _ ask: String, size: String = "1", updateID: Int64 = 1) throws {
    exchange.apply(try Fixture.quote(btc, bid, ask, size: size, updateID: updateID))
  }

  mutating func advance(to time: EventTime) {
    var reported: [PaperExchange<Matching>.Outcome] = []
    exchange.advance(to: time) { reported.append($0) }
    outcomes += reported
  }

  /// Submits at time zero and lets everything happen.
  mutating func execute(_ order: Order) {
    exchange.submit(order, origin: 7, at: at(0))
    advance(to: .distantFuture)
  }

  var statuses: [OrderStatus] { outcomes.map(\.status) }
  var reasons: [ReasonCode] { outcomes.map(\.reason) }
  var fills: [Fill] { outcomes.compactMap(\.fill) }
}

extension ExchangeHarness where Matching == BookMatching {
  init(_ change: (inout PaperExchangeRules) -> Void = { _ in }) throws {
    try self.init(matching: BookMatching(), change)
  }
}
