import Glibc

/// The directory of a queue: its path and what is done to names in it.
struct QueueDirectory: Sendable {
  let path: String

  func path(of name: String) -> String { path + "/" + name }

  /// Makes the directory and the ones above it, as far as they are missing.
  func create() throws(DurableQueueError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made == "/" ? "" : "/") + part
      if part.isEmpty { continue }
      if mkdir(made, 0o755) != 0, errno != EEXIST, errno != EISDIR {
        throw .system(operation: "mkdir", path: made, errno: errno)
      }
    }
  }

  /// The first sequences of all files that are named like segments, ascending.
  func segments() throws(DurableQueueError) -> [UInt64] {
    guard let stream = opendir(path) else {
      throw .system(operation: "opendir", path: path, errno: errno)
    }
    defer { closedir(stream) }
    var found: [UInt64] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let first = SegmentName.parse(name) { found.append(first) }
    }
    return found.sorted()
  }

  /// Makes creations, renames and removals in the directory survive a power loss.
  func synchronize() throws(DurableQueueError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
    defer { close(descriptor) }
    // Some file systems cannot sync a directory and say EINVAL; there is nothing more to do there.
    if fsync(descriptor) != 0, errno != EINVAL {
      throw .system(operation: "fsync", path: path, errno: errno)
    }
  }

  /// Removes a file; one that is gone already is fine.
  func remove(_ name: String) throws(DurableQueueError) {
    if unlink(path(of: name)) != 0, errno != ENOENT {
      throw .system(operation: "unlink", path: path(of: name), errno: errno)
    }
  }

  /// Moves what is no segment out of the log's names; returns the name it has now.
  func setAside(_ name: String) throws(DurableQueueError) -> String {
    var target = name + Format.corruptSuffix
    var number = 1
    while access(path(of: target), F_OK) == 0 {
      number += 1
      target = "\(name)\(Format.corruptSuffix).\(number)"
    }
    guard rename(path(of: name), path(of: target)) == 0 else {
      throw .system(operation: "rename", path: path(of: name), errno: errno)
    }
    return target
  }

  /// Takes the writer's lock; it is held until the returned file is released, or the process dies.
  func lock(_ name: String = Format.lockName) throws(DurableQueueError) -> OpenFile {
    let path = path(of: name)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
    let file = OpenFile(descriptor: descriptor, name: name)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .system(operation: "flock", path: path, errno: errno) }
      throw .locked(directory: self.path, holder: holder(of: file))
    }
    // The process id is for the message a second opener gets; the lock holds without it.
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return file
  }

  private func holder(of lock: OpenFile) -> Int32? {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { buffer in
      let count = (try? lock.read(into: buffer, at: 0)) ?? 0
      let digits = buffer.prefix(count).prefix { (0x30...0x39).contains($0) }
      return Int32(String(decoding: digits, as: UTF8.self))
    }
  }
}
