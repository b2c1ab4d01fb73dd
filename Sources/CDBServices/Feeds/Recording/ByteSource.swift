#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import CZlib

/// The bytes of a file, plain or gzip, a chunk at a time. Which of the two it is, its first bytes say.
///
/// A class because it owns a file descriptor and zlib's state, which must not move.
final class ByteSource {
  private static let chunk = 128 << 10

  private let path: String
  private let descriptor: Int32
  private let input: UnsafeMutableRawBufferPointer
  private let stream: UnsafeMutablePointer<z_stream>
  private var available = 0..<0
  private var bytesRead: Int64 = 0
  private var isAtEnd = false
  private var encoding = Encoding.unknown

  private enum Encoding {
    case unknown, plain
    case gzip
    /// Between two members of a gzip file: it may end here.
    case betweenMembers
  }

  init(path: String) throws(RecordingError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    input = .allocate(byteCount: Self.chunk, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard descriptor >= 0 else { throw .cannotOpen(path: path, errno: errno) }
    // 15 bits of window as deflate has at most, and 16 for a gzip header.
    guard CZlib_inflateInit2(stream, 15 + 16) == Z_OK else { throw .cannotAllocate(path: path) }
  }

  deinit {
    // Harmless where it was never initialised: zlib refuses a stream without state.
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
    input.deallocate()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills `output` from its start and says how far; zero at the end of the file. What came before damage
  /// is delivered first; the call after that throws.
  func read(into output: UnsafeMutableRawBufferPointer) throws(RecordingError) -> Int {
    if encoding == .unknown {
      try fill()
      let isGzip = available.count >= 2 && input[0] == 0x1F && input[1] == 0x8B
      encoding = isGzip ? .gzip : .plain
    }
    if encoding == .plain {
      if available.isEmpty { try fill() }
      let count = min(available.count, output.count)
      output.copyMemory(from: .init(rebasing: input[available.prefix(count)]))
      available = available.lowerBound + count..<available.upperBound
      return count
    }
    return try inflate(into: output)
  }

  private func inflate(into output: UnsafeMutableRawBufferPointer) throws(RecordingError) -> Int {
    while true {
      if available.isEmpty { try fill() }
      if available.isEmpty {
        if encoding == .betweenMembers { return 0 }
        throw .truncatedGzip(path: path, offset: bytesRead)
      }
      if encoding == .betweenMembers {
        inflateReset(stream)
        encoding = .gzip
      }
      stream.pointee.next_in = input.baseAddress?.advanced(by: available.lowerBound)
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(available.count)
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(clamping: output.count)
      let result = CZlib.inflate(stream, Z_NO_FLUSH)
      let produced = min(output.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
      available = available.upperBound - Int(stream.pointee.avail_in)..<available.upperBound
      switch result {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: encoding = .betweenMembers
      default:
        // zlib stays in its bad state, so the next call comes here again with nothing produced.
        if produced == 0 { throw corruption() }
      }
      if produced > 0 { return produced }
    }
  }

  private func corruption() -> RecordingError {
    let detail = stream.pointee.msg.map { String(cString: $0) } ?? "not gzip data"
    return .corruptGzip(path: path, offset: bytesRead - Int64(available.count), detail: detail)
  }

  private func fill() throws(RecordingError) {
    guard !isAtEnd else { return }
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, input.baseAddress, input.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, input.baseAddress, input.count)
      #elseif canImport(Darwin)
        let count = Darwin.read(descriptor, input.baseAddress, input.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .cannotRead(path: path, offset: bytesRead, errno: errno) }
      isAtEnd = count == 0
      bytesRead += Int64(count)
      available = 0..<count
      return
    }
  }
}
