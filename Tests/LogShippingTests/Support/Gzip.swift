import CZlib

/// gzip as its tests need it.
enum Gzip {
  /// What was packed in one member; nil where it is none.
  static func unpack(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    guard CZlib_inflateInit2(&stream, 15 + 16) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var source = bytes
    let isWhole = source.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      while true {
        let status = chunk.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          return inflate(&stream, Z_NO_FLUSH)
        }
        output += chunk[..<(chunk.count - Int(stream.avail_out))]
        if status == Z_STREAM_END { return stream.avail_in == 0 }
        guard status == Z_OK else { return false }
      }
    }
    return isWhole ? output : nil
  }
}
