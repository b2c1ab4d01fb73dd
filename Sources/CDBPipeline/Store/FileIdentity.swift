import Glibc

/// Which file a path names: another file under the same name has another identity.
struct FileIdentity: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  /// Nil where the path names nothing.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// The store's file was taken away while it was open.
struct StoreRemoved: Error, CustomStringConvertible {
  var path: String
  var description: String {
    "\(path) was removed or replaced while it was open: put it back, or restart cdb, which builds it again from "
      + "the journal"
  }
}
