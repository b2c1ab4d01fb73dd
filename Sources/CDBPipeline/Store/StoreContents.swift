import CDBDomain
import Crypto
import Foundation

/// A store whose rows can be read, whatever keeps them. All questions to a store are asked here, once for all kinds.
public protocol StoreContents: StoreView {
  /// Where it is, without a password.
  var place: String { get }

  /// Reads in one look: nothing that is committed meanwhile is seen.
  func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T

  func close() throws
}

extension StoreContents {
  public func position() async throws -> SinkPosition { try await read { try StoreQueries.position($0) } }

  /// A digest of every row that events made, the same wherever and however often they were processed.
  public func digest() async throws -> String { try await read { try StoreDigest.digest($0) } }

  public func totals() async throws -> StoreTotals { try await read { try StoreDigest.totals($0) } }

  /// Digest and totals of one instant.
  public func summary() async throws -> (digest: String, totals: StoreTotals) {
    try await read { (try StoreDigest.digest($0), try StoreDigest.totals($0)) }
  }

  /// The decisions with their links, in the order of the journal, and the newest journal record that the store's rows
  /// follow from. A store of a version without a chain has no links.
  public func auditTrail() async throws -> (rows: [AuditRow], origin: UInt64) {
    try await read { (try StoreQueries.trail($0), try StoreQueries.position($0).origin) }
  }

  public func audit(maximumSlippage: Ratio) async throws -> StoreAudit {
    try await read { try StoreRules.audit($0, maximumSlippage: maximumSlippage) }
  }

  public func probe(_ number: UInt64?) async throws -> ProbeRecord? {
    try await read { try StoreQueries.probe(number, $0) }
  }

  public func controls(_ names: [String], limit: Int) async throws -> [ControlRecord] {
    try await read { try StoreQueries.controls(names, limit: limit, $0) }
  }

  public func lastActivity() async throws -> LastActivity {
    try await read { try StoreQueries.lastActivity($0) }
  }

  public func restarts() async throws -> [String: UInt64] {
    try await read { try StoreQueries.restarts($0) }
  }

  public func answers(since: EventTime, limit: Int) async throws -> [Answer] {
    try await read { try StoreQueries.answers(since: since, limit: limit, $0) }
  }

  public func block(since: EventTime, until: EventTime) async throws -> BlockRows {
    try await read { try StoreBlocks.rows(since: since, until: until, $0) }
  }

  public func latestTrades(limit: Int) async throws -> LatestTrades {
    try await read { try StoreTrades.latest(limit: limit, $0) }
  }
}

/// Digest and figures of all tables.
enum StoreDigest {
  /// The tables that the store has: one that an earlier version wrote is read as it is.
  static func kept(_ reader: any StoreReader) throws -> [StoreTable] {
    try StoreSchema.digested.filter { try reader.hasTable($0.name) }
  }

  /// SHA-256 over all rows that events made, in the order of their keys, as text.
  static func digest(_ reader: any StoreReader) throws -> String {
    var hash = SHA256()
    for table in try kept(reader) {
      hash.update(data: Data("\(table.name)\n".utf8))
      let names = table.columns.map(\.name)
      try reader.each(
        "SELECT \(names.joined(separator: ", ")) FROM \(table.name) ORDER BY \(table.order)", []
      ) { row in
        var line = ""
        for (name, value) in zip(names, row.values) { line += "\(name)=\(value.text)\u{1F}" }
        hash.update(data: Data((line + "\n").utf8))
      }
    }
    return AuditChain.hexadecimal(hash.finalize())
  }

  static func totals(_ reader: any StoreReader) throws -> StoreTotals {
    var totals = StoreTotals()
    for table in try kept(reader) {
      totals.rows[table.name] = try reader.value("SELECT count(*) FROM \(table.name)") ?? 0
    }
    let canary = "'\(RiskEngine.canaryName)'"
    totals.refusals = try reader.counts(
      "SELECT reason, count(*) FROM decisions WHERE approved = 0 AND account <> \(canary) GROUP BY reason")
    totals.results = try reader.counts(
      """
      SELECT r.status, count(*) FROM order_results r JOIN orders o ON o.id = r.order_id
      WHERE o.account <> \(canary) GROUP BY r.status
      """)
    totals.signals = try reader.counts(
      "SELECT side, count(*) FROM signals WHERE strategy <> \(canary) GROUP BY side")
    let fills = "fills f JOIN orders o ON o.id = f.order_id WHERE o.account <> \(canary)"
    totals.orders = try reader.value("SELECT count(*) FROM orders WHERE account <> \(canary)") ?? 0
    totals.fills = try reader.value("SELECT count(*) FROM \(fills)") ?? 0
    totals.fees = Money(mantissa: try reader.value("SELECT sum(f.fee) FROM \(fills)") ?? 0)
    for (side, column) in [("buy", \StoreTotals.bought), ("sell", \StoreTotals.sold)] {
      let sum: Int64? = try reader.value(
        "SELECT sum(f.notional) FROM \(fills) AND o.side = $1", [.text(side)])
      totals[keyPath: column] = Money(mantissa: sum ?? 0)
    }
    return totals
  }
}
