import CDBDomain

/// Events of the order path that say no more than a test asks.
enum Make {
  static let bitcoin = InstrumentID(0)

  static func quote(_ instrument: InstrumentID = bitcoin, bid: Int64 = 50_000_00, ask: Int64 = 50_001_00)
    -> Quote
  {
    Quote(
      instrument: instrument, updateID: 1, bid: Price(mantissa: bid), bidQuantity: Quantity(mantissa: 1_000),
      ask: Price(mantissa: ask), askQuantity: Quantity(mantissa: 1_000))
  }

  static func signal(_ sequence: UInt64 = 1, side: Side = .buy) -> Signal {
    Signal(
      id: EventID(producer: .core, partition: 0, sequence: sequence), instrument: bitcoin, side: side,
      strategy: "momentum", strength: .one, referencePrice: Price(mantissa: 50_000_00), features: [:])
  }

  static func decision(_ sequence: UInt64, refused reason: ReasonCode? = nil) -> RiskDecision {
    RiskDecision(
      id: EventID(producer: .risk, partition: 0, sequence: sequence),
      signalID: EventID(producer: .core, partition: 0, sequence: sequence), account: "paper",
      instrument: bitcoin, side: .buy, approved: reason == nil, reason: reason ?? .none, layers: [])
  }

  static func result(
    _ sequence: UInt64, of order: EventID, _ status: OrderStatus, fee: Int64? = nil, at time: Int64 = 1
  ) -> OrderResult {
    OrderResult(
      id: EventID(producer: .execution, partition: 0, sequence: sequence), orderID: order, account: "paper",
      instrument: bitcoin, side: .buy, status: status, executedAt: at(time), reportedAt: at(time),
      fill: fee.map {
        Fill(
          number: 1, price: Price(mantissa: 50_001_00), quantity: Quantity(mantissa: 1_000),
          notional: Money(mantissa: 50_001_0000), fee: Money(mantissa: $0), liquidity: .taker,
          bid: Price(mantissa: 50_000_00), ask: Price(mantissa: 50_001_00))
      }, reason: .none)
  }
}
