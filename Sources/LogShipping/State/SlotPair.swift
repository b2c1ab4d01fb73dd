import CCRC32C
import Glibc

/// Why the disk did not do what it was asked for.
public struct DiskFailure: Error, Sendable, CustomStringConvertible {
  public let operation: String
  public let path: String
  /// The system's `errno`.
  public let code: CInt
  public var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
}

/// One value on the disk that is replaced as a whole: two files, written in turn, each with its number and checksum. A write that is
/// cut short leaves the other.
final class SlotPair {
  /// Mark, number, length, checksum.
  private static let headerBytes = 24
  private static let mark: UInt64 = 0x3150_4853_474F_4C01  // a version and "LOGSHP1"
  /// More is none of ours.
  private static let mostBytes = 1 << 30

  private let paths: [String]
  private(set) var number: UInt64 = 0

  /// - Parameter path: of the two files, without `.0` and `.1`.
  init(path: String) { paths = [path + ".0", path + ".1"] }

  /// The newest value that is whole; nil where there is none.
  ///
  /// - Throws: where a file is there and cannot be read.
  func read() throws(DiskFailure) -> [UInt8]? {
    var newest: (number: UInt64, content: [UInt8])?
    for path in paths {
      guard let slot = try Self.slot(path), slot.number > newest?.number ?? 0 else { continue }
      newest = slot
    }
    number = newest?.number ?? 0
    return newest?.content
  }

  /// Replaces the value, and returns when the disk has it.
  func write(_ content: [UInt8]) throws(DiskFailure) {
    let next = number + 1
    let path = paths[Int(next % 2)]
    let isNew = access(path, F_OK) != 0
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw DiskFailure(operation: "open", path: path, code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headerBytes + content.count)
    withUnsafeBytes(of: Self.mark.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: next.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: UInt32(content.count).littleEndian) { bytes += $0 }
    withUnsafeBytes(of: Self.checksum(bytes, content).littleEndian) { bytes += $0 }
    bytes += content
    try writeAll(bytes, to: descriptor, path: path)
    guard fdatasync(descriptor) == 0 else {
      throw DiskFailure(operation: "fdatasync", path: path, code: errno)
    }
    if isNew { try synchronizeFolder(of: path) }
    number = next
  }

  private static func slot(_ path: String) throws(DiskFailure) -> (number: UInt64, content: [UInt8])? {
    guard let bytes = try readFile(path, atMost: mostBytes), bytes.count >= headerBytes else { return nil }
    let (mark, number, length, sum) = bytes.withUnsafeBytes {
      (
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self))),
        UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
      )
    }
    guard mark == Self.mark, length <= bytes.count - headerBytes else { return nil }
    let content = Array(bytes[headerBytes..<headerBytes + length])
    guard sum == checksum(Array(bytes[..<20]), content) else { return nil }
    return (number, content)
  }

  private static func checksum(_ header: [UInt8], _ content: [UInt8]) -> UInt32 {
    ccrc32c(ccrc32c(0, header, header.count), content, content.count)
  }
}

/// A whole file; nil where there is none.
func readFile(_ path: String, atMost limit: Int) throws(DiskFailure) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
  guard descriptor >= 0 else {
    if errno == ENOENT { return nil }
    throw DiskFailure(operation: "open", path: path, code: errno)
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_size <= limit else {
    throw DiskFailure(operation: "read", path: path, code: EFBIG)
  }
  var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
  var filled = 0
  while filled < bytes.count {
    let count = bytes.withUnsafeMutableBytes {
      read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
    }
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw DiskFailure(operation: "read", path: path, code: errno) }
    if count == 0 { break }
    filled += count
  }
  return Array(bytes[..<filled])
}

/// Writes all bytes at the descriptor's place.
func writeAll(_ bytes: [UInt8], to descriptor: CInt, path: String) throws(DiskFailure) {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      throw DiskFailure(operation: "write", path: path, code: count < 0 ? errno : EIO)
    }
    written += count
  }
}

/// Makes a new name in a folder durable.
func synchronizeFolder(of path: String) throws(DiskFailure) {
  let folder = PathPatterns.folder(of: path)
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw DiskFailure(operation: "open", path: folder, code: errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw DiskFailure(operation: "fsync", path: folder, code: errno) }
}
