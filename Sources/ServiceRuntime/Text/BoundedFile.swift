// On Linux it depends on what else is compiled whether the compiler finds `stat` in the C library's module or in this one.
#if canImport(CDispatch)
  import CDispatch
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file's bytes, read through one descriptor and never past a limit, whatever its size claims.
public struct BoundedFile {
  public enum Failure: Error, Equatable {
    case tooLarge(limit: Int)
    case unreadable(reason: String)
  }

  public let bytes: [UInt8]
  let status: stat

  /// - Throws: `Failure`: larger than `maximumBytes`, or unreadable with the system's words.
  public init(path: String, maximumBytes: Int) throws(Failure) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(reason: SystemFailure.current) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: SystemFailure.current) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(reason: "not a regular file") }

    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = chunk.withUnsafeMutableBytes { Self.read(descriptor, $0) }
      if count == 0 { break }
      guard count > 0 else { throw .unreadable(reason: SystemFailure.current) }
      guard bytes.count + count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
      bytes.append(contentsOf: chunk[..<count])
    }
    self.bytes = bytes
    self.status = status
  }

  private static func read(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 || errno != EINTR { return count }
    }
  }
}

/// The words of the C library for what just failed.
enum SystemFailure {
  static var current: String { words(for: errno) }

  static func words(for code: CInt) -> String {
    guard let message = strerror(code) else { return "error \(code)" }
    return String(cString: message)
  }
}

extension [UInt8] {
  /// Without white space (space, tab, line feed, carriage return) at both ends.
  func trimmingASCIIWhitespace() -> [UInt8] {
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
    guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) })
    else { return [] }
    return Array(self[first...last])
  }
}

enum FileExistence {
  /// Whether there is anything at `path`, readable or not.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 || errno != ENOENT
  }
}

extension SystemFailure {
  static let addressInUse = EADDRINUSE
}
