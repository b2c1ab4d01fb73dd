/// Risk's word to the exchange to take back what is left of an order.
///
/// It travels like an order and has its own latency. An order that is filled meanwhile stays filled: the
/// request is then answered by nothing.
public struct CancelRequest: Sendable, Hashable, Codable {
  public var id: EventID
  public var orderID: EventID
  public var account: String
  public var instrument: InstrumentID
  /// Why; the result `cancelled` carries it.
  public var reason: ReasonCode

  public init(
    id: EventID, orderID: EventID, account: String, instrument: InstrumentID, reason: ReasonCode
  ) {
    self.id = id
    self.orderID = orderID
    self.account = account
    self.instrument = instrument
    self.reason = reason
  }
}
