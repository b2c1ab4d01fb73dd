import Foundation

/// What the data directory of a run lies on.
enum DiskKind: String, Sendable {
  /// Three small file systems in memory: of the store and the checkpoints, of the journal, and of the log.
  case memory
  /// An ext4 in a file, that can be frozen.
  case image
  /// A folder of the machine's own disk.
  case plain
}

/// The disks of one run. What was mounted is gone when ``remove()`` has returned.
struct OutsideDisk: Sendable {
  /// The parts that can be filled by themselves; the first is the data directory itself.
  enum Part: String, CaseIterable, Sendable {
    case store = ""
    case journal = "/journal"
    case log = "/logs"
  }

  let kind: DiskKind
  let path: String
  private let folder: String
  private var loop: String?

  static func make(_ kind: DiskKind, in folder: String) async throws -> OutsideDisk {
    var disk = OutsideDisk(kind: kind, path: folder + "/data", folder: folder)
    try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: true)
    do {
      switch kind {
      case .plain: break
      case .memory:
        for part in Part.allCases {
          let path = disk.path + part.rawValue
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
          try await Tool.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", path])
        }
      case .image:
        let image = folder + "/image"
        try await Tool.run(["truncate", "-s", "64M", image])
        try await Tool.run(["mkfs.ext4", "-q", "-F", image])
        disk.loop = try await Tool.run(["losetup", "-f", "--show", image])
        try await Tool.run(["mount", disk.loop ?? "", disk.path])
      }
    } catch {
      await disk.remove()
      throw error
    }
    return disk
  }

  private init(kind: DiskKind, path: String, folder: String) {
    self.kind = kind
    self.path = path
    self.folder = folder
  }

  func fill(_ part: Part) throws { try SmallDisk(path: path + part.rawValue).fill() }
  func free(_ part: Part) throws { try SmallDisk(path: path + part.rawValue).free() }

  func freeze() async throws { try await Tool.run(["fsfreeze", "-f", path]) }
  func thaw() async throws { try await Tool.run(["fsfreeze", "-u", path]) }

  /// Gives a file system that has turned read-only back to its user, who has let go of it.
  func repair() async throws {
    guard let loop else { return }
    try await Tool.run(["umount", path])
    // 1 says that it has mended something.
    _ = await Tool.succeeds(["e2fsck", "-f", "-y", loop])
    try await Tool.run(["mount", loop, path])
  }

  /// Whatever state it is in. What is frozen is thawed, or nothing could end that waits for it.
  func remove() async {
    if kind == .image { _ = await Tool.succeeds(["fsfreeze", "-u", path]) }
    if kind != .plain {
      for part in Part.allCases.reversed() {
        // Lazily: what still has a file open there does not keep it in the tree.
        while await Tool.succeeds(["mountpoint", "-q", path + part.rawValue]) {
          guard await Tool.succeeds(["umount", "-l", path + part.rawValue]) else { break }
        }
      }
    }
    if let loop { _ = await Tool.succeeds(["losetup", "-d", loop]) }
  }
}
