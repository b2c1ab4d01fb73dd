/// Writes Binance's combined-stream frames, byte for byte in the exchange's own form.
struct BinanceFrameWriter: Sendable, Hashable, Codable {
  private let symbol: [UInt8]
  private let stream: [UInt8]
  private let priceScale: Int
  private let quantityScale: Int

  init(_ instrument: Instrument) {
    symbol = Array(instrument.symbol.utf8)
    stream = Array(instrument.symbol.lowercased().utf8)
    priceScale = instrument.priceScale
    quantityScale = instrument.quantityScale
  }

  /// Appends the frame of a message; `time` is the exchange's, and becomes milliseconds.
  func write(_ message: SimulatedInstrument.Message, at time: EventTime, into frame: inout [UInt8]) {
    switch message {
    case .quote(let updateID, let bid, let ask):
      open("@bookTicker\",\"data\":{\"u\":", &frame)
      Self.append(updateID, &frame)
      appendSymbol(&frame)
      append(",\"b\":", price: bid.price, ",\"B\":", bid.quantity, &frame)
      append(",\"a\":", price: ask.price, ",\"A\":", ask.quantity, &frame)
      Self.append("}}", &frame)
    case .trade(let id, let price, let quantity, let buyerIsMaker):
      open("@trade\",\"data\":{\"e\":\"trade\",\"E\":", &frame)
      Self.append(time.nanoseconds / 1_000_000, &frame)
      appendSymbol(&frame)
      Self.append(",\"t\":", &frame)
      Self.append(id, &frame)
      append(",\"p\":", price: price, ",\"q\":", quantity, &frame)
      Self.append(",\"T\":", &frame)
      Self.append(time.nanoseconds / 1_000_000, &frame)
      Self.append(buyerIsMaker ? ",\"m\":true,\"M\":true}}" : ",\"m\":false,\"M\":true}}", &frame)
    case .depthUpdate(let first, let last, let bids, let asks):
      open("@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":", &frame)
      Self.append(time.nanoseconds / 1_000_000, &frame)
      appendSymbol(&frame)
      Self.append(",\"U\":", &frame)
      Self.append(first, &frame)
      Self.append(",\"u\":", &frame)
      Self.append(last, &frame)
      append(",\"b\":", levels: bids, &frame)
      append(",\"a\":", levels: asks, &frame)
      Self.append("}}", &frame)
    case .snapshot(let updateID, let bids, let asks):
      Self.append("{\"lastUpdateId\":", &frame)
      Self.append(updateID, &frame)
      append(",\"bids\":", levels: bids, &frame)
      append(",\"asks\":", levels: asks, &frame)
      Self.append("}", &frame)
    }
  }

  private func open(_ rest: StaticString, _ frame: inout [UInt8]) {
    Self.append("{\"stream\":\"", &frame)
    frame.append(contentsOf: stream)
    Self.append(rest, &frame)
  }

  private func appendSymbol(_ frame: inout [UInt8]) {
    Self.append(",\"s\":\"", &frame)
    frame.append(contentsOf: symbol)
    Self.append("\"", &frame)
  }

  private func append(
    _ key: StaticString, price: Price, _ quantityKey: StaticString, _ quantity: Quantity,
    _ frame: inout [UInt8]
  ) {
    Self.append(key, &frame)
    Self.append(decimal: price.mantissa, scale: priceScale, &frame)
    Self.append(quantityKey, &frame)
    Self.append(decimal: quantity.mantissa, scale: quantityScale, &frame)
  }

  private func append(_ key: StaticString, levels: [BookLevel], _ frame: inout [UInt8]) {
    Self.append(key, &frame)
    frame.append(UInt8(ascii: "["))
    for (index, level) in levels.enumerated() {
      append(index == 0 ? "[" : ",[", price: level.price, ",", level.quantity, &frame)
      frame.append(UInt8(ascii: "]"))
    }
    frame.append(UInt8(ascii: "]"))
  }

  private static func append(_ text: StaticString, _ frame: inout [UInt8]) {
    text.withUTF8Buffer { frame.append(contentsOf: $0) }
  }

  private static func append(_ number: Int64, _ frame: inout [UInt8]) {
    frame.append(contentsOf: String(number).utf8)
  }

  /// A decimal in quotes with at least eight digits after the point, as Binance writes it.
  private static func append(decimal mantissa: Int64, scale: Int, _ frame: inout [UInt8]) {
    frame.append(UInt8(ascii: "\""))
    let (whole, rest) = mantissa.quotientAndRemainder(dividingBy: DecimalText.powerOfTen(scale))
    append(whole, &frame)
    frame.append(UInt8(ascii: "."))
    var unit = DecimalText.powerOfTen(scale)
    var digits = rest
    for _ in 0..<scale {
      unit /= 10
      frame.append(UInt8(ascii: "0") + UInt8(digits / unit))
      digits %= unit
    }
    for _ in 0..<max(0, 8 - scale) { frame.append(UInt8(ascii: "0")) }
    frame.append(UInt8(ascii: "\""))
  }
}
