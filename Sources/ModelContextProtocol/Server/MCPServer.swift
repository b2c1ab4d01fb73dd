import Logging
import Synchronization

/// A server of the Model Context Protocol, revisions 2025-11-25 and 2026-07-28: what it offers, and the
/// clients that are connected.
///
/// Specification: <https://modelcontextprotocol.io/specification/2026-07-28>
public final class MCPServer: Sendable {
  private struct State {
    var catalog: Catalog
    /// Those that run.
    var connections: [ObjectIdentifier: Connection] = [:]
  }

  public let configuration: ServerConfiguration
  /// For failures of tools and resources. On stdio it must not write to standard output.
  let logger: Logger
  private let state: Mutex<State>

  public init(_ configuration: ServerConfiguration, catalog: Catalog, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    state = Mutex(State(catalog: catalog))
  }

  /// What is offered now.
  public var catalog: Catalog { state.withLock { $0.catalog } }

  /// Changes what is offered, and tells the clients which lists are others now.
  public func update<Failure: Error>(
    _ change: (inout Catalog) throws(Failure) -> Void
  ) throws(Failure) {
    let outcome: Result<([Change], [Connection]), Failure> = state.withLock { state in
      let before = state.catalog.versions
      var catalog = state.catalog
      do throws(Failure) {
        try change(&catalog)
      } catch {
        return .failure(error)
      }
      state.catalog = catalog
      var changes: [Change] = []
      for list in Catalog.List.allCases where before[list] != catalog.versions[list] {
        let change = Change.list(list)
        if !changes.contains(where: { $0.method == change.method }) { changes.append(change) }
      }
      return .success((changes, Array(state.connections.values)))
    }
    let (changes, connections) = try outcome.get()
    for connection in connections { for change in changes { connection.tell(change) } }
  }

  /// Tells the clients that subscribed to a resource that it holds something else now.
  public func resourceUpdated(_ uri: String) {
    let connections = state.withLock { Array($0.connections.values) }
    for connection in connections { connection.tell(.resource(uri: uri)) }
  }

  func connected(_ connection: Connection) {
    state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
  }

  func disconnected(_ connection: Connection) {
    state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
  }
}
