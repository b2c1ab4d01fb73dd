import CDBDomain
import Foundation
import PostgresClient
import Synchronization

/// The store on a PostgreSQL server, for who outgrows one machine or wants others to read along.
///
/// Two sessions: one writes, the other reads, so that nobody who asks waits for a commit. The writing one holds an advisory
/// lock for as long as it lives: no two processes write into one store. Both connect again by themselves.
public final class PostgresStore: PipelineStore, StoreContents {
  private let writer: PostgresSession
  private let reader: PostgresSession
  private let known: Known

  /// What this process knows to be in the store; another store in its place does not have it.
  private final class Known: Sendable {
    private let position = Mutex<SinkPosition?>(nil)

    func committed(_ new: SinkPosition) { position.withLock { $0 = new } }

    func check(_ found: SinkPosition, at place: String) throws {
      try position.withLock { known in
        guard let known else { return }
        if found.sequence < known.sequence { throw StoreRefusal.setBack(place: place) }
        if found.journal != known.journal, found.journal != 0, known.journal != 0 {
          throw StoreRefusal.otherJournal(place: place)
        }
      }
    }
  }

  /// Connects, and makes the schema where it does not exist.
  ///
  /// - Throws: ``PostgresClient/PostgresError`` or ``StoreRefusal``.
  public init(_ settings: PostgresSettings) async throws {
    let known = Known()
    self.known = known
    var settings = settings
    settings.isReadOnly = false
    writer = PostgresSession(settings) { connection in
      try Self.claim(connection)
      try Self.migrate(connection)
      try known.check(StoreQueries.position(PostgresLook(connection)), at: connection.place)
    }
    settings.isReadOnly = true
    reader = PostgresSession(settings) { try StoreSchema.admit(PostgresLook($0), at: $0.place) }
    do {
      known.committed(try await writer.run { try StoreQueries.position(PostgresLook($0)) })
    } catch {
      close()
      throw error
    }
  }

  public var place: String { writer.settings.place }

  public func close() {
    writer.close()
    reader.close()
  }

  public func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreReader) throws -> T
  ) async throws -> T {
    try await Self.read(reader, body)
  }

  public func commit(
    _ envelopes: [Envelope], position: SinkPosition, configuration: PipelineConfiguration
  ) async throws -> CommitReceipt {
    let ledger = String(decoding: try JSONEncoder().encode(position.ledger), as: UTF8.self)
    let receipt = try await writer.run { connection in
      let start = ProcessClock.threadCPU()
      let batch = try StoreBatch(
        envelopes, instruments: position.sequence > 0 ? configuration.instruments : nil)
      let new = try PostgresCommit(batch: batch, position: position, ledger: ledger).run(on: connection)
      return CommitReceipt(newEvents: new, cpuNanoseconds: ProcessClock.threadCPU() &- start)
    }
    known.committed(position)
    return receipt
  }

  /// One transaction that sees one instant. A connection that broke since is made again once.
  static func read<T: Sendable>(
    _ session: PostgresSession, _ body: @escaping @Sendable (any StoreReader) throws -> T
  ) async throws -> T {
    let look: @Sendable (PostgresConnection) throws -> T = { connection in
      try connection.run([PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")])
      let result = try body(PostgresLook(connection))
      try connection.run([PostgresStatement("COMMIT")])
      return result
    }
    do {
      return try await session.run(look)
    } catch let error as PostgresError where error.kind == .connectionLost {
      return try await session.run(look)
    }
  }

  /// Makes this session the only one that writes into the store. Its lock ends with the connection.
  private static func claim(_ connection: PostgresConnection) throws {
    do {
      try connection.run([
        PostgresStatement(
          "SELECT pg_advisory_lock(hashtextextended('cdb.store.' || coalesce(current_schema(), ''), 0))")
      ])
    } catch  where error.kind == .locked {
      throw StoreRefusal.inUse(place: connection.place)
    }
  }

  private static func migrate(_ connection: PostgresConnection) throws {
    let look = PostgresLook(connection)
    try StoreSchema.admit(look, at: connection.place)
    let done = Set(try look.migrations())
    let missing = StoreSchema.migrations.filter { !done.contains($0.name) }
    guard !missing.isEmpty else { return }
    if done.isEmpty {
      for table in StoreSchema.compared where try look.hasTable(table.name) {
        throw StoreRefusal.occupied(place: connection.place, reason: table.name)
      }
    }
    let names = look.dialect.migrations
    try look.execute("BEGIN", [])
    try look.execute("CREATE TABLE IF NOT EXISTS \(names) (identifier TEXT PRIMARY KEY)", [])
    for (name, steps) in missing {
      try StoreSchema.run(steps, in: look)
      try look.execute("INSERT INTO \(names) (identifier) VALUES ($1)", [.text(name)])
    }
    try look.execute("COMMIT", [])
  }
}

/// A PostgreSQL store that is only read, as it is, whoever else writes it; a role that may read suffices.
struct PostgresArchive: StoreContents {
  private let session: PostgresSession

  init(_ settings: PostgresSettings) {
    var settings = settings
    settings.isReadOnly = true
    session = PostgresSession(settings) {
      try StoreSchema.admit(PostgresLook($0), at: $0.place, mustExist: true)
    }
  }

  var place: String { session.settings.place }

  func close() { session.close() }

  func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
    try await PostgresStore.read(session, body)
  }
}
