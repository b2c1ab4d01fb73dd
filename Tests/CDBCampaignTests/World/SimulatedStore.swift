import CDBDomain
import CDBPipeline
import Synchronization

/// A store that works, is locked by somebody else, or is full; reading goes on, as in WAL mode.
final class SimulatedStore: PipelineStore {
  enum Condition: Sendable { case working, locked, full }

  struct Refusal: Error, CustomStringConvertible {
    var description: String
  }

  /// How long SQLite waits for a lock before it gives up, seconds.
  static let patience = 5.0

  let real: SQLiteStore
  private let current: @Sendable () -> Condition

  init(_ real: SQLiteStore, condition: @escaping @Sendable () -> Condition) {
    self.real = real
    current = condition
  }

  var condition: Condition { current() }

  func commit(
    _ envelopes: [Envelope], position: SinkPosition, configuration: PipelineConfiguration
  ) async throws -> CommitReceipt {
    switch condition {
    case .working: try await real.commit(envelopes, position: position, configuration: configuration)
    case .locked: throw Refusal(description: "SQLite error 5: database is locked")
    case .full: throw Refusal(description: "SQLite error 13: database or disk is full")
    }
  }

  func position() async throws -> SinkPosition { try await real.position() }
  func digest() async throws -> String { try await real.digest() }
  func totals() async throws -> StoreTotals { try await real.totals() }
  func audit(maximumSlippage: Ratio) async throws -> StoreAudit {
    try await real.audit(maximumSlippage: maximumSlippage)
  }
  func probe(_ number: UInt64?) async throws -> ProbeRecord? { try await real.probe(number) }
  func controls(_ names: [String], limit: Int) async throws -> [ControlRecord] {
    try await real.controls(names, limit: limit)
  }
  func lastActivity() async throws -> LastActivity { try await real.lastActivity() }
  func restarts() async throws -> [String: UInt64] { try await real.restarts() }
  func answers(since: EventTime, limit: Int) async throws -> [Answer] {
    try await real.answers(since: since, limit: limit)
  }
  func block(since: EventTime, until: EventTime) async throws -> BlockRows {
    try await real.block(since: since, until: until)
  }
  func latestTrades(limit: Int) async throws -> LatestTrades { try await real.latestTrades(limit: limit) }
}
