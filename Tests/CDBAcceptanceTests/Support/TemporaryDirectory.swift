import Foundation

/// Runs `body` with an empty folder of its own, which is gone afterwards, however `body` ended.
func withTemporaryDirectory<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> T
) async throws -> T {
  let path = FileManager.default.temporaryDirectory.path + "/cdb-acceptance-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

extension String {
  /// Writes the text to a file and returns the file's path.
  @discardableResult
  func write(to path: String) throws -> String {
    try write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }
}
