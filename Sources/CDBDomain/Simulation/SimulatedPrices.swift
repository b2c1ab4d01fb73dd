/// Where a simulated instrument starts, and the steps that its prices and quantities come in.
struct SimulatedPrices: Sendable, Hashable, Codable {
  /// The starting price, a mantissa.
  let start: Int64
  /// The distance of two levels of the book: about a tenth of a basis point, in whole ticks.
  let grid: Int64
  /// A quantity worth about a hundred units of the quote asset, in whole lots.
  let unit: Int64
  let lot: Int64

  init(_ instrument: Instrument) {
    // Bounded, so that a thousandth of a unit and a thousand levels stay far inside 64 bits.
    let tick = min(instrument.tickSize.mantissa, 100_000_000_000)
    let wanted =
      Int128(Self.wholePrice(instrument.base)) * Int128(DecimalText.powerOfTen(instrument.priceScale)) / 100
    let ticks = max(10_000, Int64(clamping: min(wanted, 1_000_000_000_000_000)) / tick)
    start = ticks * tick
    grid = max(1, ticks / 100_000) * tick
    lot = min(instrument.lotSize.mantissa, 1_000_000_000_000)
    let quantity =
      Int128(100) * Int128(DecimalText.powerOfTen(instrument.priceScale))
      * Int128(DecimalText.powerOfTen(instrument.quantityScale)) / Int128(start)
    unit = max(1, Int64(clamping: min(quantity, 1_000_000_000_000)) / lot) * lot
  }

  func quantity(units: Int64) -> Quantity { Quantity(mantissa: unit * units) }

  /// Plausible prices in hundredths of the quote asset.
  private static func wholePrice(_ base: String) -> Int64 {
    switch base {
    case "BTC": 60_000_00
    case "ETH": 2_600_00
    case "BNB": 550_00
    case "SOL": 145_00
    default: 100_00
    }
  }
}
