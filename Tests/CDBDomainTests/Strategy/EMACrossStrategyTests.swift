import Testing

@testable import CDBDomain

@Suite("Strategy of crossing averages")
struct EMACrossStrategyTests {
  /// Averages over 3 and 9 samples of a second, ten basis points, a cooldown of five seconds.
  static var parameters: EMACrossParameters {
    var parameters = EMACrossParameters()
    parameters.fast = 3
    parameters.slow = 9
    parameters.sampleInterval = second
    parameters.threshold = Ratio(basisPoints: 10)
    parameters.cooldown = 5 * second
    return parameters
  }

  var strategy = EMACrossStrategy(parameters: parameters)

  /// Shows one price a second from `start` on; the seconds and sides of its signals.
  @discardableResult
  static func show(_ strategy: inout EMACrossStrategy, _ prices: [Int64], from start: Int64) -> [(
    Int64, Side
  )] {
    prices.enumerated().compactMap { index, price in
      let time = start + Int64(index)
      return strategy.observe(Price(mantissa: price), at: at(time * second)).map { (time, $0.side) }
    }
  }

  @Test("the averages are exponential, exact, and rounded towards minus infinity")
  mutating func averages() {
    // 1,000,000, then 1,010,000 for eight samples; the other way round by hand, in units of 10⁻⁹.
    Self.show(&strategy, [1_000_000] + Array(repeating: 1_010_000, count: 8), from: 0)
    var (fast, slow) = (Int128(1_000_000_000_000_000), Int128(1_000_000_000_000_000))
    for _ in 1...8 {
      fast += (1_010_000_000_000_000 - fast) * 2 / 4
      slow += (1_010_000_000_000_000 - slow) * 2 / 10
    }
    #expect(strategy.separation == Ratio(mantissa: Int64((fast - slow) * 100_000_000 / slow)))
    #expect(strategy.separation == Ratio(mantissa: 162_513))
  }

  @Test("there is no opinion before a slow window was seen")
  mutating func warmUp() {
    Self.show(&strategy, Array(repeating: 1_000_000, count: 8), from: 0)
    #expect(strategy.separation == nil && strategy.nearness == nil)
    Self.show(&strategy, [1_000_000], from: 8)
    #expect(strategy.separation == .zero && strategy.nearness == .zero)
  }

  @Test(
    "it buys where the fast average rises through the slow one by the threshold, and sells where it falls")
  mutating func crosses() {
    Self.show(&strategy, Array(repeating: 1_000_000, count: 9), from: 0)
    let falling = (1...10 as ClosedRange<Int64>).map { 1_000_000 - $0 * 1_000 }
    let rising = (1...20 as ClosedRange<Int64>).map { 990_000 + $0 * 1_000 }
    // Where they first come to be is no cross.
    #expect(Self.show(&strategy, falling, from: 9).isEmpty)
    let up = Self.show(&strategy, rising, from: 19)
    #expect(up.map(\.1) == [.buy])
    let down = Self.show(&strategy, rising.reversed(), from: 39)
    #expect(down.map(\.1) == [.sell])
  }

  @Test("a signal carries its figures, and how near the next one is goes from nothing to one")
  mutating func figures() throws {
    Self.show(&strategy, Array(repeating: 1_000_000, count: 9), from: 0)
    Self.show(&strategy, (1...10).map { 1_000_000 - $0 * 1_000 }, from: 9)
    #expect(strategy.nearness == .zero)
    var (time, found, last) = (Int64(19), Suggestion?.none, Ratio.zero)
    while found == nil, time < 60 {
      let price = Price(mantissa: 990_000 + (time - 18) * 1_000)
      found = strategy.observe(price, at: at(time * second))
      if found == nil, let nearness = strategy.nearness {
        #expect(nearness < .one && nearness >= last)
        last = nearness
      }
      time += 1
    }
    let suggestion = try #require(found)
    let separation = try #require(suggestion.features["separation"])
    #expect(last > .zero)
    #expect(separation >= Ratio(basisPoints: 10) && separation == strategy.separation)
    #expect(suggestion.features["threshold"] == Ratio(basisPoints: 10))
    #expect(suggestion.strength == Ratio(mantissa: separation.mantissa * 1_000))
    #expect(suggestion.referencePrice == Price(mantissa: 990_000 + (time - 19) * 1_000))
    #expect(strategy.nearness == .zero)
  }

  @Test("a cross within the cooldown waits for its end")
  mutating func cooldown() {
    strategy.parameters.cooldown = 100 * second
    Self.show(&strategy, Array(repeating: 1_000_000, count: 9), from: 0)
    Self.show(&strategy, Array(repeating: 990_000, count: 5), from: 9)
    let first = Self.show(&strategy, Array(repeating: 1_010_000, count: 10), from: 14)
    #expect(first.map(\.1) == [.buy])
    let falling = Self.show(&strategy, (1...200).map { 1_010_000 - $0 * 2_000 }, from: 24)
    #expect(falling.map(\.0) == [first[0].0 + 100])
    #expect(falling.map(\.1) == [.sell])
  }

  @Test("after a gap longer than the slow window it begins anew; a gap of exactly that is none")
  mutating func gap() {
    Self.show(&strategy, Array(repeating: 1_000_000, count: 9), from: 0)
    Self.show(&strategy, [1_000_000], from: 17)
    #expect(strategy.separation == .zero)
    Self.show(&strategy, [2_000_000], from: 27)
    #expect(strategy.separation == nil)
    Self.show(&strategy, Array(repeating: 2_000_000, count: 8), from: 28)
    #expect(strategy.separation == .zero)
  }

  @Test("only the first price of a sample interval is taken")
  mutating func sampling() {
    Self.show(&strategy, Array(repeating: 1_000_000, count: 9), from: 0)
    let before = strategy
    #expect(strategy.observe(Price(mantissa: 2_000_000), at: at(9 * second - 1)) == nil)
    #expect(strategy == before)
  }

  @Test(
    "impossible windows, thresholds and prices give no signal and no trap",
    arguments: [
      (0, 0, 10), (-1, .max, 10), (.max, .min, 10), (3, 9, 0), (3, 9, -10),
    ] as [(Int, Int, Int64)])
  func impossible(fast: Int, slow: Int, basisPoints: Int64) {
    var parameters = Self.parameters
    (parameters.fast, parameters.slow) = (fast, slow)
    parameters.threshold = Ratio(basisPoints: basisPoints)
    parameters.sampleInterval = basisPoints > 0 ? .max / 2 : 0
    var strategy = EMACrossStrategy(parameters: parameters)
    let prices: [Int64] = [1, .max, 1, 0, -5, .min, .max, 1, .max, 1, .max]
    #expect(Self.show(&strategy, prices, from: 0).isEmpty)
    #expect(Self.show(&strategy, prices, from: 9_000_000_000).isEmpty)
  }

  @Test("the largest prices do not overflow")
  mutating func largest() {
    let prices = Array(repeating: Int64.max, count: 9) + Array(repeating: 1, count: 5)
    Self.show(&strategy, prices + Array(repeating: .max, count: 20), from: 0)
    #expect(strategy.separation != nil)
  }

  @Test(
    "the same prices give the same signals, restored at any point or not",
    arguments: 1...20 as ClosedRange<UInt64>)
  func deterministic(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(0...1_999)
    var whole = EMACrossStrategy(parameters: Self.parameters)
    var restored = whole
    var (time, price): (Int64, Int64) = (0, 1_000_000)
    var signals = 0
    for step in 0..<2_000 as Range<Int64> {
      if step == split { restored = try Fixture.restored(restored) }
      time += random.integer(0...800 * millisecond)
      price += random.integer(-800...800)
      let first = whole.observe(Price(mantissa: price), at: at(time))
      #expect(first == restored.observe(Price(mantissa: price), at: at(time)))
      signals += first == nil ? 0 : 1
    }
    #expect(whole == restored)
    #expect(signals > 0)
  }
}
