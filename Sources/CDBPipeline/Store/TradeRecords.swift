import CDBDomain

/// An order as the store has it, with what became of it last.
public struct OrderRecord: Sendable, Codable, Hashable {
  public var id: String
  /// Event time.
  public var time: EventTime
  public var symbol: String
  public var side: String
  public var type: String
  /// Exact decimals as text.
  public var quantity: String
  /// What the order asks for: its limit, otherwise its stop price; nil for one that takes the market.
  public var price: String?
  /// The newest result's status; nil while there is none.
  public var status: String?
  /// The newest result's reason; `none` where it has none.
  public var reason: String?

  public init(
    id: String, time: EventTime, symbol: String, side: String, type: String, quantity: String,
    price: String? = nil, status: String? = nil, reason: String? = nil
  ) {
    self.id = id
    self.time = time
    self.symbol = symbol
    self.side = side
    self.type = type
    self.quantity = quantity
    self.price = price
    self.status = status
    self.reason = reason
  }
}

/// A fill as the store has it.
public struct FillRecord: Sendable, Codable, Hashable {
  /// The order's.
  public var order: String
  /// When it happened at the exchange.
  public var time: EventTime
  public var symbol: String
  public var side: String
  /// Exact decimals as text.
  public var quantity: String
  public var price: String
  public var fee: String
  public var liquidity: String

  public init(
    order: String, time: EventTime, symbol: String, side: String, quantity: String, price: String,
    fee: String, liquidity: String
  ) {
    self.order = order
    self.time = time
    self.symbol = symbol
    self.side = side
    self.quantity = quantity
    self.price = price
    self.fee = fee
    self.liquidity = liquidity
  }
}

/// The newest of both, newest first; probes of the shadow account are not trading and are left out.
public struct LatestTrades: Sendable, Codable, Hashable {
  public var orders: [OrderRecord]
  public var fills: [FillRecord]

  public init(orders: [OrderRecord] = [], fills: [FillRecord] = []) {
    self.orders = orders
    self.fills = fills
  }
}
