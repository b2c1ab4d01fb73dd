import CDBDomain
import Crypto
import Foundation
import GRDB

/// A chain of hashes over the decisions in a store: whoever changes, adds or takes away one of them must make the chain
/// anew from there, and then its head is another.
///
/// A link is SHA-256 over the link before it (32 bytes; zeros for the first), the number of the journal record (8 bytes,
/// big-endian), its time (8 bytes, big-endian), and SHA-256 of the decision as the store has it. So it follows from the
/// journal alone: a store that is built again has the same chain.
public enum AuditChain {
  static let genesis = [UInt8](repeating: 0, count: SHA256.byteCount)

  static func content(_ body: String) -> [UInt8] { Array(SHA256.hash(data: Data(body.utf8))) }

  static func link(_ previous: [UInt8], origin: UInt64, time: EventTime, content: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: previous)
    withUnsafeBytes(of: origin.bigEndian) { hash.update(bufferPointer: $0) }
    withUnsafeBytes(of: time.nanoseconds.bigEndian) { hash.update(bufferPointer: $0) }
    hash.update(data: content)
    return Array(hash.finalize())
  }

  /// SHA-256, hexadecimal.
  public static func digest(_ bytes: some DataProtocol) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  public static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static let schema = """
    CREATE TABLE audit (
      origin INTEGER PRIMARY KEY, content BLOB NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID
    """

  /// Links a decision to the newest one. Decisions come in the order of the journal.
  static func append(origin: UInt64, time: EventTime, body: String, to database: Database) throws {
    let previous = try Data.fetchOne(database, sql: "SELECT hash FROM audit ORDER BY origin DESC LIMIT 1")
    let content = content(body)
    let hash = link(previous.map(Array.init) ?? genesis, origin: origin, time: time, content: content)
    try database.execute(
      sql: "INSERT INTO audit (origin, content, hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      arguments: [Int64(bitPattern: origin), Data(content), Data(hash)])
  }

  /// Links what an earlier version has written.
  static func build(in database: Database) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT origin, time_ns, body FROM controls WHERE kind IN (\(kinds)) ORDER BY origin")
    while let row = try rows.next() {
      let origin: Int64 = row[0]
      try append(
        origin: UInt64(bitPattern: origin), time: EventTime(nanoseconds: row[1]), body: row[2], to: database)
    }
  }

  static let kinds = Control.decisions.map { "'\($0)'" }.joined(separator: ", ")
}

extension Control {
  /// The names of the controls that somebody, or the gate's policy, has decided; the others ask or tell.
  public static let decisions = ["configure", "stop", "resume", "gate", "verdict", "incident", "block"]

  public var isDecision: Bool { Self.decisions.contains(name) }
}
