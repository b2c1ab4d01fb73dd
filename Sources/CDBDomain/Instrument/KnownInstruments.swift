extension Instrument {
  /// Rules of Binance spot pairs as its `exchangeInfo` lists them. A pair that is not listed here gets
  /// ``generic(symbol:)``: eight digits, and no minimum.
  public static func binanceSpot(_ symbol: String) -> Instrument {
    switch symbol {
    case "BTCUSDT": pair("BTC", "USDT", priceScale: 2, quantityScale: 8, lot: 1000)
    case "ETHUSDT": pair("ETH", "USDT", priceScale: 2, quantityScale: 8, lot: 10_000)
    case "BNBUSDT": pair("BNB", "USDT", priceScale: 2, quantityScale: 8, lot: 100_000)
    case "SOLUSDT": pair("SOL", "USDT", priceScale: 2, quantityScale: 8, lot: 100_000)
    default: generic(symbol: symbol)
    }
  }

  /// A pair whose rules are not known: scale 8 throughout, so that no digit a feed sends is lost.
  public static func generic(symbol: String) -> Instrument {
    let quotes = ["USDT", "USDC", "FDUSD", "BTC", "ETH", "EUR", "USD"]
    let quote = quotes.first { symbol.count > $0.count && symbol.hasSuffix($0) } ?? "USDT"
    let base = symbol.hasSuffix(quote) ? String(symbol.dropLast(quote.count)) : symbol
    return Instrument(
      symbol: symbol, base: base, quote: quote, priceScale: 8, quantityScale: 8,
      tickSize: Price(mantissa: 1), lotSize: Quantity(mantissa: 1), minimumNotional: .zero)
  }

  private static func pair(
    _ base: String, _ quote: String, priceScale: Int, quantityScale: Int, lot: Int64
  ) -> Instrument {
    Instrument(
      symbol: base + quote, base: base, quote: quote, priceScale: priceScale,
      quantityScale: quantityScale, tickSize: Price(mantissa: 1), lotSize: Quantity(mantissa: lot),
      minimumNotional: Money(mantissa: 500_000_000))
  }
}
