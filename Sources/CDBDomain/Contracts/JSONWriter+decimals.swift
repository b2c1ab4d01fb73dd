// Exact decimals as strings: a JSON number may pass through floating point on its way.
extension JSONWriter {
  mutating func decimal(_ key: StaticString? = nil, _ mantissa: Int64, scale: Int) {
    string(key, DecimalText.render(mantissa, scale: scale))
  }

  mutating func price(_ key: StaticString? = nil, _ price: Price, _ instrument: Instrument) {
    decimal(key, price.mantissa, scale: instrument.priceScale)
  }

  mutating func quantity(_ key: StaticString? = nil, _ quantity: Quantity, _ instrument: Instrument) {
    decimal(key, quantity.mantissa, scale: instrument.quantityScale)
  }

  mutating func money(_ key: StaticString, _ money: Money) {
    decimal(key, money.mantissa, scale: Money.scale)
  }

  mutating func ratio(_ key: StaticString, _ ratio: Ratio) {
    decimal(key, ratio.mantissa, scale: Ratio.scale)
  }
}
