import CDBDomain
import Crypto
import Foundation
import GRDB

/// The embedded store: one SQLite database in WAL mode, through GRDB.
///
/// A commit is on the disk when it returns (`synchronous = FULL`): it survives the machine's sudden end.
public final class SQLiteStore: PipelineStore {
  private let pool: DatabasePool
  public let path: String
  private let identity: FileIdentity?

  /// - Parameter path: the database file; made, with its schema, where it does not exist.
  public init(path: String) throws {
    self.path = path
    var configuration = Configuration()
    configuration.label = "cdb.store"
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    configuration.maximumReaderCount = 2
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    try SQLiteSchema.migrator.migrate(pool)
    identity = FileIdentity(path: path)
  }

  /// Digest and totals of an existing store, read without changing it.
  public static func summary(path: String) async throws -> (digest: String, totals: StoreTotals) {
    try await existing(path).read { (try digest(of: $0), try totals(of: $0)) }
  }

  /// The decisions of an existing store with their links, in the order of the journal, and the newest journal record that
  /// the store's rows follow from; read without changing it. A store of a version without a chain has no links.
  public static func auditTrail(path: String) async throws -> (rows: [AuditRow], origin: UInt64) {
    try await existing(path).read { (try SQLiteQueries.trail($0), try SQLiteQueries.origin($0)) }
  }

  /// A store that is only read, whoever else writes it.
  private static func existing(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  public func close() throws { try pool.close() }

  public func position() async throws -> SinkPosition {
    try await pool.read { database in
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT sequence, origin, ledger FROM sink_position WHERE only = 1")
      else { return SinkPosition() }
      let sequence: Int64 = row["sequence"]
      let origin: Int64 = row["origin"]
      let ledger: String = row["ledger"]
      return SinkPosition(
        sequence: UInt64(bitPattern: sequence),
        ledger: try JSONDecoder().decode(NodeLedger.self, from: Data(ledger.utf8)),
        origin: UInt64(bitPattern: origin))
    }
  }

  public func commit(
    _ envelopes: [Envelope], position: SinkPosition, configuration: PipelineConfiguration
  ) async throws -> CommitReceipt {
    // Rows in a file that has no name any more would be gone with the process.
    guard FileIdentity(path: path) == identity else { throw StoreRemoved(path: path) }
    let ledger = String(decoding: try JSONEncoder().encode(position.ledger), as: UTF8.self)
    return try await pool.write { database in
      let start = ProcessClock.threadCPU()
      let writer = SQLiteRowWriter(database)
      if position.sequence > 0 { try writer.write(configuration.instruments) }
      var new = 0
      for envelope in envelopes where try writer.write(envelope) { new += 1 }
      try database.execute(
        sql: """
          INSERT INTO sink_position (only, sequence, origin, ledger) VALUES (1, ?, ?, ?)
          ON CONFLICT (only) DO UPDATE
          SET sequence = excluded.sequence, origin = excluded.origin, ledger = excluded.ledger
          """,
        arguments: [Int64(bitPattern: position.sequence), Int64(bitPattern: position.origin), ledger])
      return CommitReceipt(newEvents: new, cpuNanoseconds: ProcessClock.threadCPU() &- start)
    }
  }

  public func digest() async throws -> String {
    try await pool.read(Self.digest(of:))
  }

  /// SHA-256 over all rows that events made, in the order of their keys, as text.
  public static func digest(of database: Database) throws -> String {
    var hash = SHA256()
    for (table, key) in try kept(in: database) {
      hash.update(data: Data("\(table)\n".utf8))
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(table) ORDER BY \(key)")
      while let row = try rows.next() {
        var line = ""
        for (column, value) in row {
          line += "\(column)=\(value.storage.value.map { "\($0)" } ?? "")\u{1F}"
        }
        hash.update(data: Data((line + "\n").utf8))
      }
    }
    return AuditChain.hexadecimal(hash.finalize())
  }

  public func audit(maximumSlippage: Ratio) async throws -> StoreAudit {
    do {
      return try await pool.read { try SQLiteAudit.audit($0, maximumSlippage: maximumSlippage) }
    } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
    {
      // A file that cannot be read back is no check that could not be carried out: it is what the check looks for.
      var audit = StoreAudit()
      audit.findings = [.init(rule: "the file is damaged", ids: [error.message ?? "\(error.resultCode)"])]
      return audit
    }
  }

  public func probe(_ number: UInt64?) async throws -> ProbeRecord? {
    try await pool.read { try SQLiteQueries.probe(number, $0) }
  }

  public func controls(_ names: [String], limit: Int) async throws -> [ControlRecord] {
    try await pool.read { try SQLiteQueries.controls(names, limit: limit, $0) }
  }

  public func lastActivity() async throws -> LastActivity {
    try await pool.read { try SQLiteQueries.lastActivity($0) }
  }

  public func restarts() async throws -> [String: UInt64] {
    try await pool.read { try SQLiteQueries.restarts($0) }
  }

  public func answers(since: EventTime, limit: Int) async throws -> [Answer] {
    try await pool.read { try SQLiteQueries.answers(since: since, limit: limit, $0) }
  }

  public func block(since: EventTime, until: EventTime) async throws -> BlockRows {
    try await pool.read { try SQLiteBlocks.rows(since: since, until: until, $0) }
  }

  public func latestTrades(limit: Int) async throws -> LatestTrades {
    try await pool.read { try SQLiteTrades.latest(limit: limit, $0) }
  }

  /// The tables of the schema that the database has: a store that an earlier version wrote is read as it is.
  private static func kept(in database: Database) throws -> [(table: String, key: String)] {
    try SQLiteSchema.digested.filter { try database.tableExists($0.table) }
  }

  public func totals() async throws -> StoreTotals {
    try await pool.read(Self.totals(of:))
  }

  public static func totals(of database: Database) throws -> StoreTotals {
    var totals = StoreTotals()
    for (table, _) in try kept(in: database) {
      totals.rows[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0
    }
    let canary = "'\(RiskEngine.canaryName)'"
    totals.refusals = try counts(
      database,
      "SELECT reason, count(*) FROM decisions WHERE NOT approved AND account <> \(canary) GROUP BY reason")
    totals.results = try counts(
      database,
      """
      SELECT r.status, count(*) FROM order_results r JOIN orders o ON o.id = r.order_id
      WHERE o.account <> \(canary) GROUP BY r.status
      """)
    totals.signals = try counts(
      database, "SELECT side, count(*) FROM signals WHERE strategy <> \(canary) GROUP BY side")
    let fills = "fills f JOIN orders o ON o.id = f.order_id WHERE o.account <> \(canary)"
    totals.orders =
      try Int.fetchOne(database, sql: "SELECT count(*) FROM orders WHERE account <> \(canary)") ?? 0
    totals.fills = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(fills)") ?? 0
    totals.fees = Money(mantissa: try Int64.fetchOne(database, sql: "SELECT sum(f.fee) FROM \(fills)") ?? 0)
    for (side, column) in [("buy", \StoreTotals.bought), ("sell", \StoreTotals.sold)] {
      let sum = try Int64.fetchOne(
        database, sql: "SELECT sum(f.notional) FROM \(fills) AND o.side = ?", arguments: [side])
      totals[keyPath: column] = Money(mantissa: sum ?? 0)
    }
    return totals
  }

  private static func counts(_ database: Database, _ query: String) throws -> [String: Int] {
    var result: [String: Int] = [:]
    for row in try Row.fetchAll(database, sql: query) { result[row[0]] = row[1] }
    return result
  }
}
