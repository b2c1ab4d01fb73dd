import CDBDomain
import Crypto
import Foundation

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

  /// A decision as it is linked.
  struct Decision: Sendable {
    var origin: UInt64
    var time: EventTime
    /// As the store has it.
    var body: String
  }

  static let newest = "SELECT hash FROM audit ORDER BY origin DESC LIMIT 1"

  /// Rows of the table `audit` for decisions that follow the newest link, in the order of the journal.
  static func rows(_ decisions: [Decision], after newest: [UInt8]?) -> [[StoreValue]] {
    var previous = newest ?? genesis
    return decisions.map { decision in
      let content = content(decision.body)
      previous = link(previous, origin: decision.origin, time: decision.time, content: content)
      return [.bits(decision.origin), .bytes(content), .bytes(previous)]
    }
  }

  /// Links decisions to the newest one, in the order of the journal; what has a link keeps it.
  static func append(_ decisions: [Decision], in writer: any StoreWriter) throws {
    let fresh = try decisions.filter { decision in
      let known: Int64? = try writer.value(
        "SELECT origin FROM audit WHERE origin = $1", [.bits(decision.origin)])
      return known == nil
    }
    guard !fresh.isEmpty else { return }
    for row in rows(fresh, after: try writer.value(newest)) {
      try writer.execute("INSERT INTO audit (origin, content, hash) VALUES ($1, $2, $3)", row)
    }
  }

  /// Links what an earlier version has written.
  static func build(in writer: any StoreWriter) throws {
    let decisions = try writer.rows(
      "SELECT origin, time_ns, body FROM controls WHERE kind IN (\(kinds)) ORDER BY origin"
    ).map { row in
      Decision(
        origin: UInt64(bitPattern: try row[0]), time: EventTime(nanoseconds: try row[1]), body: try row[2])
    }
    try append(decisions, in: writer)
  }

  static let kinds = Control.decisions.map { "'\($0)'" }.joined(separator: ", ")
}

extension Control {
  /// The names of the controls that somebody, or the gate's policy, has decided; the others ask or tell.
  public static let decisions = ["configure", "stop", "resume", "gate", "verdict", "incident", "block"]

  public var isDecision: Bool { Self.decisions.contains(name) }
}
