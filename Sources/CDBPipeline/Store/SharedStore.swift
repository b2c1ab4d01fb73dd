import CDBDomain
import Synchronization

/// A store that another process writes, to be read: opened with the first question, and anew where another one stands in its
/// place. While there is none, questions fail.
public final class SharedStore: StoreContents {
  private struct Opened: Sendable {
    var contents: any StoreContents
    /// Of a store that is a file.
    var identity: FileIdentity?
  }

  private let location: StoreLocation
  private let opened = Mutex<Opened?>(nil)

  public init(_ location: StoreLocation) { self.location = location }

  public var place: String { location.description }

  public func close() throws {
    let last = opened.withLock { opened in
      defer { opened = nil }
      return opened
    }
    try last?.contents.close()
  }

  /// - Throws: ``StoreRefusal`` where there is no store, or a newer version's.
  public func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreReader) throws -> T
  ) async throws -> T {
    try await contents().read(body)
  }

  public func audit(maximumSlippage: Ratio) async throws -> StoreAudit {
    try await contents().audit(maximumSlippage: maximumSlippage)
  }

  private func contents() throws -> any StoreContents {
    try opened.withLock { opened in
      switch location {
      case .postgres(let settings):
        // Its session connects by itself, whenever that is possible.
        let contents = opened?.contents ?? PostgresArchive(settings)
        opened = Opened(contents: contents)
        return contents
      case .sqlite(let path):
        let identity = FileIdentity(path: path)
        if let opened, opened.identity == identity { return opened.contents }
        let old = opened?.contents
        opened = nil
        try? old?.close()
        let contents = try SQLiteArchive(path: path)
        opened = Opened(contents: contents, identity: identity)
        return contents
      }
    }
  }
}
