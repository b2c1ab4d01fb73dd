import Testing

@testable import CDBDomain

@Suite("Account")
struct AccountTests {
  static func fill(quantity: Int64, notional: Int64, fee: Int64 = 0) -> Fill {
    Fill(
      number: 1, price: Price(mantissa: 1), quantity: Quantity(mantissa: quantity),
      notional: Money(mantissa: notional), fee: Money(mantissa: fee), liquidity: .taker,
      bid: Price(mantissa: 1),
      ask: Price(mantissa: 1))
  }

  static func result(
    _ side: Side, _ status: OrderStatus, _ fill: Fill?, order: UInt64 = 1, instrument: InstrumentID = btc
  ) -> OrderResult {
    OrderResult(
      id: Fixture.id(.execution, 1), orderID: Fixture.id(.risk, order), account: "paper",
      instrument: instrument,
      side: side, status: status, executedAt: at(0), reportedAt: at(0), fill: fill, reason: .none)
  }

  static func openOrder(_ sequence: UInt64, _ side: Side = .buy, reserving: Int64) -> Account.OpenOrder {
    Account.OpenOrder(
      id: Fixture.id(.risk, sequence), instrument: btc, side: side, reserved: Money(mantissa: reserving))
  }

  var account = Account(rules: AccountRules(), instruments: 2)

  @Test("a bought fill costs its notional and its fee")
  mutating func buy() throws {
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 5, notional: 700, fee: 3)))
    #expect(account.cash.mantissa == account.startingCash.mantissa - 703)
    #expect(account.fees.mantissa == 3 && account.fills == 1)
    #expect(account.positions[0].quantity.mantissa == 5 && account.positions[0].bought.mantissa == 700)
  }

  @Test("a sold fill brings its notional less its fee")
  mutating func sell() throws {
    try account.apply(Self.result(.sell, .filled, Self.fill(quantity: 5, notional: 700, fee: 3)))
    #expect(account.cash.mantissa == account.startingCash.mantissa + 697)
    #expect(account.positions[0].quantity.mantissa == -5 && account.positions[0].sold.mantissa == 700)
  }

  @Test(
    "starting cash = cash + bought - sold + fees, and positions add up, after every fill of any sequence",
    arguments: 1...30 as ClosedRange<UInt64>)
  func conservation(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var account = Account(rules: AccountRules(), instruments: 2)
    var quantities: [Int128] = [0, 0]
    for step in 1...300 as ClosedRange<UInt64> {
      let index = Int(random.integer(0...1))
      let side = Side.allCases[Int(random.integer(0...1))]
      // Now and then amounts that cannot fit, which must change nothing.
      let isHuge = random.integer(0...9) == 0
      let fill = Self.fill(
        quantity: isHuge ? random.integer(.max / 2 ... .max) : random.integer(1...1_000_000),
        notional: isHuge ? random.integer(.max / 2 ... .max) : random.integer(1...100_000_000),
        fee: isHuge ? random.integer(0 ... .max) : random.integer(0...10_000))
      let before = account
      do {
        try account.apply(
          Self.result(side, .partiallyFilled, fill, order: step, instrument: InstrumentID(UInt16(index))))
        quantities[index] += (side == .buy ? 1 : -1) * Int128(fill.quantity.mantissa)
      } catch {
        #expect(account == before)
      }
      let bought = account.positions.reduce(Int128(0)) { $0 + Int128($1.bought.mantissa) }
      let sold = account.positions.reduce(Int128(0)) { $0 + Int128($1.sold.mantissa) }
      let total = Int128(account.cash.mantissa) + bought - sold + Int128(account.fees.mantissa)
      #expect(total == Int128(account.startingCash.mantissa))
      #expect(account.positions.map { Int128($0.quantity.mantissa) } == quantities)
      #expect(account.positions.allSatisfy { $0.cost == .zero || $0.quantity > .zero })
    }
    #expect(account.fills > 0)
    #expect(try Fixture.restored(account) == account)
  }

  @Test(
    "an amount that overflows leaves the account as it was, its open order included", arguments: Side.allCases
  )
  mutating func overflow(side: Side) throws {
    account.open(Self.openOrder(1, side, reserving: 100))
    try account.apply(Self.result(side, .partiallyFilled, Self.fill(quantity: .max, notional: 1)))
    let before = account
    #expect(throws: ArithmeticOverflow()) {
      // Twice, so that a sell of Int64.max from minus Int64.max does not fit either.
      try account.apply(Self.result(side, .filled, Self.fill(quantity: 2, notional: 1)))
    }
    #expect(account == before && account.openOrders.count == 1)
  }

  @Test("a fill uses up what its order reserved, never more, and a final result frees the rest")
  mutating func reservation() throws {
    account.open(Self.openOrder(1, reserving: 1_000))
    account.open(Self.openOrder(2, reserving: 50))
    try account.apply(Self.result(.buy, .partiallyFilled, Self.fill(quantity: 1, notional: 400)))
    #expect(account.openOrders.map(\.reserved.mantissa) == [600, 50])
    try account.apply(Self.result(.buy, .partiallyFilled, Self.fill(quantity: 1, notional: 900)))
    #expect(account.openOrders.map(\.reserved.mantissa) == [0, 50])
    try account.apply(Self.result(.buy, .cancelled, nil))
    #expect(account.openOrders.map(\.id) == [Fixture.id(.risk, 2)])
    #expect(account.hasOpenOrder(for: btc) && !account.hasOpenOrder(for: eth))
  }

  @Test("accepted keeps an order open, and each final status closes it", arguments: OrderStatus.allCases)
  mutating func finality(status: OrderStatus) throws {
    account.open(Self.openOrder(1, reserving: 1))
    try account.apply(Self.result(.buy, status, nil))
    #expect(account.openOrders.isEmpty == status.isFinal)
  }

  @Test("a result of an instrument that nobody configured books nothing")
  mutating func unknownInstrument() throws {
    let before = account
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 1, notional: 1), instrument: nowhere))
    #expect(account == before)
  }

  @Test("equity is cash and positions at their marks; exposure adds what open buys may cost")
  mutating func valuation() throws {
    let catalogue = try Fixture.catalogue()
    var market = RiskMarket(instruments: 2)
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 2_000_000, notional: 1_000_00000000)))
    #expect(try account.equity(in: catalogue, at: market) == Money(units: 9_000))
    market.apply(try Fixture.quote(btc, "60000", "60000"), at: at(1))
    #expect(try account.equity(in: catalogue, at: market) == Money(units: 10_200))
    account.open(Self.openOrder(2, reserving: 100_00000000))
    account.open(Self.openOrder(3, .sell, reserving: 100_00000000))
    #expect(try account.exposure(in: catalogue, at: market) == Money(units: 1_300))
    #expect(try account.exposure(in: catalogue, at: market, of: btc) == Money(units: 1_300))
    #expect(try account.exposure(in: catalogue, at: market, of: eth) == .zero)
  }

  @Test(
    "what is held has cost its notional and fees; a sale takes its share along, rounded in favour of caution")
  mutating func cost() throws {
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 3, notional: 100, fee: 1)))
    #expect(account.positions[0].cost.mantissa == 101)
    try account.apply(Self.result(.sell, .filled, Self.fill(quantity: 1, notional: 50, fee: 1)))
    #expect(account.positions[0].cost.mantissa == 68)
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 2, notional: 40)))
    #expect(account.positions[0].cost.mantissa == 108)
    #expect(try account.positions[0].unrealisedLoss(at: Money(mantissa: 81)) == Ratio(basisPoints: 2_500))
    #expect(try account.positions[0].unrealisedLoss(at: Money(mantissa: 109)) == .zero)
    try account.apply(Self.result(.sell, .filled, Self.fill(quantity: 4, notional: 1)))
    #expect(account.positions[0].cost == .zero)
  }

  @Test("a short position has cost nothing, and of the buy that turns it the share that is held counts")
  mutating func shortCost() throws {
    try account.apply(Self.result(.sell, .filled, Self.fill(quantity: 4, notional: 100)))
    #expect(account.positions[0].cost == .zero)
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 3, notional: 90)))
    #expect(account.positions[0].cost == .zero)
    try account.apply(Self.result(.buy, .filled, Self.fill(quantity: 3, notional: 90, fee: 3)))
    #expect(account.positions[0].cost.mantissa == 62)
  }

  @Test("a notional at the end of its range frees the reservation and does not trap")
  mutating func extremeReservation() throws {
    var rules = AccountRules()
    rules.startingCash = Money(mantissa: -5)
    account = Account(rules: rules, instruments: 1)
    account.open(Self.openOrder(1, reserving: .max))
    try account.apply(Self.result(.buy, .partiallyFilled, Self.fill(quantity: 1, notional: .min)))
    #expect(account.openOrders.map(\.reserved) == [.zero])
  }
}
