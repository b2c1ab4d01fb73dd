import Testing

@testable import CDBDomain

@Suite("The gate at the exchange's door")
struct GateDoorTests {
  private func market() throws -> ExchangeHarness<BookMatching> {
    var harness = try ExchangeHarness()
    try harness.snapshot(bids: [("49999", "5")], asks: [("50001", "5")])
    return harness
  }

  private func set(_ gate: GateState, _ harness: inout ExchangeHarness<BookMatching>) {
    var reported: [ExchangeOutcome] = []
    harness.exchange.set(gate: gate, at: harness.now) { reported.append($0) }
    harness.outcomes += reported
  }

  @Test(
    "an order that is under way when the gate changes is judged when it arrives",
    arguments: [
      (GateState.closed, ReasonCode.gateClosed), (.verifying, .gateVerifying), (.tripped, .gateTripped),
      (.stopped, .gateStopped),
    ])
  func underWay(gate: GateState, reason: ReasonCode) throws {
    var harness = try market()
    harness.exchange.submit(try Fixture.order(1, .buy, "0.5"), origin: 7, at: at(0))
    harness.advance(to: at(20 * millisecond))
    set(gate, &harness)
    harness.advance(to: .distantFuture)
    #expect(harness.statuses == [.rejected])
    #expect(harness.reasons == [reason])
    #expect(harness.outcomes.first?.executedAt == at(30 * millisecond))
  }

  @Test("an order that was refused at a closed gate passes once it is open")
  func opens() throws {
    var harness = try market()
    set(.closed, &harness)
    harness.execute(try Fixture.order(1, .buy, "0.5"))
    set(.open, &harness)
    harness.execute(try Fixture.order(2, .buy, "0.5"))
    #expect(harness.statuses == [.rejected, .accepted, .filled])
  }

  @Test("what waits and would add is taken out at once; what reduces goes on waiting, but for a stop")
  func waiting() throws {
    for (gate, left) in [(GateState.tripped, 1), (.verifying, 1), (.closed, 0), (.stopped, 0)] {
      var harness = try market()
      harness.execute(
        try Fixture.order(1, .buy, "0.5", type: .limit, limit: "49990"),
        try Fixture.order(2, .buy, "0.5", type: .stop, stop: "50100"),
        try Fixture.order(3, .sell, "0.5", type: .limit, limit: "50100"))
      #expect(harness.exchange.waitingOrders == 3)
      set(gate, &harness)
      #expect(harness.exchange.waitingOrders == left)
      #expect(harness.statuses.count { $0 == .cancelled } == 3 - left)
      // The market comes to their prices, and nothing that would add is filled.
      try harness.trade("49980", "9", .sell)
      try harness.trade("50200", "9", .buy)
      #expect(harness.fills.count == left)
      #expect(harness.outcomes.filter { $0.fill != nil }.allSatisfy { $0.order.side == .sell })
    }
  }

  @Test("a gate that is not enforced lets everything through, until a stop")
  func unguarded() throws {
    var harness = try market()
    #expect(harness.exchange.gate == .open)
    harness.execute(try Fixture.order(1, .buy, "0.5"))
    set(GateState.open.after(.stop(reason: "x"), enforced: false), &harness)
    harness.execute(try Fixture.order(2, .sell, "0.5"))
    #expect(harness.statuses == [.accepted, .filled, .rejected])
    #expect(harness.reasons.last == .gateStopped)
  }
}
