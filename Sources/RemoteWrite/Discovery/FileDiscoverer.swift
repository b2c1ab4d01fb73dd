import Foundation
import Glibc
import OpenMetrics

/// Follows files with target groups. A file that cannot be read or understood keeps what it said last; one that is gone
/// takes its targets along.
struct FileDiscoverer {
  /// What tells that a file was written or replaced.
  private struct Signature: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  private struct Known {
    var signature: Signature?
    var groups: [TargetGroup] = []
    var fault: String?
  }

  private let source: FileDiscovery
  private var files: [String: Known] = [:]
  private var lastRefresh: Int64?

  /// How often files are looked at; that costs a `stat` each, and needs nothing of the file system.
  static let pause: Int64 = 1_000
  private static let mostBytes = 16 << 20

  init(_ source: FileDiscovery) { self.source = source }

  /// - Parameter now: milliseconds since the epoch.
  mutating func look(now: Int64) -> DiscoveryLook {
    let isDue = lastRefresh.map { now < $0 || now - $0 >= source.interval } ?? true
    if isDue { lastRefresh = now }
    let paths = Set(source.patterns.flatMap(Self.paths)).sorted()
    files = files.filter { paths.contains($0.key) }
    for path in paths {
      var file = files[path] ?? Known()
      let signature = Self.signature(of: path)
      // One that was not understood may have been in the middle of being written.
      if isDue || signature == nil || signature != file.signature || file.fault != nil {
        do throws(TargetGroupText.Fault) {
          file.groups = try Self.read(path)
          file.fault = nil
        } catch {
          file.fault = "\(path): \(error)"
        }
        file.signature = signature
      }
      files[path] = file
    }
    return DiscoveryLook(
      groups: paths.flatMap { files[$0]?.groups ?? [] }, faults: paths.compactMap { files[$0]?.fault },
      pause: min(source.interval, Self.pause))
  }

  private static func read(_ path: String) throws(TargetGroupText.Fault) -> [TargetGroup] {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw TargetGroupText.Fault(description: "it cannot be read")
    }
    defer { try? handle.close() }
    guard let bytes = try? handle.read(upToCount: mostBytes + 1) ?? Data() else {
      throw TargetGroupText.Fault(description: "it cannot be read")
    }
    guard bytes.count <= mostBytes else {
      throw TargetGroupText.Fault(description: "more than \(mostBytes) bytes")
    }
    let isJSON = path.lowercased().hasSuffix(".json")
    var groups = isJSON ? try TargetGroupText.json(Array(bytes)) : try TargetGroupText.yaml(Array(bytes))
    for index in groups.indices {
      groups[index].labels.append(Label("__meta_filepath", path))
    }
    return groups
  }

  /// The files that a pattern means.
  private static func paths(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
  }

  private static func signature(of path: String) -> Signature? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Signature(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }
}
