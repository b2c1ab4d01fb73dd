import Foundation

/// A file system of a few megabytes that a test can fill.
struct SmallDisk: Sendable {
  var path: String
  private var ballast: String { path + "/.ballast" }

  init(path: String) { self.path = path }

  /// Leaves no byte free.
  func fill() throws {
    try Data().write(to: URL(filePath: ballast))
    let handle = FileHandle(forWritingAtPath: ballast)
    for size in [1 << 16, 1 << 12] {
      while (try? handle?.write(contentsOf: Data(count: size))) != nil {}
    }
    try handle?.close()
  }

  func reserve(megabytes: Int) throws {
    try Data(count: megabytes << 20).write(to: URL(filePath: ballast))
  }

  /// Gives back what ``fill()`` or ``reserve(megabytes:)`` took.
  func free() throws { try FileManager.default.removeItem(atPath: ballast) }
}

struct MountFailed: Error, CustomStringConvertible {
  var description: String
}

/// Mounts a small file system for `body`; it is gone afterwards.
func withSmallDisk(
  megabytes: Int, in folder: String, isolation: isolated (any Actor)? = #isolation,
  _ body: (SmallDisk) async throws -> Void
) async throws {
  let path = folder + "/disk"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  let mount = try ChildProcess(
    "mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path], in: folder)
  guard try await mount.exit() == .code(0) else {
    throw MountFailed(description: mount.errors)
  }
  func unmount() async throws {
    // Lazily: what still has a file open there does not keep it in the tree.
    let umount = try ChildProcess("umount", ["-l", path], in: folder)
    guard try await umount.exit() == .code(0) else {
      throw MountFailed(description: umount.errors)
    }
  }
  do {
    try await body(SmallDisk(path: path))
  } catch {
    try? await unmount()
    throw error
  }
  try await unmount()
}
