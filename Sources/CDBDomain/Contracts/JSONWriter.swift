/// Writes one JSON text (RFC 8259) into bytes: members in the order in which they are written, no white space,
/// no floating point.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// A container was just opened, or a key written: what follows comes without a comma.
  private var isFirst = true

  init() { bytes.reserveCapacity(768) }

  // MARK: Containers

  mutating func object(_ key: StaticString? = nil, _ members: (inout JSONWriter) -> Void) {
    container("{", "}", key, members)
  }

  mutating func array(_ key: StaticString? = nil, _ elements: (inout JSONWriter) -> Void) {
    container("[", "]", key, elements)
  }

  private mutating func container(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ key: StaticString?,
    _ body: (inout JSONWriter) -> Void
  ) {
    prepare(key)
    bytes.append(UInt8(ascii: open))
    isFirst = true
    body(&self)
    bytes.append(UInt8(ascii: close))
    isFirst = false
  }

  // MARK: Values

  mutating func string(_ key: StaticString? = nil, _ value: String) {
    prepare(key)
    quote(value)
  }

  /// A member whose name is not known beforehand.
  mutating func string(named key: String, _ value: String) {
    separate()
    quote(key)
    bytes.append(UInt8(ascii: ":"))
    quote(value)
  }

  mutating func integer(_ key: StaticString? = nil, _ value: Int64) {
    prepare(key)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func boolean(_ key: StaticString, _ value: Bool) {
    prepare(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  // MARK: Bytes

  private mutating func prepare(_ key: StaticString?) {
    separate()
    guard let key else { return }
    // Keys are literals of this module: plain ASCII, nothing to escape.
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: "\":".utf8)
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(Self.hexadecimal[Int(byte >> 4)])
        bytes.append(Self.hexadecimal[Int(byte & 15)])
      default:
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hexadecimal = Array("0123456789abcdef".utf8)
}
