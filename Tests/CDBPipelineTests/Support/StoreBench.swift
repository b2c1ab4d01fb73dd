import CDBDomain
import Foundation
import GRDB
import PostgresClient
import PostgresTesting
import Testing

@testable import CDBPipeline

/// The kinds of store; what holds for one holds for the other.
enum StoreKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case sqlite
  case postgres

  var testDescription: String { rawValue }

  /// Without a server installed its tests are skipped, except in CI.
  static let available: [StoreKind] = PostgresServer.isExpected ? allCases : [.sqlite]
}

/// Stores of one kind, empty at first, and a way into them past the pipeline.
struct StoreBench: Sendable {
  let kind: StoreKind
  let directory: String
  private let server: PostgresServer?
  private let database: String

  init(_ kind: StoreKind, in directory: String) async throws {
    self.kind = kind
    self.directory = directory
    server = kind == .postgres ? try await PostgresServer.shared() : nil
    database = try await server?.database() ?? ""
  }

  /// A store's place, by a name within the bench.
  func location(_ name: String = "store") throws -> StoreLocation {
    guard let server else { return .sqlite(path: "\(directory)/\(name).sqlite") }
    return .postgres(
      try PostgresSettings(server.url(database) + "?options=-csearch_path%3D\(name)"))
  }

  func store(_ name: String = "store") async throws -> any PipelineStore & StoreContents {
    try await make(name)
    return try await location(name).open()
  }

  func existing(_ name: String = "store") async throws -> any StoreContents {
    try await location(name).openExisting()
  }

  /// A schema stands for what a file is otherwise.
  func make(_ name: String = "store") async throws {
    try await server?.execute("CREATE SCHEMA IF NOT EXISTS \(name)", in: database)
  }

  /// Takes a store away.
  func discard(_ name: String = "store") async throws {
    guard let server else {
      for suffix in ["", "-wal", "-shm"] {
        let path = "\(directory)/\(name).sqlite\(suffix)"
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
      }
      return
    }
    try await server.execute("DROP SCHEMA \(name) CASCADE", in: database)
  }

  func trail(_ name: String = "store") async throws -> [AuditRow] {
    let store = try await existing(name)
    defer { try? store.close() }
    return try await store.auditTrail().rows
  }

  func audit() async throws -> StoreAudit {
    let store = try await existing()
    defer { try? store.close() }
    return try await store.audit(maximumSlippage: PaperExchangeRules().maximumSlippage)
  }

  /// Changes a store as somebody would who does not ask cdb.
  func change(_ statements: [String], in name: String = "store") async throws {
    switch try location(name) {
    case .sqlite(let path):
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try await queue.write { for statement in statements { try $0.execute(sql: statement) } }
      try queue.close()
    case .postgres(let settings):
      let session = PostgresSession(settings)
      defer { session.close() }
      try await session.run { connection in
        try connection.run([PostgresStatement("SET session_replication_role = replica")])
        for statement in statements { try connection.run([PostgresStatement(statement)]) }
      }
    }
  }

  /// Keeps what tables have, so that changes to them can be taken back.
  func keep(_ tables: [String]) async throws {
    try await change(tables.map { "CREATE TABLE kept_\($0) AS SELECT * FROM \($0)" })
  }

  /// Gives tables what they had when it was kept.
  func takeBack(_ tables: [String]) async throws {
    try await change(tables.flatMap { ["DELETE FROM \($0)", "INSERT INTO \($0) SELECT * FROM kept_\($0)"] })
  }

  /// Does something with the tables within a transaction of the store's own.
  func write(_ body: @escaping @Sendable (any StoreWriter) throws -> Void) async throws {
    switch try location() {
    case .sqlite(let path):
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try body(SQLiteSession($0)) }
      try queue.close()
    case .postgres(let settings):
      let session = PostgresSession(settings)
      defer { session.close() }
      try await session.run { try body(PostgresLook($0)) }
    }
  }

  func run(_ source: some FrameSource, commands: [Control] = []) async throws -> RunOutcome {
    try await make()
    let location = try location()
    return try await CDBPipelineTests.run(source, in: directory, commands: commands) { $0.store = location }
  }
}

/// Calls `body` with stores of a kind and a directory that is removed afterwards.
func withStores(_ kind: StoreKind, _ body: (StoreBench) async throws -> Void) async throws {
  try await withTemporaryDirectory { directory in
    try await body(try await StoreBench(kind, in: directory))
  }
}
