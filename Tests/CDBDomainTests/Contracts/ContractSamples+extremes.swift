@testable import CDBDomain

extension ContractSamples {
  /// Text that a careless encoder would break: quotes, control characters, other planes, and nothing.
  static let hostileTexts = ["", "\"\\/\u{0}\u{1F}\n\r\t", "Straße 漢字 🦊 \u{2028}\u{7F}", "</script>{{x}}"]

  static let extremes: [Sample] =
    marketExtremes + orderExtremes + textExtremes + configurationExtremes

  private static func extreme(
    _ name: String, _ event: Event, time: EventTime = .distantPast, sequence: UInt64 = .max
  ) -> Sample {
    Sample(
      name: name, id: EventID(producer: .dbWriter, partition: .max, sequence: sequence),
      envelope: Envelope(time: time, origin: .max, event: event))
  }

  private static let marketExtremes: [Sample] = [Int64.min, -1, 0, 1, Int64.max].flatMap { value in
    let (price, quantity, time) = (
      Price(mantissa: value), Quantity(mantissa: value), EventTime(nanoseconds: value)
    )
    let level = BookLevel(price: price, quantity: quantity)
    return [
      extreme(
        "trade \(value)",
        .trade(
          Trade(
            instrument: eth, aggressor: .sell, exchangeTime: nil, tradeID: value, price: price,
            quantity: quantity)),
        time: time),
      extreme(
        "quote \(value)",
        .quote(
          Quote(
            instrument: eth, updateID: value, bid: price, bidQuantity: quantity, ask: price,
            askQuantity: quantity)),
        time: time),
      extreme(
        "book \(value)",
        .book(
          BookUpdate(
            instrument: eth, isSnapshot: true, exchangeTime: time, firstUpdateID: value, lastUpdateID: value,
            bids: [], asks: [level, level]))),
      extreme(
        "kline \(value)",
        .kline(
          Kline(
            instrument: eth, openTime: time, closeTime: time, open: price, high: price, low: price,
            close: price,
            volume: quantity, trades: value, isClosed: false)), sequence: 0),
      extreme(
        "summary \(value)",
        .summary(
          MarketSummary(
            instrument: eth, start: time, end: time, open: price, high: price, low: price, close: price,
            volume: quantity, trades: max(0, value), quotes: 0, bookUpdates: 0))),
      extreme("tick \(value)", .tick, time: time),
    ]
  }

  private static let orderExtremes: [Sample] =
    ReasonCode.allCases.map { reason in
      var decision = decision
      decision.approved = reason == .none
      decision.reason = reason
      decision.layers = []
      return extreme("decision \(reason.code)", .decision(decision))
    }
    + OrderStatus.allCases.map { status in
      var result = result
      result.status = status
      result.side = .sell
      if status != .filled, status != .partiallyFilled { result.fill = nil }
      result.fill?.notional = Money(mantissa: .min)
      result.fill?.number = .max
      result.fill?.liquidity = .maker
      return extreme("result \(status.code)", .result(result), time: .distantFuture)
    }
    + [Int64.min, 0, Int64.max].map { value in
      var order = order
      order.type = .limit
      order.limitPrice = Price(mantissa: value)
      order.stopPrice = Price(mantissa: value)
      order.quantity = Quantity(mantissa: value)
      order.layers = [
        LayerVerdict(
          layer: .exposure, passed: false, figure: Ratio(mantissa: value), limit: Ratio(mantissa: value))
      ]
      return extreme("order \(value)", .order(order))
    }
    + [OrderType.stop, .stopLimit].map { type in
      var order = order
      order.type = type
      order.stopPrice = Price(mantissa: 1)
      return extreme("order \(type.code)", .order(order))
    }
    + ReasonCode.allCases.map { reason in
      var request = cancel
      request.reason = reason
      return extreme("cancel \(reason.code)", .cancel(request))
    }

  private static let textExtremes: [Sample] = hostileTexts.enumerated().flatMap { number, text in
    var signal = signal
    signal.strategy = "s" + text
    signal.features = [text: Ratio(mantissa: .min), "a": .one, "B": .zero]
    var order = order
    order.account = text
    let levels: [Alert.Level] = [.notice, .warning, .critical]
    let alert = Alert(
      id: alert.id, level: levels[number % 3], reason: .none, message: text, context: [text: text])
    return [
      extreme("signal text \(number)", .signal(signal)), extreme("order text \(number)", .order(order)),
      extreme("alert text \(number)", .alert(alert)),
      extreme("stop text \(number)", .control(.stop(reason: text))),
      extreme("resume text \(number)", .control(.resume(justification: text))),
      extreme("restart text \(number)", .control(.gate(.restarted(by: text)))),
    ]
      + extremeBlocks(text).map { extreme("block \($0.name) text \(number)", .control(.block(block($0)))) }
  }

  private static let configurationExtremes: [Sample] = {
    guard let configuration = try? Fixture.configuration() else { return [] }
    var extreme = configuration
    extreme.profile = hostileTexts[1]
    extreme.summaryInterval = .min
    extreme.momentum.window = .max
    extreme.strategies = StrategyName.allCases
    extreme.emaCross.slow = .max
    extreme.orders.style = .limit
    extreme.orders.patience = .min
    extreme.exchange.orderLatency = LatencyDistribution(
      minimum: .min, median: 0, percentile99: 1, maximum: .max)
    extreme.risk.maximumExposure = Ratio(mantissa: .min)
    extreme.risk.maximumDataAge = .min
    extreme.risk.maximumOrderRate = .max
    extreme.risk.hysteresis = Ratio(mantissa: .max)
    extreme.account.startingCash = Money(mantissa: .max)
    return [
      Self.extreme("configure", .control(.configure(configuration))),
      Self.extreme("configure extreme", .control(.configure(extreme))),
    ]
  }()
}
