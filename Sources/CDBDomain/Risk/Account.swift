/// One paper account: cash, positions, and what is on its way.
///
/// Every amount moves by a booked fill and by nothing else, so that cash, positions and fees always add
/// up to what the account started with, to the last digit.
public struct Account: Sendable, Hashable, Codable {
  public struct Position: Sendable, Hashable, Codable {
    public var quantity: Quantity = .zero
    public var bought: Money = .zero
    public var sold: Money = .zero
    /// What is held has cost this, fees included; zero while nothing is held.
    public var cost: Money = .zero

    public init() {}
  }

  public struct OpenOrder: Sendable, Hashable, Codable {
    public var id: EventID
    public var instrument: InstrumentID
    public var side: Side
    /// What a buy may still cost.
    public var reserved: Money
    /// The price that the decision was made at; nil for orders of before this was kept.
    public var referencePrice: Price?
  }

  public let name: String
  public let startingCash: Money
  public private(set) var cash: Money
  public private(set) var fees: Money = .zero
  public private(set) var fills: Int = 0
  public private(set) var positions: [Position]
  public private(set) var openOrders: [OpenOrder] = []

  public init(rules: AccountRules, instruments: Int) {
    name = rules.name
    startingCash = rules.startingCash
    cash = rules.startingCash
    positions = Array(repeating: Position(), count: instruments)
  }

  public mutating func open(_ order: OpenOrder) { openOrders.append(order) }

  public func hasOpenOrder(for instrument: InstrumentID) -> Bool {
    openOrders.contains { $0.instrument == instrument }
  }

  /// Books what the exchange reported. Nothing changes where an amount would overflow.
  public mutating func apply(_ result: OrderResult) throws(ArithmeticOverflow) {
    let index = Int(result.instrument.index)
    if let fill = result.fill, index < positions.count {
      var position = positions[index]
      let newCash: Money
      switch result.side {
      case .buy:
        newCash = try (try cash - fill.notional) - fill.fee
        position.quantity = try position.quantity + fill.quantity
        position.bought = try position.bought + fill.notional
        position.cost = try positions[index].cost(afterBuying: fill)
      case .sell:
        newCash = try (try cash + fill.notional) - fill.fee
        position.quantity = try position.quantity - fill.quantity
        position.sold = try position.sold + fill.notional
        position.cost = try positions[index].cost(afterSelling: fill.quantity)
      }
      let newFees = try fees + fill.fee
      cash = newCash
      fees = newFees
      positions[index] = position
      fills += 1
      if let open = openOrders.firstIndex(where: { $0.id == result.orderID }) {
        let rest = (try? openOrders[open].reserved - fill.notional) ?? .zero
        openOrders[open].reserved = max(.zero, rest)
      }
    }
    if result.status.isFinal { openOrders.removeAll { $0.id == result.orderID } }
  }

}

extension Account.Position {
  /// Positions that were written before their cost was kept have what was bought less what was sold.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    quantity = try fields.decode(Quantity.self, forKey: .quantity)
    bought = try fields.decode(Money.self, forKey: .bought)
    sold = try fields.decode(Money.self, forKey: .sold)
    let known = try fields.decodeIfPresent(Money.self, forKey: .cost)
    let paid = quantity > .zero ? (try? bought - sold) ?? .zero : .zero
    cost = known ?? max(.zero, paid)
  }

  /// The cost after a buy. Of a buy that first closes a short position, the share that is held counts.
  func cost(afterBuying fill: Fill) throws(ArithmeticOverflow) -> Money {
    let paid = try fill.notional + fill.fee
    let held = try quantity + fill.quantity
    if quantity >= .zero { return try cost + paid }
    guard held > .zero else { return .zero }
    return Money(
      mantissa: try Exact.multiply(
        paid.mantissa, held.mantissa, dividingBy: Int128(fill.quantity.mantissa), rounding: .up))
  }

  /// The cost after a sale: what stays keeps its share, rounded up, so that a loss never looks smaller.
  func cost(afterSelling sold: Quantity) throws(ArithmeticOverflow) -> Money {
    let held = try quantity - sold
    guard held > .zero, quantity > .zero else { return .zero }
    return Money(
      mantissa: try Exact.multiply(
        cost.mantissa, held.mantissa, dividingBy: Int128(quantity.mantissa), rounding: .up))
  }

  /// What the position has lost against its cost at this value, as a share of the cost, rounded up; zero
  /// where nothing is held or nothing is lost.
  func unrealisedLoss(at value: Money) throws(ArithmeticOverflow) -> Ratio {
    guard quantity > .zero, cost > value else { return .zero }
    return try Ratio(lost: cost, now: value)
  }
}

extension Account {
  /// What the instrument's position is worth at its mark; zero while it has none.
  public func value(
    of id: InstrumentID, in catalogue: InstrumentCatalogue, at market: RiskMarket
  ) throws(ArithmeticOverflow) -> Money {
    let index = Int(id.index)
    guard index < positions.count, let mark = market.mark(of: id) else { return .zero }
    return try catalogue[id].notional(mark, positions[index].quantity, rounding: .down)
  }

  /// Cash and positions at their marks.
  public func equity(
    in catalogue: InstrumentCatalogue, at market: RiskMarket
  ) throws(ArithmeticOverflow) -> Money {
    try cash + holdings(in: catalogue, at: market)
  }

  /// Positions at their marks plus what open buys may add; of one instrument, or of all.
  public func exposure(
    in catalogue: InstrumentCatalogue, at market: RiskMarket, of only: InstrumentID? = nil
  ) throws(ArithmeticOverflow) -> Money {
    var total =
      if let only { try value(of: only, in: catalogue, at: market) } else {
        try holdings(in: catalogue, at: market)
      }
    for order in openOrders where order.side == .buy && (only == nil || only == order.instrument) {
      total = try total + order.reserved
    }
    return total
  }

  /// All positions at their marks.
  private func holdings(
    in catalogue: InstrumentCatalogue, at market: RiskMarket
  ) throws(ArithmeticOverflow) -> Money {
    var total = Money.zero
    for index in positions.indices where positions[index].quantity != .zero {
      total = try total + value(of: InstrumentID(UInt16(index)), in: catalogue, at: market)
    }
    return total
  }
}
