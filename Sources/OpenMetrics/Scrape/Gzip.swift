import CZlib

/// Compresses a body as `Content-Encoding: gzip` asks for.
enum Gzip {
  /// `nil` when zlib has no memory for it; the body then goes as it is.
  ///
  /// - Parameter level: 1, fast, to 9, small.
  static func compress(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8]? {
    var stream = z_stream()
    // 16 beyond the window's bits asks for gzip's frame instead of zlib's.
    let started = deflateInit2_(
      &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    guard let size = UInt32(exactly: bytes.count) else { return nil }
    let bound = Int(deflateBound(&stream, UInt(size)))
    guard let room = UInt32(exactly: bound) else { return nil }
    return bytes.withUnsafeBufferPointer { source in
      var isFinished = false
      let result = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
        // zlib does not write to its input; its interface merely is older than const.
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = size
        stream.next_out = target.baseAddress
        stream.avail_out = room
        isFinished = deflate(&stream, Z_FINISH) == Z_STREAM_END
        count = isFinished ? bound - Int(stream.avail_out) : 0
      }
      return isFinished ? result : nil
    }
  }
}
