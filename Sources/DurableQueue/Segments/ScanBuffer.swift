/// A window onto a file, filled in large reads.
final class ScanBuffer {
  /// One read of this size keeps the calls few and still fits the second-level cache.
  static let chunkBytes = 512 << 10

  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 64)
  /// The part of the file that `memory` holds.
  private var start = 0
  private var count = 0

  deinit { memory.deallocate() }

  /// `length` bytes of the file at `offset`; fewer only if the file ends before. Valid until the next call.
  ///
  /// - Parameter limit: where reading ahead stops.
  @inline(__always)
  func bytes(
    of file: OpenFile, at offset: Int, count length: Int, limit: Int
  ) throws(FaultReason) -> UnsafeRawBufferPointer {
    if offset < start || offset + length > start + count {
      try fill(from: file, at: offset, count: length, limit: limit)
    }
    let begin = offset - start
    return UnsafeRawBufferPointer(rebasing: memory[begin..<min(begin + length, count)])
  }

  /// Forgets what was read, because the file may have changed.
  func invalidate() { count = 0 }

  private func fill(from file: OpenFile, at offset: Int, count length: Int, limit: Int) throws(FaultReason) {
    if memory.count < length {
      memory.deallocate()
      memory = .allocate(byteCount: length, alignment: 64)
    }
    let wanted = max(length, min(memory.count, limit - offset))
    count = 0
    start = offset
    count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted]), at: offset)
  }
}
