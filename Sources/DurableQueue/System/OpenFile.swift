import Glibc

/// An open file; closed when the last reference goes.
final class OpenFile: Sendable {
  let descriptor: Int32
  /// The name inside the directory, for messages.
  let name: String

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit { close(descriptor) }

  /// Opens a regular file. Never waits, whatever stands under the name: a pipe is refused, not read.
  static func open(_ path: String, name: String, writable: Bool = false) throws(FaultReason) -> OpenFile {
    let flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK
    let descriptor = Glibc.open(path, flags)
    guard descriptor >= 0 else {
      throw switch errno {
      case ENOENT: .missing
      case EISDIR, ENXIO, ELOOP: .notAFile
      default: .unreadable(errno)
      }
    }
    let file = OpenFile(descriptor: descriptor, name: name)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    return file
  }

  /// Whether the file still stands under this path: it may have been removed, or another put in its place.
  func stands(at path: String) -> Bool {
    var (own, there) = (stat(), stat())
    guard fstat(descriptor, &own) == 0 else { return true }
    guard lstat(path, &there) == 0 else { return errno != ENOENT && errno != ENOTDIR }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino
  }

  /// The length in bytes; 0 when it cannot be told.
  var size: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Reads up to `buffer.count` bytes at `offset`, fewer only at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FaultReason) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        throw .unreadable(errno)
      }
    }
    return done
  }

  /// The segment header at the start of the file.
  func readHeader() throws(FaultReason) -> SegmentHeader {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Format.headerBytes, alignment: 8)
    defer { bytes.deallocate() }
    let count = try read(into: bytes, at: 0)
    return try SegmentHeader(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
  }
}
