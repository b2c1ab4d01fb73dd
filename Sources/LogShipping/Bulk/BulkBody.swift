import CZlib

/// A request's body as it is sent.
struct BulkBody: Sendable {
  let bytes: [UInt8]
  let isCompressed: Bool

  /// - Parameter compressionLevel: of gzip, 1 to 9; 0 leaves the documents as they are. They also stay so where zlib has no memory.
  init(_ documents: [UInt8], compressionLevel: Int) {
    let compressed = compressionLevel > 0 ? Self.gzip(documents, Int32(clamping: compressionLevel)) : nil
    bytes = compressed ?? documents
    isCompressed = compressed != nil
  }

  private static func gzip(_ bytes: [UInt8], _ level: Int32) -> [UInt8]? {
    var stream = z_stream()
    // 16 beyond the window's bits asks for gzip's frame instead of zlib's.
    let started = deflateInit2_(
      &stream, min(level, Z_BEST_COMPRESSION), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    guard let size = UInt32(exactly: bytes.count),
      let room = UInt32(exactly: deflateBound(&stream, UInt(size)))
    else { return nil }
    return bytes.withUnsafeBufferPointer { source in
      var isFinished = false
      let result = [UInt8](unsafeUninitializedCapacity: Int(room)) { target, count in
        // zlib does not write to its input; its interface merely is older than const.
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = size
        stream.next_out = target.baseAddress
        stream.avail_out = room
        isFinished = deflate(&stream, Z_FINISH) == Z_STREAM_END
        count = isFinished ? Int(room - stream.avail_out) : 0
      }
      return isFinished ? result : nil
    }
  }
}
