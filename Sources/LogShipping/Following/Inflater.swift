import CZlib

/// Unpacks gzip from its start, one piece after the other. What has been unpacked is checked at the end of each member.
final class Inflater {
  /// Why nothing comes.
  enum Stop: Equatable {
    /// Everything was unpacked, as far as there is anything.
    case whole
    /// What is there ends in the middle: it is being written, or was cut.
    case cut
    /// What stands there is none; the offset is one of the packed bytes.
    case damaged(reason: String, offset: UInt64)
  }

  private static let room = 64 << 10
  /// Window bits of deflate, and 16 for a header of gzip.
  private static let windowBits: CInt = 15 + 16

  private let source: (UnsafeMutableRawBufferPointer, UInt64) -> Int
  private let input: UnsafeMutableRawBufferPointer
  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  /// Of the packed bytes, those that were taken from the source.
  private var taken: UInt64 = 0
  private var available = 0..<0
  private var isBetweenMembers = false
  private var damage: Stop?

  /// - Parameter source: fills a buffer with the packed bytes at an offset, and says with how many; 0 where there are none.
  init(_ source: @escaping (UnsafeMutableRawBufferPointer, UInt64) -> Int) {
    self.source = source
    input = .allocate(byteCount: Self.room, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = CZlib_inflateInit2(stream, Self.windowBits) == Z_OK
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
    input.deallocate()
  }

  /// Unpacks to the beginning of a buffer.
  ///
  /// - Returns: how many bytes; where there are none, why.
  func next(into output: UnsafeMutableRawBufferPointer) -> (count: Int, stop: Stop?) {
    if let damage { return (0, damage) }
    guard isReady else { return fail("no memory for zlib") }
    while true {
      if available.isEmpty {
        let count = source(input, taken)
        taken += UInt64(count)
        available = 0..<count
        if count == 0 { return (0, isBetweenMembers ? .whole : .cut) }
      }
      if isBetweenMembers {
        // Zeros behind a member fill a block of a tape, or of a disk.
        available = (available.first { input[$0] != 0 } ?? available.upperBound)..<available.upperBound
        guard !available.isEmpty else { continue }
        inflateReset(stream)
        isBetweenMembers = false
      }
      stream.pointee.next_in = input.baseAddress?.advanced(by: available.lowerBound)
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(available.count)
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(clamping: output.count)
      let result = inflate(stream, Z_NO_FLUSH)
      let count = min(output.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
      available = (available.upperBound - Int(stream.pointee.avail_in))..<available.upperBound
      switch result {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isBetweenMembers = true
      default:
        let failed = fail(stream.pointee.msg.map { String(cString: $0) } ?? "no gzip")
        if count == 0 { return failed }
      }
      if count > 0 { return (count, nil) }
    }
  }

  private func fail(_ reason: String) -> (count: Int, stop: Stop?) {
    let stop = Stop.damaged(reason: reason, offset: taken - UInt64(available.count))
    damage = stop
    return (0, stop)
  }
}
