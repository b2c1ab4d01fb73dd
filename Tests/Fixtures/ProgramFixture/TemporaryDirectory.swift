import Foundation

/// Runs `body` with an empty folder of its own, which is gone afterwards, however `body` ended.
///
/// - Parameter folders: names of folders that are to be in it.
public func withTemporaryDirectory<Result>(
  with folders: [String] = [], isolation: isolated (any Actor)? = #isolation,
  _ body: (String) async throws -> Result
) async throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/cdb-test-" + UUID().uuidString
  for folder in [path] + folders.map({ "\(path)/\($0)" }) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}
