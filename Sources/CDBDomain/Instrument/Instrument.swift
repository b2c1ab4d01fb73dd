/// An index into the ``InstrumentCatalogue``: what events carry instead of a name.
public struct InstrumentID: Sendable, Hashable, Comparable, Codable {
  public var index: UInt16
  @inlinable public init(_ index: UInt16) { self.index = index }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.index < b.index }
  public init(from decoder: any Decoder) throws {
    index = try decoder.singleValueContainer().decode(UInt16.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(index)
  }
}

/// What is traded, with the exchange's rules for prices and quantities.
public struct Instrument: Sendable, Hashable, Codable {
  /// The exchange's symbol in capitals, such as `BTCUSDT`.
  public var symbol: String
  public var base: String
  public var quote: String
  /// Digits after the point of a price, 0…18.
  public var priceScale: Int
  /// Digits after the point of a quantity, 0…18.
  public var quantityScale: Int
  /// The smallest step of a price.
  public var tickSize: Price
  /// The smallest step of a quantity.
  public var lotSize: Quantity
  /// The smallest notional of an order.
  public var minimumNotional: Money

  public init(
    symbol: String, base: String, quote: String, priceScale: Int, quantityScale: Int,
    tickSize: Price, lotSize: Quantity, minimumNotional: Money
  ) {
    self.symbol = symbol
    self.base = base
    self.quote = quote
    self.priceScale = priceScale
    self.quantityScale = quantityScale
    self.tickSize = tickSize
    self.lotSize = lotSize
    self.minimumNotional = minimumNotional
  }

  /// Price × quantity in money.
  @inlinable
  public func notional(
    _ price: Price, _ quantity: Quantity, rounding: Rounding
  ) throws(ArithmeticOverflow) -> Money {
    let scale = priceScale + quantityScale - Money.scale
    if scale >= 0 {
      return Money(
        mantissa: try Exact.multiply(
          price.mantissa, quantity.mantissa, dividingBy: Self.wideUnit(scale), rounding: rounding))
    }
    let product = try Exact.multiply(
      price.mantissa, quantity.mantissa, dividingBy: 1, rounding: rounding)
    return Money(mantissa: try Exact.narrow(Int128(product) * Self.wideUnit(-scale)))
  }

  /// The largest whole number of lots that `money` buys at `price`; zero where the price is not positive.
  public func quantity(for money: Money, at price: Price) throws(ArithmeticOverflow) -> Quantity {
    guard price.mantissa > 0, money.mantissa > 0, lotSize.mantissa > 0 else { return .zero }
    // money/10^8 ÷ price/10^p = quantity/10^q, so quantity = money × 10^(q+p-8) ÷ price.
    let exponent = quantityScale + priceScale - Money.scale
    var numerator = Int128(money.mantissa)
    var denominator = Int128(price.mantissa)
    if exponent >= 0 {
      let (scaled, overflow) = numerator.multipliedReportingOverflow(by: Self.wideUnit(exponent))
      guard !overflow else { throw ArithmeticOverflow() }
      numerator = scaled
    } else {
      let (scaled, overflow) = denominator.multipliedReportingOverflow(by: Self.wideUnit(-exponent))
      guard !overflow else { throw ArithmeticOverflow() }
      denominator = scaled
    }
    return roundedDownToLot(Quantity(mantissa: try Exact.narrow(numerator / denominator)))
  }

  /// The quantity without what is less than a lot.
  @inlinable
  public func roundedDownToLot(_ quantity: Quantity) -> Quantity {
    guard lotSize.mantissa > 0 else { return quantity }
    return Quantity(mantissa: quantity.mantissa - quantity.mantissa % lotSize.mantissa)
  }

  /// The price at a whole number of ticks, not above or not below it. Prices below zero are not meant.
  func roundedToTick(_ price: Price, _ rounding: Rounding) -> Price {
    guard tickSize.mantissa > 0 else { return price }
    let below = Price(mantissa: price.mantissa - price.mantissa % tickSize.mantissa)
    guard rounding == .up, below < price else { return below }
    let (above, overflow) = below.mantissa.addingReportingOverflow(tickSize.mantissa)
    return overflow ? below : Price(mantissa: above)
  }

  /// Ten to the power of `exponent`, 0…36, in 128 bits.
  @usableFromInline
  static func wideUnit(_ exponent: Int) -> Int128 {
    var result: Int128 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
  }
}

/// The instruments of one configuration, in a fixed order; an instrument's position is its partition.
public struct InstrumentCatalogue: Sendable, Hashable, Codable {
  public let instruments: [Instrument]

  /// Why a list of instruments is not a catalogue.
  public enum InvalidCatalogue: Error, Equatable, Sendable {
    case empty
    case tooMany(Int)
    case duplicate(symbol: String)
    /// A scale outside 0…18, or a tick or lot that is not positive.
    case impossibleRules(symbol: String)
  }

  public init(_ instruments: [Instrument]) throws(InvalidCatalogue) {
    guard !instruments.isEmpty else { throw .empty }
    guard instruments.count <= 4096 else { throw .tooMany(instruments.count) }
    var seen = Set<String>()
    for instrument in instruments {
      guard seen.insert(instrument.symbol).inserted else { throw .duplicate(symbol: instrument.symbol) }
      let scales = 0...DecimalText.maximumScale
      guard scales.contains(instrument.priceScale), scales.contains(instrument.quantityScale),
        instrument.tickSize.mantissa > 0, instrument.lotSize.mantissa > 0,
        instrument.minimumNotional.mantissa >= 0
      else { throw .impossibleRules(symbol: instrument.symbol) }
    }
    self.instruments = instruments
  }

  private enum CodingKeys: String, CodingKey { case instruments }

  /// Decoded catalogues obey the same rules: a scale from a damaged or foreign configuration must not
  /// reach the arithmetic.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(try container.decode([Instrument].self, forKey: .instruments))
  }

  public var ids: [InstrumentID] { instruments.indices.map { InstrumentID(UInt16($0)) } }
  public subscript(_ id: InstrumentID) -> Instrument { instruments[Int(id.index)] }
  public func contains(_ id: InstrumentID) -> Bool { Int(id.index) < instruments.count }
  public func id(of symbol: String) -> InstrumentID? {
    instruments.firstIndex { $0.symbol == symbol }.map { InstrumentID(UInt16($0)) }
  }
}
