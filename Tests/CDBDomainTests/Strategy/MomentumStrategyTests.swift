import Testing

@testable import CDBDomain

@Suite("Momentum strategy")
struct MomentumStrategyTests {
  /// Ten seconds of window, one of sampling, ten basis points, twenty seconds of cooldown.
  static var parameters: MomentumParameters {
    var parameters = MomentumParameters()
    parameters.window = 10 * second
    parameters.sampleInterval = second
    parameters.threshold = Ratio(basisPoints: 10)
    parameters.cooldown = 20 * second
    return parameters
  }

  var strategy = MomentumStrategy(parameters: parameters)

  /// One flat price a second, from one time to another.
  static func flat(_ strategy: inout MomentumStrategy, _ seconds: ClosedRange<Int64>, at price: Int64) {
    for second_ in seconds { _ = strategy.observe(Price(mantissa: price), at: at(second_ * second)) }
  }

  @Test("there is no opinion before a whole window was seen")
  mutating func warmUp() {
    #expect(strategy.observe(Price(mantissa: 100_000), at: at(0)) == nil)
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(9 * second)) == nil)
    #expect(strategy.lastChange == nil)
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(10 * second)) != nil)
    #expect(strategy.lastChange == .one)
  }

  @Test(
    "it buys what rose and sells what fell, from the threshold on",
    arguments: [
      (100_100, Side.buy), (100_099, nil), (99_900, .sell), (99_901, nil), (100_000, nil),
    ] as [(Int64, Side?)])
  mutating func threshold(price: Int64, side: Side?) {
    Self.flat(&strategy, 0...9, at: 100_000)
    #expect(strategy.observe(Price(mantissa: price), at: at(10 * second))?.side == side)
  }

  @Test("a suggestion says how strong, by what change, at what price")
  mutating func figures() throws {
    Self.flat(&strategy, 0...9, at: 100_000)
    let suggestion = strategy.observe(Price(mantissa: 100_250), at: at(10 * second))
    let found = try #require(suggestion)
    #expect(found.strength == Ratio(mantissa: 250_000_000))
    #expect(found.features["change"] == Ratio(basisPoints: 25))
    #expect(found.referencePrice == Price(mantissa: 100_250))
  }

  @Test("the price is compared with the newest that is a window old")
  mutating func window() throws {
    Self.flat(&strategy, 0...4, at: 50_000)
    Self.flat(&strategy, 5...14, at: 100_000)
    _ = strategy.observe(Price(mantissa: 100_100), at: at(15 * second))
    #expect(strategy.lastChange == Ratio(basisPoints: 10))
  }

  @Test("only the first price of a sample interval is judged")
  mutating func sampling() {
    Self.flat(&strategy, 0...10, at: 100_000)
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(11 * second - 1)) == nil)
    #expect(strategy.lastChange == .zero)
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(11 * second)) != nil)
  }

  @Test("a time that goes back is not judged")
  mutating func backwards() {
    Self.flat(&strategy, 0...10, at: 100_000)
    let before = strategy
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(3 * second)) == nil)
    #expect(strategy == before)
  }

  @Test("between two signals there is the cooldown, and at its end the next")
  mutating func cooldown() {
    Self.flat(&strategy, 0...9, at: 100_000)
    var signals: [Int64] = []
    for second_ in 10...60 as ClosedRange<Int64> {
      let price = Price(mantissa: 100_000 + 1_000 * (second_ - 9))
      if strategy.observe(price, at: at(second_ * second)) != nil { signals.append(second_) }
    }
    #expect(signals == [10, 30, 50])
  }

  @Test("prices from before an outage say nothing about momentum")
  mutating func outage() {
    Self.flat(&strategy, 0...10, at: 100_000)
    #expect(strategy.observe(Price(mantissa: 200_000), at: at(21 * second)) == nil)
    #expect(strategy.lastChange == nil)
    Self.flat(&strategy, 22...30, at: 200_000)
    #expect(
      strategy.observe(Price(mantissa: 200_300), at: at(31 * second))?.features["change"]
        == Ratio(mantissa: 150_000))
  }

  @Test(
    "a threshold that is not positive, or a price that is not, gives no signal and no trap",
    arguments: [
      (0, 100), (-10, 100), (10, 0), (10, -5),
    ] as [(Int64, Int64)])
  func impossible(basisPoints: Int64, price: Int64) {
    var parameters = Self.parameters
    parameters.threshold = Ratio(basisPoints: basisPoints)
    var strategy = MomentumStrategy(parameters: parameters)
    for second_ in 0...40 as ClosedRange<Int64> {
      let price = Price(mantissa: price > 0 ? price * (second_ + 1) : price)
      #expect(strategy.observe(price, at: at(second_ * second)) == nil)
    }
  }

  @Test(
    "the same prices give the same signals, restored at any point or not",
    arguments: 1...20 as ClosedRange<UInt64>)
  func deterministic(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(0...1_999)
    var whole = MomentumStrategy(parameters: Self.parameters)
    var restored = whole
    var (time, price): (Int64, Int64) = (0, 1_000_000)
    var signals = 0
    for step in 0..<2_000 as Range<Int64> {
      if step == split { restored = try Fixture.restored(restored) }
      time += random.integer(0...800 * millisecond)
      price += random.integer(-300...300)
      let first = whole.observe(Price(mantissa: price), at: at(time))
      #expect(first == restored.observe(Price(mantissa: price), at: at(time)))
      signals += first == nil ? 0 : 1
    }
    #expect(whole == restored)
    #expect(signals > 0)
  }

  @Test("a gap of exactly a window is no outage")
  mutating func longestGap() {
    Self.flat(&strategy, 0...10, at: 100_000)
    #expect(strategy.observe(Price(mantissa: 100_100), at: at(20 * second))?.side == .buy)
  }

  @Test("an impossible window is no trap", arguments: [Int64.min, -1, 0, .max])
  func impossibleWindow(window: Int64) {
    var parameters = Self.parameters
    parameters.window = window
    var strategy = MomentumStrategy(parameters: parameters)
    for second_ in 0...3 as ClosedRange<Int64> {
      #expect(strategy.observe(Price(mantissa: 100), at: at(second_ * second)) == nil)
    }
  }
}
