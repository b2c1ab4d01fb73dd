import Glibc

/// Which file it is, as long as it is there: an inode is used again when it is gone.
struct FileIdentity: Hashable, Sendable, Codable {
  var device: UInt64
  var inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// A hash of some bytes of a file, and how many they are.
struct Fingerprint: Equatable, Sendable, Codable {
  /// Of the bytes at a file's start.
  static let longestPrefix = 1_024
  /// Of the bytes before a position.
  static let longestTail = 256

  var length: Int
  /// FNV-1a, 64 bits.
  var hash: UInt64

  static let none = Fingerprint([])

  init<Bytes: Sequence>(_ bytes: Bytes) where Bytes.Element == UInt8 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var length = 0
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      length += 1
    }
    self.length = length
    self.hash = hash
  }
}

/// An open file that is only read.
final class OpenedFile {
  let path: String
  let descriptor: CInt
  let identity: FileIdentity

  struct Failure: Error, CustomStringConvertible {
    let operation: String
    let path: String
    let code: CInt
    var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
  }

  /// Opens a regular file; a pipe or a device is refused, and not waited for.
  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw Failure(operation: "open", path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(operation: "read", path: path, code: EINVAL)
    }
    identity = FileIdentity(status)
  }

  deinit { close(descriptor) }

  /// Its length now, and whether it still has a name; nil where the file system does not say.
  var state: (size: UInt64, hasName: Bool)? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return (UInt64(max(status.st_size, 0)), status.st_nlink > 0)
  }

  /// As many bytes as there are, up to what fits.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Failure) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
        off_t(clamping: offset + UInt64(filled)))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(operation: "read", path: path, code: errno) }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// These bytes, or as many of them as there are; none where they cannot be read.
  func bytes(_ count: Int, at offset: UInt64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = (try? read(UnsafeMutableRawBufferPointer(buffer), at: offset)) ?? 0
    }
  }

  /// Whether the bytes at `offset` are those of a fingerprint.
  func has(_ fingerprint: Fingerprint, at offset: UInt64) -> Bool {
    fingerprint.length == 0 || Fingerprint(bytes(fingerprint.length, at: offset)) == fingerprint
  }
}
