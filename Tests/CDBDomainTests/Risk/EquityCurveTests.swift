import Testing

@testable import CDBDomain

@Suite("Equity curve")
struct EquityCurveTests {
  static func money(_ units: Int64) -> Money { Money(mantissa: units * 100_000_000) }
  let day = RiskBench.day
  var curve = EquityCurve(starting: money(1_000))

  @Test("drawdown is the fall below the peak, daily drawdown below where the day began, both never negative")
  mutating func drawdowns() {
    curve.observe(Self.money(1_100), at: at(1))
    #expect(curve.drawdown == .zero && curve.dailyDrawdown == .zero)
    curve.observe(Self.money(990), at: at(2))
    #expect(curve.peak == Self.money(1_100))
    #expect(curve.drawdown == Ratio(basisPoints: 1_000))
    #expect(curve.dailyDrawdown == Ratio(basisPoints: 100))
  }

  @Test("a UTC day begins with the equity last seen before it, the epoch's midnight included")
  mutating func rollover() {
    var isNew = curve.observe(Self.money(900), at: at(day - 1))
    #expect(!isNew)
    isNew = curve.observe(Self.money(890), at: at(day))
    #expect(isNew)
    #expect(curve.dayStart == Self.money(900))
    isNew = curve.observe(Self.money(880), at: at(2 * day - 1))
    #expect(!isNew)
    #expect(curve.dayStart == Self.money(900))
    isNew = curve.observe(Self.money(880), at: at(9 * day))
    #expect(isNew)
    #expect(curve.dailyDrawdown == .zero)
    #expect(curve.drawdown == Ratio(basisPoints: 1_200))
  }

  @Test("time that steps back begins no day, and days before the epoch are days")
  mutating func strangeTimes() {
    #expect(at(-1).utcDay == -1 && at(0).utcDay == 0 && at(-day).utcDay == -1 && at(-day - 1).utcDay == -2)
    curve.observe(Self.money(900), at: at(5 * day))
    var isNew = curve.observe(Self.money(800), at: at(day))
    #expect(!isNew)
    isNew = curve.observe(Self.money(800), at: at(5 * day + 1))
    #expect(!isNew)
    #expect(curve.dayStart == Self.money(1_000))
  }

  @Test("an account that began with nothing has nothing to lose; a fall that does not fit is the largest")
  mutating func extremes() {
    curve = EquityCurve(starting: .zero)
    curve.observe(Self.money(-5), at: at(1))
    #expect(curve.drawdown == .zero)
    curve = EquityCurve(starting: Money(mantissa: 1))
    curve.observe(Money(mantissa: .min), at: at(1))
    #expect(curve.drawdown == Ratio(mantissa: .max))
  }

  @Test("slippage is what was to the account's disadvantage, on both sides")
  func slippage() {
    let reference = Price(mantissa: 10_000)
    for (price, side, expected) in [
      (10_020, .buy, 20), (9_980, .buy, 0), (9_980, .sell, 20), (10_020, .sell, 0),
    ] as [(Int64, Side, Int64)] {
      let slippage = SlippageWindow.slippage(of: Price(mantissa: price), against: reference, side: side)
      #expect(slippage == Ratio(basisPoints: expected))
    }
    #expect(SlippageWindow.slippage(of: reference, against: Price(mantissa: 0), side: .buy) == .zero)
    #expect(
      SlippageWindow.slippage(of: Price(mantissa: .max), against: Price(mantissa: 1), side: .buy)
        == Ratio(mantissa: .max))
  }

  @Test(
    "the worst in a window is what a look at every observation finds",
    arguments: 1...20 as ClosedRange<UInt64>)
  func window(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var window = SlippageWindow()
    var all: [(time: Int64, slippage: Int64)] = []
    var orders = OrderWindow()
    for step in 1...200 as ClosedRange<Int64> {
      let time = step * 10 + random.integer(0...5)
      all.append((time, random.integer(0...100)))
      window.add(Ratio(mantissa: all[all.count - 1].slippage), at: at(time))
      orders.add(at: at(time))
      let recent = all.filter { $0.time >= time - 100 }
      #expect(window.worst(at: at(time), window: 100).mantissa == recent.map(\.slippage).max())
      #expect(orders.count(at: at(time), window: 100) == Int64(recent.count))
    }
    #expect(try Fixture.restored(window) == window && Fixture.restored(orders) == orders)
    #expect(window.worst(at: at(10_000), window: 5) == .zero)
    #expect(orders.count(at: at(10_000), window: 5) == 0)
  }
}
