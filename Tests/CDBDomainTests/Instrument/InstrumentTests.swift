import Foundation
import Testing

@testable import CDBDomain

@Suite("Instruments")
struct InstrumentTests {
  static func instrument(_ priceScale: Int, _ quantityScale: Int, lot: Int64 = 1) -> Instrument {
    Instrument(
      symbol: "P\(priceScale)Q\(quantityScale)", base: "P", quote: "Q", priceScale: priceScale,
      quantityScale: quantityScale, tickSize: Price(mantissa: 1), lotSize: Quantity(mantissa: lot),
      minimumNotional: .zero)
  }

  /// Two of everything: 2 × 3 = 6 units of money at whatever scales can express it.
  @Test(
    "price × quantity is the same money at every pair of scales", arguments: [0, 2, 4, 8, 18], [0, 3, 8, 18])
  func notional(priceScale: Int, quantityScale: Int) throws {
    let instrument = Self.instrument(priceScale, quantityScale)
    let price = Price(mantissa: 2 * DecimalText.powerOfTen(priceScale))
    let quantity = Quantity(mantissa: 3 * DecimalText.powerOfTen(quantityScale))
    for rounding in [Rounding.down, .up] {
      #expect(try instrument.notional(price, quantity, rounding: rounding) == Money(units: 6))
    }
    #expect(try instrument.quantity(for: #require(Money(units: 6)), at: price) == quantity)
  }

  @Test("what is below the scale of money is rounded as asked")
  func rounding() throws {
    let instrument = Self.instrument(18, 18)
    let one = try instrument.notional(Price(mantissa: 1), Quantity(mantissa: 1), rounding: .up)
    let none = try instrument.notional(Price(mantissa: 1), Quantity(mantissa: 1), rounding: .down)
    #expect(one.mantissa == 1 && none.mantissa == 0)
  }

  @Test("a notional that does not fit is an overflow", arguments: [(0, 0), (8, 8), (2, 0)])
  func overflow(priceScale: Int, quantityScale: Int) {
    #expect(throws: ArithmeticOverflow()) {
      try Self.instrument(priceScale, quantityScale)
        .notional(Price(mantissa: .max), Quantity(mantissa: .max), rounding: .down)
    }
  }

  @Test("the quantity for an amount of money never costs more, and a lot more would")
  func largest() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<2_000 {
      let lot = random.integer(1...1_000)
      let instrument = Self.instrument(Int(random.integer(0...8)), Int(random.integer(0...8)), lot: lot)
      let price = Price(mantissa: random.integer(1...10_000_000))
      let money = Money(mantissa: random.integer(0...1_000_000_000_000))
      guard let quantity = try? instrument.quantity(for: money, at: price) else { continue }
      #expect(quantity.mantissa % lot == 0)
      #expect(try instrument.notional(price, quantity, rounding: .up) <= money)
      let more = Quantity(mantissa: quantity.mantissa + lot)
      #expect(try instrument.notional(price, more, rounding: .up) > money)
    }
  }

  @Test("no price, no money: no quantity", arguments: [(0, 5), (-1, 5), (5, 0), (5, -5)] as [(Int64, Int64)])
  func nothing(price: Int64, money: Int64) throws {
    let instrument = Self.instrument(2, 8)
    #expect(try instrument.quantity(for: Money(mantissa: money), at: Price(mantissa: price)) == .zero)
  }

  @Test("a lot is the smallest step")
  func lots() {
    let instrument = Self.instrument(2, 8, lot: 1_000)
    #expect(instrument.roundedDownToLot(Quantity(mantissa: 12_999)) == Quantity(mantissa: 12_000))
    #expect(instrument.roundedDownToLot(Quantity(mantissa: 999)) == .zero)
  }

  @Test("a pair without known rules keeps every digit that a feed may send")
  func generic() {
    let pair = Instrument.binanceSpot("DOGEFDUSD")
    #expect(pair.base == "DOGE" && pair.quote == "FDUSD" && pair.priceScale == 8 && pair.quantityScale == 8)
    #expect(Instrument.binanceSpot("XYZ").base == "XYZ")
    #expect(Instrument.binanceSpot("BTCUSDT").priceScale == 2)
  }
}

@Suite("Catalogue of instruments")
struct InstrumentCatalogueTests {
  @Test("an instrument's position is its id")
  func positions() throws {
    let catalogue = try Fixture.catalogue()
    #expect(catalogue.ids == [btc, eth])
    #expect(catalogue.id(of: "ETHUSDT") == eth && catalogue.id(of: "ethusdt") == nil)
    #expect(catalogue[eth].symbol == "ETHUSDT")
    #expect(catalogue.contains(eth) && !catalogue.contains(nowhere))
  }

  @Test("empty, too many and double are told apart")
  func lists() {
    typealias Invalid = InstrumentCatalogue.InvalidCatalogue
    #expect(throws: Invalid.empty) { try InstrumentCatalogue([]) }
    let many = (0...4096).map { Instrument.generic(symbol: "S\($0)") }
    #expect(throws: Invalid.tooMany(4097)) { try InstrumentCatalogue(many) }
    let twice = [Instrument.binanceSpot("BTCUSDT"), .binanceSpot("BTCUSDT")]
    #expect(throws: Invalid.duplicate(symbol: "BTCUSDT")) { try InstrumentCatalogue(twice) }
  }

  static let impossible: [Instrument] = [
    InstrumentTests.instrument(19, 8), InstrumentTests.instrument(-1, 8), InstrumentTests.instrument(2, 19),
    InstrumentTests.instrument(2, -1), InstrumentTests.instrument(2, 8, lot: 0),
    InstrumentTests.instrument(2, 8, lot: -1),
  ]

  @Test("a tick of nothing and a minimum below nothing are impossible too")
  func ticksAndMinima() throws {
    let expected = InstrumentCatalogue.InvalidCatalogue.impossibleRules(symbol: "BTCUSDT")
    var instrument = Instrument.binanceSpot("BTCUSDT")
    instrument.tickSize = Price(mantissa: 0)
    #expect(throws: expected) { try InstrumentCatalogue([instrument]) }
    instrument = .binanceSpot("BTCUSDT")
    instrument.minimumNotional = Money(mantissa: -1)
    #expect(throws: expected) { try InstrumentCatalogue([instrument]) }
  }

  @Test("rules that no exchange has are refused, in code and in what is decoded", arguments: impossible)
  func rules(instrument: Instrument) throws {
    let expected = InstrumentCatalogue.InvalidCatalogue.impossibleRules(symbol: instrument.symbol)
    #expect(throws: expected) { try InstrumentCatalogue([instrument]) }
    let json = try JSONEncoder().encode(["instruments": [instrument]])
    #expect(throws: expected) { try JSONDecoder().decode(InstrumentCatalogue.self, from: json) }
  }

  @Test("a catalogue survives its encoding")
  func roundTrip() throws {
    let catalogue = try Fixture.catalogue()
    #expect(try Fixture.restored(catalogue) == catalogue)
  }
}
