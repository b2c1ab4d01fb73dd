import OpenMetrics

/// Messages in protobuf's wire format, put together by hand: what the writer must give and what the parser must bear.
enum Wire {
  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
      let low = UInt8(rest & 0x7F)
      rest >>= 7
      bytes.append(rest == 0 ? low : low | 0x80)
    } while rest != 0
    return bytes
  }

  static func tag(_ field: UInt64, _ wireType: UInt64) -> [UInt8] { varint(field << 3 | wireType) }

  static func number(_ field: UInt64, _ value: UInt64) -> [UInt8] { tag(field, 0) + varint(value) }

  static func signed(_ field: UInt64, _ value: Int64) -> [UInt8] {
    number(field, UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  static func double(_ field: UInt64, _ value: Double) -> [UInt8] {
    tag(field, 1) + (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
  }

  static func message(_ field: UInt64, _ parts: [UInt8]...) -> [UInt8] {
    let body = parts.flatMap(\.self)
    return tag(field, 2) + varint(UInt64(body.count)) + body
  }

  static func text(_ field: UInt64, _ value: String) -> [UInt8] { message(field, Array(value.utf8)) }

  /// A message of a stream, after its length.
  static func delimited(_ parts: [UInt8]...) -> [UInt8] {
    let body = parts.flatMap(\.self)
    return varint(UInt64(body.count)) + body
  }

  static func label(_ name: String, _ value: String, field: UInt64 = 1) -> [UInt8] {
    message(field, text(1, name), text(2, value))
  }

  static func time(_ field: UInt64, _ seconds: UInt64, _ nanoseconds: UInt64) -> [UInt8] {
    message(field, number(1, seconds), number(2, nanoseconds))
  }

  static func parse(_ bytes: [UInt8], limits: ParseLimits = .default) throws(ParseError) -> [MetricFamily] {
    try ExpositionParser(format: .protobuf, limits: limits).parse(bytes).families
  }

  static func parse(lenient bytes: [UInt8]) throws(ParseError) -> ParsedExposition {
    try ExpositionParser(format: .protobuf, mode: .lenient).parse(bytes)
  }
}
