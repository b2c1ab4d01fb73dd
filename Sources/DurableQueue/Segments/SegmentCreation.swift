import Glibc

/// A segment that is open for appending.
struct ActiveSegment: Sendable {
  var file: OpenFile
  var header: SegmentHeader
  /// Behind the last whole record.
  var end: Int

  var isEmpty: Bool { end == Format.headerBytes }

  /// Makes a new segment. It gets its name only when its header is on the disk, and is used only when the
  /// directory is too: a crash at any point leaves either no segment or a good empty one.
  ///
  /// - Parameter inSpare: whether ``reserve(in:)`` has made room for it.
  static func create(
    in directory: QueueDirectory, firstSequence: UInt64, predecessor: UInt64, inSpare: Bool = false,
    system: SystemCalls
  ) throws(DurableQueueError) -> ActiveSegment {
    let temporary = directory.path(of: Format.temporaryName)
    let descriptor = open(temporary, O_RDWR | O_CREAT | (inSpare ? 0 : O_TRUNC) | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(operation: "open", path: temporary, errno: errno) }
    let name = SegmentName.render(firstSequence)
    let file = OpenFile(descriptor: descriptor, name: name)
    let header = SegmentHeader(
      salt: .random(in: 1 ... .max), firstSequence: firstSequence, predecessor: predecessor)
    do throws(DurableQueueError) {
      var code = header.encoded().withUnsafeBytes { system.writeAll($0, to: descriptor, at: 0) }
      guard code == 0 else { throw .system(operation: "write", path: temporary, errno: code) }
      code = system.syncAll(descriptor)
      guard code == 0 else { throw .system(operation: "fdatasync", path: temporary, errno: code) }
      guard rename(temporary, directory.path(of: name)) == 0 else {
        throw .system(operation: "rename", path: temporary, errno: errno)
      }
      try directory.synchronize()
    } catch {
      unlink(temporary)
      unlink(directory.path(of: name))
      throw error
    }
    return ActiveSegment(file: file, header: header, end: Format.headerBytes)
  }

  /// Takes a block of the disk for the next segment's header.
  ///
  /// - Returns: whether there was one.
  static func reserve(in directory: QueueDirectory) -> Bool {
    let temporary = directory.path(of: Format.temporaryName)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard posix_fallocate(descriptor, 0, off_t(Format.headerBytes)) == 0 else {
      unlink(temporary)
      return false
    }
    return true
  }
}
