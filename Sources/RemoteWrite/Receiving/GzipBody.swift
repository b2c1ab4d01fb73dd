import CZlib

/// Unpacks the body of a request.
enum GzipBody {
  /// What is packed, members behind each other included.
  ///
  /// - Parameter limit: of what comes out, in bytes; nothing beyond it is unpacked.
  static func decompress(_ bytes: [UInt8], limit: Int) throws(PushFault) -> [UInt8] {
    var stream = z_stream()
    // 15 bits of window as deflate has at most, and 16 for a gzip header.
    guard CZlib_inflateInit2(&stream, 15 + 16) == Z_OK else { throw .tooLarge("no memory to unpack it") }
    defer { inflateEnd(&stream) }
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var used = 0
    while true {
      let (status, produced, left) = step(&stream, bytes, used, &chunk)
      used = bytes.count - left
      guard result.count + produced <= limit else { throw .tooLarge("more than \(limit) bytes, unpacked") }
      result += chunk[..<produced]
      switch status {
      case Z_STREAM_END:
        if used == bytes.count { return result }
        guard inflateReset(&stream) == Z_OK else { throw fault }
      case Z_OK:
        // Nothing goes on without more input, and there is none.
        if produced == 0, used == bytes.count { throw fault }
      default: throw fault
      }
    }
  }

  private static let fault = PushFault.malformed("not gzip, or cut short")

  private static func step(
    _ stream: inout z_stream, _ bytes: [UInt8], _ used: Int, _ chunk: inout [UInt8]
  ) -> (status: CInt, produced: Int, left: Int) {
    bytes.withUnsafeBufferPointer { source in
      chunk.withUnsafeMutableBufferPointer { target in
        // zlib does not write to its input; its interface merely is older than const.
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.advanced(by: used))
        stream.avail_in = UInt32(clamping: source.count - used)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        return (status, target.count - Int(stream.avail_out), Int(stream.avail_in))
      }
    }
  }
}
