/// A frame that cannot become market data, and why.
struct FrameRefusal: Error {
  var reason: ReasonCode
  init(_ reason: ReasonCode) { self.reason = reason }
}

/// Reads the fields of one event by the scales of its instrument. What is missing or of another type is a
/// malformed frame; what has the right type and an impossible value has a reason of its own.
struct FieldReader {
  let text: UnsafeRawBufferPointer
  let priceScale: Int
  let quantityScale: Int

  /// The largest mantissa accepted: sums of two prices, and the differences of any, stay in 64 bits.
  static let maximumMantissa: Int64 = 1 << 61

  @inline(__always)
  func decimal(_ value: JSONValue, scale: Int) throws(FrameRefusal) -> Int64 {
    let parsed = value.withText(in: text) { digits in
      try? DecimalText.parse(digits, scale: scale)
    }
    guard let parsed else { throw FrameRefusal(.malformedFrame) }
    guard let mantissa = parsed, mantissa >= 0, mantissa <= Self.maximumMantissa else {
      throw FrameRefusal(.invalidDecimal)
    }
    return mantissa
  }

  /// A positive price.
  @inline(__always)
  func price(_ value: JSONValue) throws(FrameRefusal) -> Price {
    let price = Price(mantissa: try decimal(value, scale: priceScale))
    guard price.mantissa > 0 else { throw FrameRefusal(.absurdPrice) }
    return price
  }

  @inline(__always)
  func quantity(_ value: JSONValue) throws(FrameRefusal) -> Quantity {
    Quantity(mantissa: try decimal(value, scale: quantityScale))
  }

  /// An id or a count: an integer from zero on.
  @inline(__always)
  func identifier(_ value: JSONValue) throws(FrameRefusal) -> Int64 {
    guard let result = value.integer(in: text), result >= 0 else {
      throw FrameRefusal(.malformedFrame)
    }
    return result
  }

  @inline(__always)
  func time(_ value: JSONValue) throws(FrameRefusal) -> EventTime {
    guard let number = value.integer(in: text) else { throw FrameRefusal(.malformedFrame) }
    guard let time = ExchangeTime.parse(number) else { throw FrameRefusal(.invalidTime) }
    return time
  }

  @inline(__always)
  func flag(_ value: JSONValue) throws(FrameRefusal) -> Bool {
    switch value.kind {
    case .true: true
    case .false: false
    default: throw FrameRefusal(.malformedFrame)
    }
  }

  /// The levels of one side of the book: `[["61737.63000000","0.00000000"],…]`.
  func levels(_ value: JSONValue) throws(FrameRefusal) -> [BookLevel] {
    guard value.kind == .array else { throw FrameRefusal(.malformedFrame) }
    var levels: [BookLevel] = []
    // A level of a liquid pair takes about thirty bytes.
    levels.reserveCapacity(value.count / 28)
    let side = value.bytes(in: text)
    let reader = FieldReader(text: side, priceScale: priceScale, quantityScale: quantityScale)
    do {
      var scanner = JSONScanner(side)
      try scanner.openArray()
      while try scanner.nextElement() {
        levels.append(try reader.level(&scanner))
      }
    } catch let refusal as FrameRefusal {
      throw refusal
    } catch {
      throw FrameRefusal(.malformedFrame)
    }
    return levels
  }

  @inline(__always)
  private func level(_ scanner: inout JSONScanner) throws -> BookLevel {
    try scanner.openArray()
    guard try scanner.nextElement() else { throw FrameRefusal(.malformedFrame) }
    let price = try price(try scanner.value())
    guard try scanner.nextElement() else { throw FrameRefusal(.malformedFrame) }
    let quantity = try quantity(try scanner.value())
    // Older replies carry an empty third element.
    while try scanner.nextElement() { _ = try scanner.value() }
    return BookLevel(price: price, quantity: quantity)
  }
}

/// Binance's times: milliseconds since the epoch or, where the connection asks for them, microseconds.
enum ExchangeTime {
  /// 2001-09-09 to 2200-01-01: before, there was no exchange; after, nanoseconds come near their end.
  static let milliseconds: Range<Int64> = 1_000_000_000_000..<7_258_118_400_000

  @inline(__always)
  static func parse(_ number: Int64) -> EventTime? {
    if milliseconds.contains(number) { return EventTime(nanoseconds: number &* 1_000_000) }
    if milliseconds.contains(number / 1000) { return EventTime(nanoseconds: number &* 1000) }
    return nil
  }
}
