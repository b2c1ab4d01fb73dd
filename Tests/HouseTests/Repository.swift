import Foundation

/// The working copy that the tests belong to.
struct Repository {
  /// Where Package.swift is.
  let root: URL

  /// The repository of this file.
  static let current = Repository(
    root: URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent())

  func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The files that git holds or would take, as paths from the root; in an unpacked archive, all files but
  /// those in folders that tools make.
  func files() throws -> [String] {
    let found = try listedByGit() ?? walked()
    return found.filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }.sorted()
  }

  private func listedByGit() throws -> [String]? {
    guard FileManager.default.fileExists(atPath: root.appending(path: ".git").path) else { return nil }
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = [
      "git", "-c", "safe.directory=*", "-C", root.path, "ls-files", "-z", "--cached", "--others",
      "--exclude-standard",
    ]
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    try git.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { return nil }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private func walked() -> [String] {
    let made: Set = [".git", ".venv", "data"]
    var paths: [String] = []
    var folders = [""]
    while let folder = folders.popLast() {
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
      for name in names {
        if folder.isEmpty, made.contains(name) || name.hasPrefix(".build") { continue }
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
        if isFolder.boolValue { folders.append(path) } else { paths.append(path) }
      }
    }
    return paths
  }
}
