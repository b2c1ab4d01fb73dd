/// One frame of Binance's spot streams, taken apart but not yet believed.
///
/// Reads the combined form `{"stream":…,"data":{…}}` and the raw one, fields in any order; what is not
/// known is skipped. Rules: https://github.com/binance/binance-spot-api-docs, web-socket-streams.md.
struct BinanceMessage {
  /// What a frame is, by its `e` or, where it has none, by the fields that it has.
  enum Kind {
    case trade, aggregateTrade, quote, depthUpdate, kline, depthSnapshot
    case acknowledgement, error, serverShutdown
    case unknownStream, unrecognised
  }

  var fields = BinanceFields()
  var stream = JSONValue.absent
  var lastUpdateID = JSONValue.absent
  var bids = JSONValue.absent
  var asks = JSONValue.absent
  private var isCombined = false
  private var hasResult = false
  /// Of the request that an answer belongs to.
  private(set) var identifier = JSONValue.absent
  private var hasError = false
  private var hasErrorCode = false

  init(_ text: UnsafeRawBufferPointer) throws(JSONScanner.SyntaxError) {
    var scanner = JSONScanner(text)
    try readMembers(&scanner, ofData: false)
    try scanner.end()
  }

  @inline(__always)
  private mutating func readMembers(
    _ scanner: inout JSONScanner, ofData: Bool
  ) throws(JSONScanner.SyntaxError) {
    try scanner.openObject()
    while let key = try scanner.nextKey() {
      if key.count == 1 {
        let place = scanner.position
        let value = try scanner.value()
        guard ofData || !isCombined else { continue }
        guard fields.set(key.bytes(in: scanner.bytes)[0], to: value) else {
          throw .unexpectedByte(at: place)
        }
      } else if !ofData, key.equals("data", in: scanner.bytes),
        try scanner.current() == UInt8(ascii: "{")
      {
        guard !isCombined else { throw .unexpectedByte(at: scanner.position) }
        isCombined = true
        fields = BinanceFields()
        try readData(&scanner)
      } else {
        try readNamed(key, &scanner, ofData: ofData)
      }
    }
  }

  private mutating func readData(_ scanner: inout JSONScanner) throws(JSONScanner.SyntaxError) {
    try readMembers(&scanner, ofData: true)
  }

  @inline(__always)
  private mutating func readNamed(
    _ key: JSONValue, _ scanner: inout JSONScanner, ofData: Bool
  ) throws(JSONScanner.SyntaxError) {
    let start = scanner.position
    let text = scanner.bytes
    let value = try scanner.value()
    var isNew = true
    if !ofData {
      if key.equals("stream", in: text) {
        isNew = Self.place(value, in: &stream)
      } else if key.equals("result", in: text) {
        hasResult = true
      } else if key.equals("id", in: text) {
        identifier = value
      } else if key.equals("error", in: text) {
        hasError = true
      } else if key.equals("code", in: text) {
        hasErrorCode = true
      }
    }
    if ofData || !isCombined {
      if key.equals("lastUpdateId", in: text) {
        isNew = Self.place(value, in: &lastUpdateID)
      } else if key.equals("bids", in: text) {
        isNew = Self.place(value, in: &bids)
      } else if key.equals("asks", in: text) {
        isNew = Self.place(value, in: &asks)
      } else if key.kind == .escapedString {
        try readEscaped(key, value, text, at: start)
      }
    }
    guard isNew else { throw .unexpectedByte(at: start) }
  }

  /// Notes a field; false where it was there already: one that comes twice would mean what its reader
  /// wants it to mean.
  @inline(__always)
  private static func place(_ value: JSONValue, in field: inout JSONValue) -> Bool {
    guard !field.isPresent else { return false }
    field = value
    return true
  }

  /// A one-letter key may come as an escape, such as `\u0065`.
  private mutating func readEscaped(
    _ key: JSONValue, _ value: JSONValue, _ text: UnsafeRawBufferPointer, at place: Int
  ) throws(JSONScanner.SyntaxError) {
    let letter = key.withText(in: text) { $0.count == 1 ? $0[0] : nil } ?? nil
    guard let letter else { return }
    guard fields.set(letter, to: value) else { throw .unexpectedByte(at: place) }
  }

  func kind(in text: UnsafeRawBufferPointer) -> Kind {
    if fields.e.isPresent {
      if fields.e.equals("trade", in: text) { return .trade }
      if fields.e.equals("depthUpdate", in: text) { return .depthUpdate }
      if fields.e.equals("aggTrade", in: text) { return .aggregateTrade }
      if fields.e.equals("bookTicker", in: text) { return .quote }
      if fields.e.equals("kline", in: text) { return .kline }
      if fields.e.equals("serverShutdown", in: text) { return .serverShutdown }
      return .unknownStream
    }
    if fields.u.isPresent, fields.s.isPresent, fields.b.isPresent, fields.a.isPresent { return .quote }
    if lastUpdateID.isPresent, bids.isPresent, asks.isPresent { return .depthSnapshot }
    if hasError || hasErrorCode { return .error }
    if hasResult, identifier.isPresent { return .acknowledgement }
    return isCombined ? .unknownStream : .unrecognised
  }
}
