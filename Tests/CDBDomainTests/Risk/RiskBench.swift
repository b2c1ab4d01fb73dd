import Testing

@testable import CDBDomain

/// An engine to which things happen: quoted at 50,000 and 3,000; 10,000 of cash; orders of 1,000.
struct RiskBench {
  /// Noon of a UTC day.
  static let noon = at(1_795_521_600 * second)
  static let day = 86_400 * second

  var engine: RiskEngine
  var time = noon
  private var sequence: UInt64 = 0

  init(
    chain: RiskLayerChain = .standard, _ change: (inout PipelineConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = try Fixture.configuration()
    change(&configuration)
    engine = RiskEngine(configuration: configuration, chain: chain)
    try quote(btc, "50000")
    try quote(eth, "3000")
  }

  mutating func pass(_ nanoseconds: Int64) {
    time = time.advanced(by: nanoseconds)
  }

  /// Time goes on and both instruments are quoted anew, as they were unless told otherwise.
  mutating func pass(_ nanoseconds: Int64, btc bitcoin: String, eth ether: String = "3000") throws {
    pass(nanoseconds)
    try quote(btc, bitcoin)
    try quote(eth, ether)
    engine.look(at: time)
  }

  mutating func quote(_ instrument: InstrumentID, _ bid: String, _ ask: String? = nil) throws {
    engine.mark(try Fixture.quote(instrument, bid, ask ?? bid), at: time)
  }

  mutating func rule(
    _ side: Side = .buy, _ instrument: InstrumentID = btc, _ role: AccountRole = .trading
  ) -> RiskEngine.Ruling {
    engine.rule(
      on: Fixture.signal(side, instrument), account: role, sizing: role == .canary ? .smallest : .configured,
      at: time)
  }

  /// A ruling's order goes out; nil where it was refused.
  mutating func order(
    _ side: Side = .buy, _ instrument: InstrumentID = btc, _ role: AccountRole = .trading
  ) throws -> Order? {
    guard let proposal = rule(side, instrument, role).approved else { return nil }
    sequence += 1
    var order = try Fixture.order(sequence, side, instrument: instrument)
    order.quantity = proposal.quantity
    order.referencePrice = try #require(engine.market.mark(of: instrument))
    order.account = engine[role].account.name
    engine.opened(order, reserving: proposal.notional, at: time)
    return order
  }

  /// An order is filled completely at a price, for a fee.
  mutating func fill(_ order: Order, at price: Price, fee: Money = .zero) throws {
    let rounding: Rounding = order.side == .buy ? .up : .down
    try book(
      order.side, order.instrument, order.quantity,
      for: try engine.instruments[order.instrument].notional(price, order.quantity, rounding: rounding),
      fee: fee, at: price, of: order)
  }

  /// A fill is booked, of an order or of nobody's.
  mutating func book(
    _ side: Side, _ instrument: InstrumentID, _ quantity: Quantity, for notional: Money, fee: Money = .zero,
    at price: Price = Price(mantissa: 1), of order: Order? = nil
  ) throws {
    sequence += 1
    let fill = Fill(
      number: 1, price: price, quantity: quantity, notional: notional, fee: fee, liquidity: .taker,
      bid: price, ask: price)
    try engine.apply(
      OrderResult(
        id: Fixture.id(.execution, sequence), orderID: order?.id ?? Fixture.id(.risk, .max),
        account: order?.account ?? "paper", instrument: instrument, side: side, status: .filled,
        executedAt: time, reportedAt: time, fill: fill, reason: .filledCompletely), at: time)
  }

  mutating func book(_ side: Side, _ instrument: InstrumentID, _ quantity: String, for notional: String)
    throws
  {
    try book(side, instrument, try Fixture.quantity(quantity), for: try Fixture.money(notional))
  }

  /// Money is lost by a round trip, without a position that stays.
  mutating func lose(_ amount: String) throws {
    try book(.buy, btc, "0.001", for: amount)
    try book(.sell, btc, "0.001", for: "0")
  }

  mutating func trippedLayers(_ role: AccountRole = .trading) -> [RiskLayerName] {
    engine.tripped(role).map(\.layer)
  }
}
