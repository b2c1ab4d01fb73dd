/// Puts numbers into bytes: whole numbers in groups of seven bits, the low ones first, signed ones folded so that small
/// ones are short (LEB128 and zigzag, as Protocol Buffers have them).
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  @inline(__always)
  mutating func byte(_ value: UInt8) { bytes.append(value) }

  @inline(__always)
  mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: value << 1 ^ value >> 63)) }

  mutating func blob(_ content: some Collection<UInt8>) {
    unsigned(UInt64(content.count))
    bytes.append(contentsOf: content)
  }
}

/// Why bytes are no batch.
public struct BatchCodingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where it was noticed, bytes from the start.
  public var offset: Int
  public var problem: String

  public var description: String { "not a batch: \(problem), at byte \(offset)" }
}

/// Takes numbers from bytes that may be anybody's: nothing is read beyond the end, and nothing is believed that the bytes
/// which are left could not hold.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  func problem(_ text: String) -> BatchCodingError { BatchCodingError(offset: offset, problem: text) }

  @inline(__always)
  mutating func byte() throws(BatchCodingError) -> UInt8 {
    guard offset < bytes.count else { throw problem("it ends too early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  @inline(__always)
  mutating func unsigned() throws(BatchCodingError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw problem("a number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  @inline(__always)
  mutating func signed() throws(BatchCodingError) -> Int64 {
    let folded = try unsigned()
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }

  mutating func small<Number: FixedWidthInteger>(_ name: String) throws(BatchCodingError) -> Number {
    guard let value = Number(exactly: try unsigned()) else { throw problem("\(name) is out of range") }
    return value
  }

  /// How many things follow, each of at least `size` bytes.
  mutating func count(ofAtLeast size: Int) throws(BatchCodingError) -> Int {
    let count = try unsigned()
    guard count <= UInt64(remaining / size) else { throw problem("more is announced than follows") }
    return Int(count)
  }

  mutating func blob() throws(BatchCodingError) -> UnsafeRawBufferPointer {
    let count = try count(ofAtLeast: 1)
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }
}
