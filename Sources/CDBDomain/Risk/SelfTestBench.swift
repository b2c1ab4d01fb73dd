/// A fresh engine in a market where a unit costs one, and the ways to bring each layer to its limit.
struct SelfTestBench {
  var engine: RiskEngine
  private var time = EventTime(nanoseconds: 43_200_000_000_000)
  private var sequence: UInt64 = 0
  private let first = InstrumentID(0)

  /// A unit costs one.
  private static let par: Int64 = 100_000_000
  /// How far beyond a limit a violation is: a hundredth of a basis point.
  private static let step = Ratio(mantissa: 100)

  init(engine: RiskEngine) {
    self.engine = engine
    quote(bid: Self.par, ask: Self.par)
  }

  /// What the engine says of a buy now.
  mutating func answer() -> ReasonCode {
    engine.rule(on: signal(.buy), at: time).reason
  }

  /// Brings the layer beyond its limit and no earlier one. False where no input can: the limit is where no figure
  /// comes, or an earlier layer always refuses first. An overflow means that too.
  mutating func violate(_ layer: RiskLayerName) throws(ArithmeticOverflow) -> Bool {
    let limits = engine.limits
    let cash = engine.account.startingCash
    switch layer {
    case .killSwitch:
      engine.engageKillSwitch(reason: "self-test")
    case .drawdownDaily:
      try lose(cash.times(try limits.maximumDailyDrawdown.next(Self.step), rounding: .up))
    case .drawdownTotal:
      // A loss of yesterday: today has lost nothing, and the peak is older.
      try lose(cash.times(try limits.maximumDrawdown.next(Self.step), rounding: .up))
      time = time.advanced(by: 86_400_000_000_000)
      quote(bid: Self.par, ask: Self.par)
    case .spread:
      let half = try limits.maximumSpread.next(Self.step).mantissa / 2 + 1
      // The bid would be no price.
      guard half < Self.par else { return false }
      quote(bid: Self.par - half, ask: Self.par + half)
    case .slippage:
      let price = try Exact.add(Self.par, try limits.maximumSlippage.next(Self.step).mantissa)
      let order = order(.buy, units: 1_000)
      engine.opened(order, reserving: Money(mantissa: 1_000), at: time)
      try book(.buy, units: 1, for: 1, at: price, of: order.id)
    case .dataStaleness:
      let late = try Exact.add(limits.maximumDataAge, 10)
      time = time.advanced(by: late)
      guard time < .distantFuture else { return false }
    case .exposure:
      let held = try cash.times(try limits.maximumExposure.next(Self.step), rounding: .up)
      try book(.buy, units: held.mantissa, for: held.mantissa)
    case .positionSize:
      let beyond = try cash.times(try limits.maximumPosition.next(Self.step), rounding: .up)
      let held = max(.zero, try beyond - limits.orderNotional)
      guard try max(beyond, limits.orderNotional) <= cash.times(limits.maximumExposure, rounding: .down)
      else {
        return false
      }
      try book(.buy, units: held.mantissa, for: held.mantissa)
    case .orderRate:
      // As many orders as this are no rate that anybody means to bound.
      guard limits.maximumOrderRate <= 10_000 else { return false }
      for _ in 0..<max(0, limits.maximumOrderRate) {
        engine.opened(order(.buy, units: 1), reserving: .zero, at: time)
      }
    case .stopLoss:
      // So little that it is no drawdown.
      let units: Int64 = 1_000_000
      let fallen = Self.par - (try limits.stopLoss.next(Self.step).mantissa)
      // A price is never zero.
      guard fallen > 100 else { return false }
      try book(.buy, units: units, for: units)
      quote(bid: fallen, ask: fallen)
    }
    return true
  }

  // MARK: What happens, as in production

  private mutating func quote(bid: Int64, ask: Int64) {
    for id in engine.instruments.ids {
      engine.mark(
        Quote(
          instrument: id, updateID: 1, bid: Price(mantissa: bid), bidQuantity: Quantity(mantissa: Self.par),
          ask: Price(mantissa: ask), askQuantity: Quantity(mantissa: Self.par)), at: time)
    }
    engine.look(at: .trading, time)
  }

  /// Loses money by a round trip: bought at what it costs, sold for less.
  private mutating func lose(_ loss: Money) throws(ArithmeticOverflow) {
    try book(.buy, units: loss.mantissa, for: loss.mantissa)
    try book(.sell, units: loss.mantissa, for: 0)
  }

  private mutating func book(
    _ side: Side, units: Int64, for notional: Int64, at price: Int64 = par, of order: EventID? = nil
  ) throws(ArithmeticOverflow) {
    guard units > 0 else { return }
    let fill = Fill(
      number: 1, price: Price(mantissa: price), quantity: Quantity(mantissa: units),
      notional: Money(mantissa: notional), fee: .zero, liquidity: .taker, bid: Price(mantissa: Self.par),
      ask: Price(mantissa: Self.par))
    try engine.apply(result(side, .partiallyFilled, fill, of: order ?? nextID()), at: time)
  }

  private mutating func result(
    _ side: Side, _ status: OrderStatus, _ fill: Fill?, of order: EventID
  ) -> OrderResult {
    OrderResult(
      id: nextID(), orderID: order, account: engine.account.name, instrument: first, side: side,
      status: status, executedAt: time, reportedAt: time, fill: fill, reason: .none)
  }

  private mutating func signal(_ side: Side) -> Signal {
    Signal(
      id: nextID(), instrument: first, side: side, strategy: "self_test", strength: .one,
      referencePrice: Price(mantissa: Self.par), features: [:])
  }

  private mutating func order(_ side: Side, units: Int64) -> Order {
    Order(
      id: nextID(), signalID: nextID(), account: engine.account.name, instrument: first, side: side,
      type: .market, quantity: Quantity(mantissa: units), referencePrice: Price(mantissa: Self.par),
      layers: [])
  }

  private mutating func nextID() -> EventID {
    sequence += 1
    return EventID(producer: .risk, partition: 0, sequence: sequence)
  }
}

extension Ratio {
  /// The next figure that is beyond this one by a step.
  fileprivate func next(_ step: Ratio) throws(ArithmeticOverflow) -> Ratio {
    Ratio(mantissa: try Exact.add(mantissa, step.mantissa))
  }
}
