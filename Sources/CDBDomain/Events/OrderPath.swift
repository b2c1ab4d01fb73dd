/// What a strategy suggests.
public struct Signal: Sendable, Hashable, Codable {
  public var id: EventID
  public var instrument: InstrumentID
  public var side: Side
  /// The strategy's name, such as `momentum`.
  public var strategy: String
  /// How strong: the strategy's figure relative to its threshold; one is just enough.
  public var strength: Ratio
  public var referencePrice: Price
  /// The figures that the strategy decided by, by name.
  public var features: [String: Ratio]

  public init(
    id: EventID, instrument: InstrumentID, side: Side, strategy: String, strength: Ratio,
    referencePrice: Price, features: [String: Ratio]
  ) {
    self.id = id
    self.instrument = instrument
    self.side = side
    self.strategy = strategy
    self.strength = strength
    self.referencePrice = referencePrice
    self.features = features
  }
}

/// What one risk layer said of an order.
public struct LayerVerdict: Sendable, Hashable, Codable {
  public var layer: RiskLayerName
  public var passed: Bool
  /// The figure that the layer looked at, and its limit, both as ratios of the layer's own kind.
  public var figure: Ratio
  public var limit: Ratio

  public init(layer: RiskLayerName, passed: Bool, figure: Ratio, limit: Ratio) {
    self.layer = layer
    self.passed = passed
    self.figure = figure
    self.limit = limit
  }
}

/// The risk stage's answer to a signal.
public struct RiskDecision: Sendable, Hashable, Codable {
  public var id: EventID
  public var signalID: EventID
  public var account: String
  public var instrument: InstrumentID
  public var side: Side
  public var approved: Bool
  /// ``ReasonCode/none`` where approved.
  public var reason: ReasonCode
  public var layers: [LayerVerdict]

  public init(
    id: EventID, signalID: EventID, account: String, instrument: InstrumentID, side: Side,
    approved: Bool, reason: ReasonCode, layers: [LayerVerdict]
  ) {
    self.id = id
    self.signalID = signalID
    self.account = account
    self.instrument = instrument
    self.side = side
    self.approved = approved
    self.reason = reason
    self.layers = layers
  }
}

public enum OrderType: UInt8, Sendable, Hashable, Codable {
  /// Takes what there is within the slippage bound; the rest is cancelled.
  case market = 1
  /// Takes what there is within its limit; the rest waits in the book.
  case limit = 2
  /// Becomes a market order once the market has reached its stop price.
  case stop = 3
  /// Becomes a limit order once the market has reached its stop price.
  case stopLimit = 4

  public var code: String {
    switch self {
    case .market: "market"
    case .limit: "limit"
    case .stop: "stop"
    case .stopLimit: "stop_limit"
    }
  }

  public var hasLimit: Bool { self == .limit || self == .stopLimit }
  public var hasStop: Bool { self == .stop || self == .stopLimit }
}

/// An order on its way to the exchange.
public struct Order: Sendable, Hashable, Codable {
  public var id: EventID
  public var signalID: EventID
  public var account: String
  public var instrument: InstrumentID
  public var side: Side
  public var type: OrderType
  public var quantity: Quantity
  public var limitPrice: Price?
  public var stopPrice: Price?
  /// The price the decision was made at.
  public var referencePrice: Price
  public var layers: [LayerVerdict]

  public init(
    id: EventID, signalID: EventID, account: String, instrument: InstrumentID, side: Side,
    type: OrderType, quantity: Quantity, limitPrice: Price? = nil, stopPrice: Price? = nil,
    referencePrice: Price, layers: [LayerVerdict]
  ) {
    self.id = id
    self.signalID = signalID
    self.account = account
    self.instrument = instrument
    self.side = side
    self.type = type
    self.quantity = quantity
    self.limitPrice = limitPrice
    self.stopPrice = stopPrice
    self.referencePrice = referencePrice
    self.layers = layers
  }
}

public enum OrderStatus: UInt8, Sendable, Hashable, Codable, CaseIterable {
  case accepted = 1
  case partiallyFilled = 2
  case filled = 3
  case rejected = 4
  case cancelled = 5
  case expired = 6

  public var code: String {
    switch self {
    case .accepted: "accepted"
    case .partiallyFilled: "partially_filled"
    case .filled: "filled"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }

  /// No further result follows one of these.
  public var isFinal: Bool { self != .accepted && self != .partiallyFilled }
}

public enum Liquidity: UInt8, Sendable, Hashable, Codable {
  case maker = 1
  case taker = 2
  public var code: String { self == .maker ? "maker" : "taker" }
}

/// A part of an order that was executed, with the market that it is checked against.
public struct Fill: Sendable, Hashable, Codable {
  /// The number of the fill within its order, from 1.
  public var number: Int
  public var price: Price
  public var quantity: Quantity
  /// Price × quantity, rounded against the account.
  public var notional: Money
  public var fee: Money
  public var liquidity: Liquidity
  /// The best bid and ask at the instant of execution.
  public var bid: Price
  public var ask: Price

  public init(
    number: Int, price: Price, quantity: Quantity, notional: Money, fee: Money, liquidity: Liquidity,
    bid: Price, ask: Price
  ) {
    self.number = number
    self.price = price
    self.quantity = quantity
    self.notional = notional
    self.fee = fee
    self.liquidity = liquidity
    self.bid = bid
    self.ask = ask
  }
}

/// What the exchange said of an order. Its event time is when the account learns of it.
public struct OrderResult: Sendable, Hashable, Codable {
  public var id: EventID
  public var orderID: EventID
  public var account: String
  public var instrument: InstrumentID
  public var side: Side
  public var status: OrderStatus
  /// When it happened at the exchange.
  public var executedAt: EventTime
  /// When the account learns of it.
  public var reportedAt: EventTime
  public var fill: Fill?
  public var reason: ReasonCode

  public init(
    id: EventID, orderID: EventID, account: String, instrument: InstrumentID, side: Side,
    status: OrderStatus, executedAt: EventTime, reportedAt: EventTime, fill: Fill?, reason: ReasonCode
  ) {
    self.id = id
    self.orderID = orderID
    self.account = account
    self.instrument = instrument
    self.side = side
    self.status = status
    self.executedAt = executedAt
    self.reportedAt = reportedAt
    self.fill = fill
    self.reason = reason
  }
}
