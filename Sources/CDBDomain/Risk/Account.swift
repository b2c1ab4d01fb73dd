/// One paper account: cash, positions, and what is on its way.
///
/// Every amount moves by a booked fill and by nothing else, so that cash, positions and fees always add
/// up to what the account started with, to the last digit.
public struct Account: Sendable, Hashable, Codable {
  public struct Position: Sendable, Hashable, Codable {
    public var quantity: Quantity = .zero
    public var bought: Money = .zero
    public var sold: Money = .zero
  }

  public struct OpenOrder: Sendable, Hashable, Codable {
    public var id: EventID
    public var instrument: InstrumentID
    public var side: Side
    /// What a buy may still cost.
    public var reserved: Money
  }

  public let name: String
  public let startingCash: Money
  public private(set) var cash: Money
  public private(set) var fees: Money = .zero
  public private(set) var fills: Int = 0
  public private(set) var positions: [Position]
  public private(set) var marks: [Price?]
  public private(set) var openOrders: [OpenOrder] = []

  public init(rules: AccountRules, instruments: Int) {
    name = rules.name
    startingCash = rules.startingCash
    cash = rules.startingCash
    positions = Array(repeating: Position(), count: instruments)
    marks = Array(repeating: nil, count: instruments)
  }

  @inlinable
  public mutating func mark(_ instrument: InstrumentID, at price: Price) {
    setMark(Int(instrument.index), price)
  }

  @usableFromInline
  mutating func setMark(_ index: Int, _ price: Price) {
    if index < marks.count { marks[index] = price }
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
      case .sell:
        newCash = try (try cash + fill.notional) - fill.fee
        position.quantity = try position.quantity - fill.quantity
        position.sold = try position.sold + fill.notional
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

  /// What the instrument's position is worth at its mark; zero while it has none.
  public func value(of id: InstrumentID, in catalogue: InstrumentCatalogue) throws(ArithmeticOverflow)
    -> Money
  {
    let index = Int(id.index)
    guard index < positions.count, let mark = marks[index] else { return .zero }
    return try catalogue[id].notional(mark, positions[index].quantity, rounding: .down)
  }

  /// Cash and positions at their marks.
  public func equity(in catalogue: InstrumentCatalogue) throws(ArithmeticOverflow) -> Money {
    var total = cash
    for id in catalogue.ids { total = try total + value(of: id, in: catalogue) }
    return total
  }

  /// Positions at their marks plus what open buys may add; of one instrument, or of all.
  public func exposure(
    in catalogue: InstrumentCatalogue, of only: InstrumentID? = nil
  ) throws(ArithmeticOverflow) -> Money {
    var total = Money.zero
    for id in catalogue.ids where only == nil || only == id {
      total = try total + value(of: id, in: catalogue)
    }
    for order in openOrders where order.side == .buy && (only == nil || only == order.instrument) {
      total = try total + order.reserved
    }
    return total
  }
}
