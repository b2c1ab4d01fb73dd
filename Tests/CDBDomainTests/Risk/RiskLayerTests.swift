import Testing

@testable import CDBDomain

/// Each layer by itself: figures in, verdict out.
@Suite("Risk layers")
struct RiskLayerTests {
  let limits = RiskLimits()

  func proposal(_ side: Side, _ units: Int64) throws -> OrderProposal {
    OrderProposal(
      instrument: btc, side: side, quantity: Quantity(mantissa: 1),
      notional: try #require(Money(units: units)))
  }

  func figures(equity: Int64 = 10_000, _ change: (inout RiskFigures) -> Void = { _ in }) throws -> RiskFigures
  {
    var figures = RiskFigures()
    figures.equity = try #require(Money(units: equity))
    change(&figures)
    return figures
  }

  func judge(
    _ layer: any RiskLayer, _ side: Side, _ units: Int64, _ figures: RiskFigures, _ limits: RiskLimits? = nil
  ) throws -> LayerVerdict {
    var latch = Latch()
    return try layer.judge(try proposal(side, units), figures, limits ?? self.limits, &latch)
  }

  @Test("the layers stand in one order, each with its own code")
  func layers() {
    let layers = RiskLayerChain.standard.layers
    #expect(layers.map(\.name) == RiskLayerName.allCases)
    #expect(layers.map(\.name.position) == Array(0..<layers.count))
    #expect(
      layers.map(\.reason.code) == [
        "kill_switch", "drawdown_daily", "drawdown_total", "abnormal_spread", "abnormal_slippage",
        "stale_data",
        "exposure_limit", "position_size_limit", "order_rate_limit", "stop_loss",
      ])
    #expect(Set(layers.map(\.reason)).count == layers.count)
  }

  /// The layers that judge how things stand: each with its figure, its limit and how to set the figure.
  static var standing: [(any RiskLayer, KeyPath<RiskLimits, Ratio>, WritableKeyPath<RiskFigures, Ratio>)] {
    [
      (DailyDrawdownLayer(), \.maximumDailyDrawdown, \.dailyDrawdown),
      (TotalDrawdownLayer(), \.maximumDrawdown, \.drawdown), (SpreadLayer(), \.maximumSpread, \.spread),
      (SlippageLayer(), \.maximumSlippage, \.slippage),
      (DataStalenessLayer(), \.dataAgeFigure, \.dataAge), (StopLossLayer(), \.stopLoss, \.unrealisedLoss),
    ]
  }

  @Test("a figure may reach its limit and not pass it; tripped, it refuses down to the release")
  func standing() throws {
    for (layer, limit, figure) in Self.standing {
      let limit = limits[keyPath: limit]
      var latch = Latch()
      let release = limits.bound(at: limit).release
      for (mantissa, passes) in [
        (limit.mantissa, true), (limit.mantissa + 1, false), (limit.mantissa, false),
        (release.mantissa + 1, false), (release.mantissa, true), (limit.mantissa, true),
      ] {
        let figures = try figures { $0[keyPath: figure] = Ratio(mantissa: mantissa) }
        let verdict = try layer.judge(try proposal(.buy, 1), figures, limits, &latch)
        #expect(verdict.passed == passes, "\(layer.name.rawValue) at \(mantissa)")
        #expect(verdict.layer == layer.name && verdict.limit == limit && verdict.figure.mantissa == mantissa)
      }
    }
  }

  @Test("what reduces passes every layer, but not the kill switch and the total drawdown")
  func reducing() throws {
    for (layer, _, figure) in Self.standing {
      let figures = try figures { $0[keyPath: figure] = Ratio(count: 1_000) }
      #expect(try judge(layer, .sell, 1, figures).passed == (layer.name != .drawdownTotal), "\(layer.name)")
      #expect(try !judge(layer, .buy, 1, figures).passed)
    }
    let many = try figures { $0.orders = 1_000 }
    #expect(try judge(OrderRateLayer(), .sell, 1, many).passed)
    #expect(try !judge(OrderRateLayer(), .buy, 1, many).passed)
    let stopped = try figures { $0.killSwitchEngaged = true }
    #expect(try !judge(KillSwitchLayer(), .sell, 1, stopped).passed)
  }

  @Test("the kill switch refuses both sides while engaged", arguments: Side.allCases)
  func killSwitch(side: Side) throws {
    #expect(try judge(KillSwitchLayer(), side, 1, try figures()).passed)
    #expect(try !judge(KillSwitchLayer(), side, 1, try figures { $0.killSwitchEngaged = true }).passed)
  }

  @Test(
    "exposure and position may reach their limits and not pass them, the order included",
    arguments: [(0, true), (1, false)] as [(Int64, Bool)])
  func sizes(beyond: Int64, passes: Bool) throws {
    for (layer, before, limit) in [
      (ExposureLayer(), 3_000, limits.maximumExposure), (PositionSizeLayer(), 1_500, limits.maximumPosition),
    ] as [(any RiskLayer, Int64, Ratio)] {
      let held = try #require(Money(units: before + beyond))
      let verdict = try judge(layer, .buy, 1_000, try figures { ($0.exposure, $0.position) = (held, held) })
      #expect(verdict.passed == passes && verdict.limit == limit && verdict.layer == layer.name)
      let after = try #require(Money(units: before + beyond + 1_000))
      #expect(try verdict.figure == after.ratio(to: #require(Money(units: 10_000))))
    }
  }

  @Test("an order counts in its own rate", arguments: [(29, true), (30, false)] as [(Int64, Bool)])
  func orderRate(before: Int64, passes: Bool) throws {
    let verdict = try judge(OrderRateLayer(), .buy, 1, try figures { $0.orders = before })
    #expect(verdict.passed == passes && verdict.figure == Ratio(count: before + 1))
    #expect(verdict.limit == Ratio(count: 30))
    let endless = try figures { $0.orders = .max }
    #expect(try !judge(OrderRateLayer(), .buy, 1, endless).passed)
  }

  @Test(
    "a sell reduces, so neither size holds it back, even with the equity used up",
    arguments: [10_000, 0, -5] as [Int64])
  func sells(equity: Int64) throws {
    let held = try #require(Money(units: 9_000))
    let figures = try figures(equity: equity) { ($0.exposure, $0.position) = (held, held) }
    #expect(try judge(ExposureLayer(), .sell, 9_000, figures).passed)
    #expect(try judge(PositionSizeLayer(), .sell, 9_000, figures).passed)
  }

  @Test("a sell neither trips nor releases what judges an order's effect")
  func sellsLeaveLatches() throws {
    var latch = Latch()
    let held = try #require(Money(units: 9_000))
    let beyond = try figures { $0.exposure = held }
    _ = try ExposureLayer().judge(try proposal(.sell, 1), beyond, limits, &latch)
    #expect(!latch.isTripped)
    _ = try ExposureLayer().judge(try proposal(.buy, 1), beyond, limits, &latch)
    _ = try ExposureLayer().judge(try proposal(.sell, 1), try figures(), limits, &latch)
    #expect(latch.isTripped)
  }

  @Test(
    "where equity is used up a buy is beyond every limit, the largest too", arguments: [0, -5] as [Int64])
  func noEquity(equity: Int64) throws {
    var limits = limits
    limits.maximumExposure = Ratio(mantissa: .max)
    limits.maximumPosition = Ratio(mantissa: .max)
    let figures = try figures(equity: equity)
    #expect(try !judge(ExposureLayer(), .buy, 1, figures, limits).passed)
    #expect(try !judge(PositionSizeLayer(), .buy, 1, figures, limits).passed)
  }

  @Test("a figure beyond 64 bits is an overflow")
  func overflow() throws {
    let huge = try figures { $0.exposure = Money(mantissa: .max) }
    #expect(throws: ArithmeticOverflow()) { try judge(ExposureLayer(), .buy, 1, huge) }
  }
}

extension RiskLimits {
  fileprivate var dataAgeFigure: Ratio { Ratio(secondsOf: maximumDataAge) }
}
