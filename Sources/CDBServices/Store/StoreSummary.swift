import CDBPipeline
import Foundation

/// What a data directory's store holds.
public struct StoreSummary: Codable, Sendable {
  public var digest: String
  public var rows: [String: Int]

  public init(dataDirectory: String) async throws {
    let path = dataDirectory + "/store.sqlite"
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw PipelineError.dataDirectory(dataDirectory, reason: "there is no store in it")
    }
    let (digest, totals) = try await SQLiteStore.summary(path: path)
    self.digest = digest
    rows = totals.rows
  }
}
