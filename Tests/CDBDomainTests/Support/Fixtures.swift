import Foundation
import Testing

@testable import CDBDomain

let second: Int64 = 1_000_000_000
let millisecond: Int64 = 1_000_000

func at(_ nanoseconds: Int64) -> EventTime { EventTime(nanoseconds: nanoseconds) }

let btc = InstrumentID(0)
let eth = InstrumentID(1)
let nowhere = InstrumentID(99)

enum Fixture {
  static func catalogue() throws -> InstrumentCatalogue {
    try InstrumentCatalogue([.binanceSpot("BTCUSDT"), .binanceSpot("ETHUSDT")])
  }

  static func configuration() throws -> PipelineConfiguration {
    PipelineConfiguration(profile: "default", instruments: try catalogue())
  }

  /// One instrument at the scales of Bitcoin's, without rules for lots and notionals.
  static func free() throws -> InstrumentCatalogue {
    var instrument = Instrument.binanceSpot("BTCUSDT")
    instrument.lotSize = Quantity(mantissa: 1)
    instrument.minimumNotional = .zero
    return try InstrumentCatalogue([instrument])
  }

  static func price(_ text: String) throws -> Price {
    Price(mantissa: try DecimalText.parse(text, scale: 2))
  }

  static func quantity(_ text: String) throws -> Quantity {
    Quantity(mantissa: try DecimalText.parse(text, scale: 8))
  }

  static func money(_ text: String) throws -> Money {
    Money(mantissa: try DecimalText.parse(text, scale: Money.scale))
  }

  static func quote(
    _ instrument: InstrumentID, _ bid: String, _ ask: String, size: String = "1", updateID: Int64 = 1
  ) throws -> Quote {
    Quote(
      instrument: instrument, updateID: updateID, bid: try price(bid), bidQuantity: try quantity(size),
      ask: try price(ask), askQuantity: try quantity(size))
  }

  static func level(_ price: String, _ quantity: String) throws -> BookLevel {
    BookLevel(price: try self.price(price), quantity: try self.quantity(quantity))
  }

  static func order(
    _ sequence: UInt64 = 1, _ side: Side = .buy, _ quantity: String = "0.5", instrument: InstrumentID = btc,
    type: OrderType = .market, limit: String? = nil, stop: String? = nil
  ) throws -> Order {
    Order(
      id: id(.risk, sequence), signalID: id(.core, sequence), account: "paper", instrument: instrument,
      side: side, type: type, quantity: try self.quantity(quantity), limitPrice: try limit.map(price),
      stopPrice: try stop.map(price),
      referencePrice: try price("50000"), layers: [])
  }

  static func signal(_ side: Side = .buy, _ instrument: InstrumentID = btc) -> Signal {
    Signal(
      id: id(.core, 1), instrument: instrument, side: side, strategy: "momentum", strength: .one,
      referencePrice: Price(mantissa: 5_000_000), features: [:])
  }

  static func id(_ producer: StageName, _ sequence: UInt64) -> EventID {
    EventID(producer: producer, partition: 0, sequence: sequence)
  }

  /// What a stage's snapshot does to a value: out as JSON, and back.
  static func restored<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }
}
