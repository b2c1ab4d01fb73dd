import CDBPipeline
import ServiceRuntime

/// What a data directory's store holds, wherever the settings say that it is.
public struct StoreSummary: Codable, Sendable {
  public var digest: String
  public var rows: [String: Int]

  public init(_ settings: EffectiveConfiguration) async throws {
    let store = try await StoreLocation.existing(settings)
    defer { try? store.close() }
    let (digest, totals) = try await store.summary()
    self.digest = digest
    rows = totals.rows
  }
}
