import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A file that is there as a whole or not at all, whenever the process or the machine ends.
enum AtomicFile {
  struct Failure: Error, CustomStringConvertible {
    var path: String
    var reason: String
    var description: String { "\(path) cannot be written: \(reason)" }
  }

  /// Writes under a name that nobody reads, forces it to the disk, and renames it.
  ///
  /// - Parameter mode: of a new file; one that is replaced keeps its own.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(Failure) {
    var status = stat()
    let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : mode
    let draft = "\(path).\(getpid()).partial"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure(path) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        defer { give(up: draft, descriptor) }
        throw failure(path)
      }
      written += count
    }
    guard fsync(descriptor) == 0 else {
      defer { give(up: draft, descriptor) }
      throw failure(path)
    }
    close(descriptor)
    guard rename(draft, path) == 0 else {
      defer { unlink(draft) }
      throw failure(path)
    }
    syncDirectory(of: path)
  }

  private static func failure(_ path: String) -> Failure {
    Failure(path: path, reason: String(cString: strerror(errno)))
  }

  private static func give(up draft: String, _ descriptor: Int32) {
    close(descriptor)
    unlink(draft)
  }

  /// So that the name outlives the machine's end as well. A file system that cannot is no reason to fail.
  private static func syncDirectory(of path: String) {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
