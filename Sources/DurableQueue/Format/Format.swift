import CCRC32C

/// The on-disk format, version 1. All integers are little-endian.
///
/// A queue is a directory:
///
/// ```
/// lock                          flock'ed by the one writer; holds its process id as text
/// 00000000000000000001.seg      a segment; the name is the sequence of its first record
/// 00000000000000131073.seg
/// 00000000000000262145.seg.corrupt   a file that was no segment, kept aside by an earlier open
/// segment.tmp                   a segment under construction, or room for its header; removed by the next open
/// ```
///
/// A segment is a header of 80 bytes, which is the same 40 bytes twice so that one damaged byte does not
/// cost the segment, and then records back to back:
///
/// ```
/// header   0  8  magic "DQSEG\r\n\u{1A}"    record   0  4  CRC-32C of bytes 4..<20, then of the salt
///          8  4  format version                      4  4  payload length
///         12  4  salt, random                        8  8  sequence
///         16  8  first sequence                     16  4  CRC-32C of the payload
///         24  8  first sequence of the segment      20  …  payload
///                before this one, or 0
///         32  4  zero
///         36  4  CRC-32C of bytes 0..<36
/// ```
///
/// Why it looks so:
/// - *The frame has its own checksum*, over the payload's checksum too. A damaged payload leaves length
///   and sequence trustworthy; and a search for the next good record after damage tests a candidate in
///   constant time, whatever the bytes in between are.
/// - *The sequence is stored* and the first one is 1, so a hole of zero bytes, which is what power loss
///   leaves of pages that were never written, is never a record.
/// - *The salt* makes bytes of another segment, or an image of a record inside somebody's payload,
///   invalid here: what a network peer sends cannot forge records.
/// - *The predecessor's name in the header* lets an open notice a missing file without scanning.
enum Format {
  static let magic: [UInt8] = [0x44, 0x51, 0x53, 0x45, 0x47, 0x0D, 0x0A, 0x1A]
  static let version: UInt32 = 1

  /// One copy of the segment header.
  static let headerCopyBytes = 40
  /// Where the records of a segment begin.
  static let headerBytes = 2 * headerCopyBytes

  /// What a record takes besides its payload.
  static let frameBytes = 20

  /// The longest payload of one record; a longer length is damage.
  static let maximumPayloadBytes = 256 << 20

  /// The highest sequence that is believed and given out; sums with a file's length stay in `UInt64`.
  static let maximumSequence = UInt64(1) << 62

  static let lockName = "lock"
  static let temporaryName = "segment.tmp"
  static let corruptSuffix = ".corrupt"
}

/// The fixed part in front of every payload.
struct RecordFrame {
  var length: Int
  var sequence: UInt64
  var payloadChecksum: UInt32

  /// The checksum that binds length, sequence, payload and segment together.
  @inline(__always)
  static func checksum(length: UInt32, sequence: UInt64, payloadChecksum: UInt32, salt: UInt32) -> UInt32 {
    var crc = ccrc32c_u64(0, UInt64(length) | (sequence << 32))
    crc = ccrc32c_u64(crc, (sequence >> 32) | (UInt64(payloadChecksum) << 32))
    return ccrc32c_u64(crc, UInt64(salt))
  }

  /// Reads and checks the frame at `offset`; nil when its checksum is wrong.
  @inline(__always)
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, salt: UInt32) {
    let stored = bytes.littleEndian(UInt32.self, at: offset)
    let length = bytes.littleEndian(UInt32.self, at: offset + 4)
    sequence = bytes.littleEndian(UInt64.self, at: offset + 8)
    payloadChecksum = bytes.littleEndian(UInt32.self, at: offset + 16)
    guard
      stored
        == Self.checksum(length: length, sequence: sequence, payloadChecksum: payloadChecksum, salt: salt),
      length <= Format.maximumPayloadBytes
    else { return nil }
    self.length = Int(length)
  }

  /// Turns the frame that ``RecordBatch`` left open at `offset` into a record of this segment; returns
  /// where the next frame begins.
  @inline(__always)
  static func seal(
    _ bytes: UnsafeMutableRawBufferPointer, at offset: Int, sequence: UInt64, salt: UInt32
  ) -> Int {
    let readable = UnsafeRawBufferPointer(bytes)
    let length = readable.littleEndian(UInt32.self, at: offset + 4)
    let payloadChecksum = readable.littleEndian(UInt32.self, at: offset + 16)
    let crc = checksum(length: length, sequence: sequence, payloadChecksum: payloadChecksum, salt: salt)
    bytes.storeBytes(of: crc.littleEndian, toByteOffset: offset, as: UInt32.self)
    bytes.storeBytes(of: sequence.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
    return offset + Format.frameBytes + Int(length)
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type, at offset: Int) -> Value {
    Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}

/// CRC-32C of `bytes`.
@inline(__always)
func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
  ccrc32c(crc, bytes.baseAddress, bytes.count)
}
