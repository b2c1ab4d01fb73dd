/// An order that was sent and has not come to its end, with what decides when something may happen to it.
public struct WorkingOrder: Sendable, Hashable, Codable {
  public let id: EventID
  public let account: String
  public let instrument: InstrumentID
  public let side: Side
  public let type: OrderType
  public let limitPrice: Price?
  public let stopPrice: Price?
  /// When it reaches the exchange.
  public let arrivesAt: EventTime
  /// When it has rested long enough; nil where it may rest for ever.
  public let patienceEnds: EventTime?
  /// When a request to cancel reaches the exchange; nil while none was sent.
  public internal(set) var cancelArrivesAt: EventTime?

  public init(_ order: Order, arrivesAt: EventTime, patienceEnds: EventTime?) {
    id = order.id
    account = order.account
    instrument = order.instrument
    side = order.side
    type = order.type
    limitPrice = order.type.hasLimit ? order.limitPrice : nil
    stopPrice = order.type.hasStop ? order.stopPrice : nil
    self.arrivesAt = arrivesAt
    self.patienceEnds = patienceEnds
  }

  /// Whether it can wait at the exchange.
  public var rests: Bool { type != .market }

  // Whether the exchange may do something to the waiting order because of an event: each is true at least wherever
  // the exchange would act.

  func mayBeTouched(by trade: Trade) -> Bool {
    trade.instrument == instrument && (isReached(by: trade.price) || reachesStop(trade.price))
  }

  func mayBeTouched(by quote: Quote) -> Bool {
    guard quote.instrument == instrument else { return false }
    let opposite = side == .buy ? quote.ask : quote.bid
    return isReached(by: opposite) || reachesStop(opposite)
  }

  func mayBeTouched(by update: BookUpdate) -> Bool {
    guard update.instrument == instrument else { return false }
    // A stop may be reached by what the whole book comes to, which an update alone does not tell.
    if stopPrice != nil { return true }
    let levels = side == .buy ? update.asks : update.bids
    return levels.contains { isReached(by: $0.price) }
  }

  private func isReached(by price: Price) -> Bool {
    guard let limitPrice else { return false }
    return side == .buy ? price <= limitPrice : price >= limitPrice
  }

  private func reachesStop(_ price: Price) -> Bool {
    guard let stopPrice else { return false }
    return side == .buy ? price >= stopPrice : price <= stopPrice
  }
}
