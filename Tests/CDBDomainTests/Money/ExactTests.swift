import Testing

@testable import CDBDomain

@Suite("Exact arithmetic")
struct ExactTests {
  @Test("sums and differences that do not fit are errors")
  func sums() throws {
    #expect(try Exact.add(2, 3) == 5)
    #expect(try Exact.subtract(2, 3) == -1)
    #expect(throws: ArithmeticOverflow()) { try Exact.add(.max, 1) }
    #expect(throws: ArithmeticOverflow()) { try Exact.subtract(.min, 1) }
    #expect(throws: ArithmeticOverflow()) { try Money(mantissa: .max) + Money(mantissa: 1) }
    #expect(throws: ArithmeticOverflow()) { try Quantity(mantissa: .min) - Quantity(mantissa: 1) }
  }

  @Test(
    "down is towards minus infinity, up towards plus infinity, for both signs",
    arguments: [(7, 3, 4), (-7, -4, -3), (8, 4, 4), (-8, -4, -4), (0, 0, 0), (1, 0, 1), (-1, -1, 0)]
      as [(Int64, Int64, Int64)])
  func rounding(value: Int64, down: Int64, up: Int64) throws {
    #expect(try Exact.multiply(value, 1, dividingBy: 2, rounding: .down) == down)
    #expect(try Exact.multiply(value, 1, dividingBy: 2, rounding: .up) == up)
  }

  @Test("a product beyond 64 bits is taken in 128, and only the quotient must fit")
  func wide() throws {
    #expect(try Exact.multiply(.max, .max, dividingBy: Int128(Int64.max), rounding: .down) == .max)
    #expect(try Exact.multiply(.min, .min, dividingBy: Int128(1) << 64, rounding: .up) == 1 << 62)
    #expect(throws: ArithmeticOverflow()) {
      try Exact.multiply(.min, -1, dividingBy: 1, rounding: .down)
    }
  }

  @Test("a divisor that is not positive is an overflow, never a trap", arguments: [0, -1] as [Int128])
  func divisor(divisor: Int128) {
    #expect(throws: ArithmeticOverflow()) {
      try Exact.multiply(1, 1, dividingBy: divisor, rounding: .down)
    }
  }

  @Test("the rounded quotient brackets the exact one by less than a unit")
  func bracket() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<5_000 {
      let (a, b) = (random.anyInteger(), random.anyInteger())
      let divisor = Int128(max(1, random.anyInteger()))
      let product = Int128(a) * Int128(b)
      if let down = try? Exact.multiply(a, b, dividingBy: divisor, rounding: .down) {
        let rest = product - Int128(down) * divisor
        #expect(rest >= 0 && rest < divisor)
      }
      if let up = try? Exact.multiply(a, b, dividingBy: divisor, rounding: .up) {
        let rest = Int128(up) * divisor - product
        #expect(rest >= 0 && rest < divisor)
      }
    }
  }

  @Test("money knows whole units, ratios and shares")
  func money() throws {
    #expect(Money(units: 12)?.mantissa == 1_200_000_000)
    #expect(Money(units: .max) == nil)
    let hundred = try #require(Money(units: 100))
    #expect(try hundred.times(Ratio(basisPoints: 10), rounding: .up).mantissa == 10_000_000)
    #expect(try Money(mantissa: 1).times(Ratio(basisPoints: 10), rounding: .up).mantissa == 1)
    #expect(try Money(mantissa: 1).times(Ratio(basisPoints: 10), rounding: .down).mantissa == 0)
    #expect(try Money(mantissa: 1).ratio(to: Money(mantissa: 3)).mantissa == 33_333_333)
    #expect(throws: ArithmeticOverflow()) { try hundred.ratio(to: .zero) }
  }

  @Test("a price changes relative to its base, and moves by a ratio")
  func price() throws {
    let base = Price(mantissa: 10_000)
    #expect(try Price(mantissa: 10_005).change(from: base) == Ratio(basisPoints: 5))
    #expect(try Price(mantissa: 9_995).change(from: base) == Ratio(basisPoints: -5))
    #expect(try base.moved(by: Ratio(basisPoints: 20), rounding: .up).mantissa == 10_020)
    #expect(try Price(mantissa: 3).moved(by: Ratio(basisPoints: 1), rounding: .up).mantissa == 4)
    #expect(try Price(mantissa: 3).moved(by: Ratio(basisPoints: -1), rounding: .down).mantissa == 2)
    #expect(throws: ArithmeticOverflow()) { try base.change(from: Price(mantissa: 0)) }
    #expect(throws: ArithmeticOverflow()) { try base.change(from: Price(mantissa: -1)) }
  }
}
