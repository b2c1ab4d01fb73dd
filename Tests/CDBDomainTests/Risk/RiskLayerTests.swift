import Testing

@testable import CDBDomain

@Suite("Risk layers")
struct RiskLayerTests {
  let limits = RiskLimits()

  func proposal(_ side: Side, _ units: Int64) throws -> OrderProposal {
    OrderProposal(
      instrument: btc, side: side, quantity: Quantity(mantissa: 1),
      notional: try #require(Money(units: units)))
  }

  func figures(
    stopped: Bool = false, equity: Int64 = 10_000, exposure: Int64 = 0, position: Int64 = 0
  ) throws -> RiskFigures {
    RiskFigures(
      killSwitchEngaged: stopped, equity: try #require(Money(units: equity)),
      exposure: try #require(Money(units: exposure)), position: try #require(Money(units: position)))
  }

  @Test("the layers stand in one order, each with its own code")
  func layers() {
    #expect(true)
    #expect(RiskEngine.layers.map(\.reason) == [.killSwitch, .exposureLimit, .positionSizeLimit])
  }

  @Test("the kill switch refuses both sides while engaged", arguments: Side.allCases)
  func killSwitch(side: Side) throws {
    let layer = KillSwitchLayer()
    #expect(layer.judge(try proposal(side, 1), try figures(), limits).passed)
    #expect(!layer.judge(try proposal(side, 1), try figures(stopped: true), limits).passed)
  }

  @Test(
    "exposure may reach its limit and not pass it",
    arguments: [(3_000, true), (3_001, false)] as [(Int64, Bool)])
  func exposure(before: Int64, passes: Bool) throws {
    let verdict = try ExposureLayer().judge(try proposal(.buy, 1_000), try figures(exposure: before), limits)
    #expect(verdict.passed == passes)
    #expect(verdict.limit == limits.maximumExposure && verdict.layer == .exposure)
    #expect(
      try verdict.figure == #require(Money(units: before + 1_000)).ratio(to: #require(Money(units: 10_000))))
  }

  @Test(
    "a position may reach its limit and not pass it",
    arguments: [(1_500, true), (1_501, false)] as [(Int64, Bool)])
  func position(before: Int64, passes: Bool) throws {
    let verdict = try PositionSizeLayer()
      .judge(try proposal(.buy, 1_000), try figures(position: before), limits)
    #expect(verdict.passed == passes)
    #expect(verdict.limit == limits.maximumPosition && verdict.layer == .positionSize)
  }

  @Test(
    "a sell reduces, so neither limit holds it back, even with the equity used up",
    arguments: [10_000, 0, -5] as [Int64])
  func sells(equity: Int64) throws {
    let figures = try figures(equity: equity, exposure: 9_000, position: 9_000)
    #expect(try ExposureLayer().judge(try proposal(.sell, 9_000), figures, limits).passed)
    #expect(try PositionSizeLayer().judge(try proposal(.sell, 9_000), figures, limits).passed)
  }

  @Test(
    "where equity is used up a buy is beyond every limit, the largest too", arguments: [0, -5] as [Int64])
  func noEquity(equity: Int64) throws {
    var limits = limits
    limits.maximumExposure = Ratio(mantissa: .max)
    limits.maximumPosition = Ratio(mantissa: .max)
    let figures = try figures(equity: equity)
    #expect(try !ExposureLayer().judge(try proposal(.buy, 1), figures, limits).passed)
    #expect(try !PositionSizeLayer().judge(try proposal(.buy, 1), figures, limits).passed)
  }

  @Test("a figure beyond 64 bits is an overflow")
  func overflow() throws {
    var huge = try figures()
    huge.exposure = Money(mantissa: .max)
    #expect(throws: ArithmeticOverflow()) {
      try ExposureLayer().judge(try proposal(.buy, 1), huge, limits)
    }
  }
}
