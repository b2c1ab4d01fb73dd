/// Walks over the fields of any message of protobuf, as a place in bytes; it makes nothing of what it reads.
struct FieldReader {
  enum Value {
    case varint(UInt64)
    /// The bits of a double, or eight bytes of another kind.
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(Range<Int>)
  }

  private static let fault = ScrapeFault.message("a message of protobuf that is cut short, or none")

  let bytes: UnsafeRawBufferPointer
  private(set) var index: Int
  private let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>? = nil) {
    self.bytes = bytes
    index = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// The next field; nil at the end.
  mutating func next() throws(ScrapeFault) -> (number: UInt64, value: Value)? {
    guard index < end else { return nil }
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw Self.fault }
    switch tag & 7 {
    case 0: return (tag >> 3, .varint(try varint()))
    case 1:
      guard end - index >= 8 else { throw Self.fault }
      defer { index += 8 }
      return (
        tag >> 3, .fixed64(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
      )
    case 2:
      let length = try varint()
      guard length <= UInt64(end - index) else { throw Self.fault }
      defer { index += Int(length) }
      return (tag >> 3, .bytes(index..<index + Int(length)))
    case 5:
      guard end - index >= 4 else { throw Self.fault }
      defer { index += 4 }
      return (
        tag >> 3, .fixed32(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
      )
    default: throw Self.fault
    }
  }

  /// A message behind its length, as in a stream of them; nil at the end.
  mutating func delimited() throws(ScrapeFault) -> Range<Int>? {
    guard index < end else { return nil }
    let length = try varint()
    guard length <= UInt64(end - index) else { throw Self.fault }
    defer { index += Int(length) }
    return index..<index + Int(length)
  }

  /// At the end of a packed field there is none.
  var isAtEnd: Bool { index >= end }

  mutating func varint() throws(ScrapeFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in 0..<10 {
      guard index < end else { throw Self.fault }
      let byte = bytes[index]
      index += 1
      if shift == 9, byte > 1 { throw Self.fault }
      value |= UInt64(byte & 0x7F) << (7 * UInt64(shift))
      if byte < 0x80 { return value }
    }
    throw Self.fault
  }

  static func unzigzag(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
