/// A pull scanner over the bytes of one JSON text (RFC 8259): strict, bounded, and free of allocation.
///
/// The caller walks the objects and arrays that it knows (``openObject()``, ``nextKey()``, ``openArray()``,
/// ``nextElement()``) and takes everything else as a ``JSONValue``: validated, and a range of the bytes.
/// Nothing is converted before somebody asks, so that a price's digits are never a floating-point number.
struct JSONScanner {
  /// Why the bytes are not JSON.
  enum SyntaxError: Error, Equatable, Sendable {
    case unexpectedEnd
    case unexpectedByte(at: Int)
    /// Nested deeper than ``JSONScanner/maximumDepth``.
    case tooDeep(at: Int)
  }

  /// The deepest nesting of a value that is skipped.
  static let maximumDepth = 32
  /// The longest text: positions are stored in 32 bits.
  static let maximumBytes = Int(UInt32.max)

  let bytes: UnsafeRawBufferPointer
  var position = 0
  /// A container was just opened: its first member comes without a comma.
  private var isFirst = false

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next byte that is not white space, left in place.
  @inline(__always)
  mutating func current() throws(SyntaxError) -> UInt8 {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
        throw .unexpectedByte(at: position)
      }
      position += 1
    }
    throw .unexpectedEnd
  }

  /// Steps over one given byte.
  @inline(__always)
  private mutating func expect(_ expected: UInt8) throws(SyntaxError) {
    guard try current() == expected else { throw .unexpectedByte(at: position) }
    position += 1
  }

  @inline(__always)
  mutating func openObject() throws(SyntaxError) {
    try expect(UInt8(ascii: "{"))
    isFirst = true
  }

  @inline(__always)
  mutating func openArray() throws(SyntaxError) {
    try expect(UInt8(ascii: "["))
    isFirst = true
  }

  /// The next member's key, with the scanner before its value; nil once the object is closed.
  @inline(__always)
  mutating func nextKey() throws(SyntaxError) -> JSONValue? {
    guard try advance(closing: UInt8(ascii: "}")) else { return nil }
    guard try current() == UInt8(ascii: "\"") else { throw .unexpectedByte(at: position) }
    let key = try string()
    try expect(UInt8(ascii: ":"))
    return key
  }

  /// Whether another element follows, with the scanner before it; false once the array is closed.
  @inline(__always)
  mutating func nextElement() throws(SyntaxError) -> Bool {
    try advance(closing: UInt8(ascii: "]"))
  }

  @inline(__always)
  private mutating func advance(closing: UInt8) throws(SyntaxError) -> Bool {
    let byte = try current()
    defer { isFirst = false }
    if byte == closing {
      position += 1
      return false
    }
    if isFirst { return true }
    guard byte == UInt8(ascii: ",") else { throw .unexpectedByte(at: position) }
    position += 1
    // A closing bracket after a comma is neither a key nor a value, so it fails where those are read.
    return true
  }

  /// Steps over the next value, whatever it is, and says where it was.
  @inline(__always)
  mutating func value() throws(SyntaxError) -> JSONValue {
    switch try current() {
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "{"), UInt8(ascii: "["): try container()
    default: try scalar()
    }
  }

  /// Nothing but white space may follow.
  mutating func end() throws(SyntaxError) {
    do {
      _ = try current()
    } catch .unexpectedEnd {
      return
    }
    throw .unexpectedByte(at: position)
  }

  // An explicit stack of bits instead of recursion: hostile nesting costs nothing.
  private mutating func container() throws(SyntaxError) -> JSONValue {
    let start = position
    let kind: JSONValue.Kind = bytes[start] == UInt8(ascii: "{") ? .object : .array
    var objects: UInt64 = 0
    var depth = 0
    var isOpening = true
    while true {
      if isOpening {
        guard depth < Self.maximumDepth else { throw .tooDeep(at: position) }
        objects = objects << 1 | (bytes[position] == UInt8(ascii: "{") ? 1 : 0)
        depth += 1
        position += 1
        isFirst = true
        isOpening = false
      }
      let goesOn = objects & 1 == 1 ? try nextKey() != nil : try nextElement()
      guard goesOn else {
        depth -= 1
        objects >>= 1
        if depth == 0 { return JSONValue(kind, from: start, to: position) }
        continue
      }
      switch try current() {
      case UInt8(ascii: "{"), UInt8(ascii: "["): isOpening = true
      case UInt8(ascii: "\""): _ = try string()
      default: _ = try scalar()
      }
    }
  }
}
