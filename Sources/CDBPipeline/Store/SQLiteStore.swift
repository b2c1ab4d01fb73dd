import CDBDomain
import Foundation
import GRDB

/// The embedded store: one SQLite database in WAL mode, through GRDB.
///
/// A commit is on the disk when it returns (`synchronous = FULL`): it survives the machine's sudden end.
public final class SQLiteStore: PipelineStore, StoreContents {
  private let pool: DatabasePool
  public let path: String
  private let identity: FileIdentity?

  /// - Parameter path: the database file; made, with its schema, where it does not exist.
  public init(path: String) throws {
    self.path = path
    var configuration = Configuration()
    configuration.label = "cdb.store"
    // While it waits for another process's lock nothing says so: whoever asks is told a moment later.
    configuration.busyMode = .timeout(2)
    configuration.foreignKeysEnabled = true
    configuration.maximumReaderCount = 2
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    try pool.read { try StoreSchema.admit(SQLiteSession($0), at: path) }
    try Self.migrator.migrate(pool)
    identity = FileIdentity(path: path)
  }

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (name, steps) in StoreSchema.migrations {
      migrator.registerMigration(name) { try StoreSchema.run(steps, in: SQLiteSession($0)) }
    }
    return migrator
  }

  public var place: String { path }

  public func close() throws { try pool.close() }

  public func read<T: Sendable>(
    _ body: @escaping @Sendable (any StoreReader) throws -> T
  ) async throws -> T {
    try await pool.read { try body(SQLiteSession($0)) }
  }

  public func commit(
    _ envelopes: [Envelope], position: SinkPosition, configuration: PipelineConfiguration
  ) async throws -> CommitReceipt {
    // Rows in a file that has no name any more would be gone with the process.
    guard FileIdentity(path: path) == identity else { throw StoreRemoved(path: path) }
    let ledger = String(decoding: try JSONEncoder().encode(position.ledger), as: UTF8.self)
    return try await pool.write { database in
      let start = ProcessClock.threadCPU()
      let writer = SQLiteSession(database)
      let batch = try StoreBatch(
        envelopes, instruments: position.sequence > 0 ? configuration.instruments : nil)
      var new = 0
      for part in batch.filled {
        let rows = try writer.insert(part)
        if part.isEvents { new += rows.count }
        guard part.table.name == StoreSchema.controls.name, !batch.decisions.isEmpty else { continue }
        try AuditChain.append(batch.decisions(among: rows.map { $0[0] }), in: writer)
      }
      try writer.execute(StoreQueries.advance, StoreQueries.values(position, ledger: ledger))
      return CommitReceipt(newEvents: new, cpuNanoseconds: ProcessClock.threadCPU() &- start)
    }
  }

  public func audit(maximumSlippage: Ratio) async throws -> StoreAudit {
    try await auditOfFile(maximumSlippage)
  }
}

extension StoreContents {
  /// A file that cannot be read back is no check that could not be carried out: it is what the check looks for.
  fileprivate func auditOfFile(_ maximumSlippage: Ratio) async throws -> StoreAudit {
    do {
      return try await read { try StoreRules.audit($0, maximumSlippage: maximumSlippage) }
    } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
    {
      var audit = StoreAudit()
      audit.findings = [.init(rule: "the file is damaged", ids: [error.message ?? "\(error.resultCode)"])]
      return audit
    }
  }
}

/// A store's file that is only read, as it is, whoever else writes it.
struct SQLiteArchive: StoreContents {
  private let queue: DatabaseQueue
  let place: String

  init(path: String) throws {
    place = path
    guard FileManager.default.isReadableFile(atPath: path) else { throw StoreRefusal.missing(place: path) }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { try StoreSchema.admit(SQLiteSession($0), at: path, mustExist: true) }
  }

  func close() throws { try queue.close() }

  func audit(maximumSlippage: Ratio) async throws -> StoreAudit { try await auditOfFile(maximumSlippage) }

  func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
    try await queue.read { try body(SQLiteSession($0)) }
  }
}
