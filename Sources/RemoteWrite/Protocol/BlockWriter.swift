import Glibc

/// Writes the elements of a snappy block into memory that has room for them.
///
/// Source: github.com/google/snappy, format_description.txt
struct BlockWriter {
  private let memory: UnsafeMutableRawBufferPointer
  /// Where the next byte goes.
  private(set) var count: Int

  /// - Parameter memory: of which the first `count` bytes are written. What is written must fit into it.
  init(_ memory: UnsafeMutableRawBufferPointer, count: Int) {
    self.memory = memory
    self.count = count
  }

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    memory[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func put(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= memory.count &- count)
    if let base = bytes.baseAddress, let target = memory.baseAddress {
      memcpy(target + count, base, bytes.count)
    }
    count &+= bytes.count
  }

  @inline(__always)
  mutating func put(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    put(UInt8(truncatingIfNeeded: rest))
  }

  /// Says that so many bytes follow that come as they are; at least one.
  @inline(__always)
  mutating func putLiteralTag(_ length: Int) {
    let last = length &- 1
    if last < 60 { return put(UInt8(truncatingIfNeeded: last << 2)) }
    let bytes = last < 1 << 8 ? 1 : last < 1 << 16 ? 2 : last < 1 << 24 ? 3 : 4
    put(UInt8(truncatingIfNeeded: (59 + bytes) << 2))
    for byte in 0..<bytes { put(UInt8(truncatingIfNeeded: last >> (8 * byte))) }
  }

  /// Bytes as they are; none of nothing.
  @inline(__always)
  mutating func putLiteral(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    putLiteralTag(bytes.count)
    put(bytes)
  }

  /// A repetition of what stands `distance` bytes before, which is at most 65535.
  @inline(__always)
  mutating func putCopy(_ length: Int, distance: Int) {
    var rest = length
    while rest > 64 {
      putLongCopy(64, distance)
      rest &-= 64
    }
    if 4...11 ~= rest, distance < 2_048 {
      put(UInt8(truncatingIfNeeded: 1 | (rest &- 4) << 2 | (distance >> 8) << 5))
      put(UInt8(truncatingIfNeeded: distance))
    } else if rest > 0 {
      putLongCopy(rest, distance)
    }
  }

  @inline(__always)
  private mutating func putLongCopy(_ length: Int, _ distance: Int) {
    put(UInt8(truncatingIfNeeded: 2 | (length &- 1) << 2))
    put(UInt8(truncatingIfNeeded: distance))
    put(UInt8(truncatingIfNeeded: distance >> 8))
  }
}
