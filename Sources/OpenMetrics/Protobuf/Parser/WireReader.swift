/// Reads protobuf's wire format within a range of bytes.
///
/// Source: https://protobuf.dev/programming-guides/encoding/
struct WireReader {
  enum Content {
    case varint(UInt64)
    /// Where the bytes of a text or a message are.
    case bytes(Range<Int>)
    /// Four or eight bytes.
    case fixed
  }

  private let bytes: [UInt8]
  private let end: Int
  /// The number of the message in its stream, for errors.
  let message: Int
  private(set) var position: Int

  init(_ bytes: [UInt8], _ range: Range<Int>, message: Int) {
    self.bytes = bytes
    self.message = message
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  /// The next field; `nil` at the end.
  mutating func field() throws(ParseError) -> (number: UInt64, content: Content)? {
    if isAtEnd { return nil }
    let start = position
    let tag = try varint()
    guard tag >> 3 > 0, tag <= UInt64(UInt32.max) else { throw error(.invalidMessage, at: start) }
    switch tag & 7 {
    case 0: return (tag >> 3, .varint(try varint()))
    case 1: return (tag >> 3, try fixed(8))
    case 2: return (tag >> 3, .bytes(try delimited()))
    case 5: return (tag >> 3, try fixed(4))
    // Groups, which no message of this format ever had, and what does not exist.
    default: throw error(.invalidMessage, at: start)
    }
  }

  /// The bytes after a length.
  mutating func delimited() throws(ParseError) -> Range<Int> {
    let start = position
    let length = try varint()
    guard length <= UInt64(end - position) else { throw error(.truncated, at: start) }
    let range = position..<(position + Int(length))
    position = range.upperBound
    return range
  }

  func error(_ reason: ParseError.Reason, at position: Int, _ detail: String = "") -> ParseError {
    ParseError(reason, message: message, byte: position + 1, detail)
  }

  private mutating func varint() throws(ParseError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw error(.truncated, at: start) }
      let byte = bytes[position]
      position += 1
      // Of the tenth byte only one bit is left.
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw error(.invalidMessage, at: start)
  }

  private mutating func fixed(_ size: Int) throws(ParseError) -> Content {
    guard size <= end - position else { throw error(.truncated, at: position) }
    position += size
    return .fixed
  }
}
