/// Walks over the fields of a message whose fields all have a length.
struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var index: Int
  private let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>? = nil) {
    self.bytes = bytes
    index = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  var isAtEnd: Bool { index >= end }

  /// The next field's number and where its content is; nil where there is none, or none with a length.
  mutating func field() -> (number: Int, content: Range<Int>)? {
    guard let tag = varint(), tag & 7 == 2, let length = varint(), length <= end - index else { return nil }
    defer { index += length }
    return (tag >> 3, index..<index + length)
  }

  /// At most 32 bits.
  private mutating func varint() -> Int? {
    var value: UInt64 = 0
    for shift in 0..<5 {
      guard index < end else { return nil }
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << (7 * UInt64(shift))
      if byte < 0x80 { return value <= UInt64(UInt32.max) ? Int(value) : nil }
    }
    return nil
  }
}
