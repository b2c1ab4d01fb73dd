import CDBDomain
import Foundation
import GRDB
import Testing

@testable import CDBPipeline

@Suite("The chain over the decisions")
struct AuditChainTests {
  private static let commands: [Control] = [
    .gate(GateChange(state: .open, actor: "operator:http", reason: "tested")),
    .verdict(
      GateVerdict(
        check: .logs, outcome: .pass, at: EventTime(nanoseconds: 5),
        evidence: [.init("errors", "0", source: "cdb.jsonl")])),
    .probe(number: 1, instrument: InstrumentID(0)), .stop(reason: "a test", actor: "operator:http"),
    .resume(justification: "it is over", actor: "operator:http"),
  ]

  /// A data directory of a run with five decisions: the configuration, and all commands but the probe.
  private func withDecisions(_ body: (_ directory: String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      _ = try await run(
        MemorySource(MemorySource.market(frames: 500)), in: directory, commands: Self.commands)
      try await body(directory)
    }
  }

  private func trail(_ directory: String) async throws -> [AuditRow] {
    try await SQLiteStore.auditTrail(path: directory + "/store.sqlite").rows
  }

  private func faults(_ directory: String) async throws -> [AuditFault.Kind] {
    AuditChain.faults(in: try await trail(directory)).map(\.kind)
  }

  private func change(_ directory: String, _ statements: String) async throws {
    let database = try DatabaseQueue(path: directory + "/store.sqlite")
    try await database.write { try $0.execute(sql: statements) }
  }

  @Test("every decision is linked, and what asks or tells is none")
  func linked() async throws {
    try await withDecisions { directory in
      let rows = try await trail(directory)
      #expect(rows.map(\.kind) == ["configure", "gate", "verdict", "stop", "resume"])
      #expect(rows.allSatisfy { $0.hash?.count == 32 && $0.content?.count == 32 })
      #expect(Set(rows.map(\.hash)).count == rows.count)
      #expect(try await faults(directory) == [])
    }
  }

  @Test("a store that is built again from the same journal has the same chain")
  func rebuilt() async throws {
    try await withDecisions { directory in
      let before = try await trail(directory)
      for file in try FileManager.default.contentsOfDirectory(atPath: directory) where file.hasPrefix("store")
      {
        try FileManager.default.removeItem(atPath: directory + "/" + file)
      }
      try FileManager.default.removeItem(atPath: directory + "/checkpoints")
      _ = try await run(MemorySource(MemorySource.market(frames: 500)), in: directory)
      #expect(Array(try await trail(directory).prefix(before.count)) == before)
    }
  }

  @Test(
    "whatever is changed, added or taken away is found",
    arguments: [
      ("UPDATE controls SET body = replace(body, 'a test', 'a text') WHERE kind = 'stop'", [.changed]),
      ("UPDATE controls SET time_ns = time_ns + 1 WHERE kind = 'stop'", [.broken]),
      ("UPDATE controls SET kind = 'probe' WHERE kind = 'stop'", [.changed]),
      ("DELETE FROM controls WHERE kind = 'verdict'", [.removed]),
      (
        "DELETE FROM audit WHERE origin = (SELECT origin FROM controls WHERE kind = 'verdict')",
        [.unlinked, .broken]
      ),
      (
        """
        DELETE FROM audit WHERE origin = (SELECT origin FROM controls WHERE kind = 'verdict');
        DELETE FROM controls WHERE kind = 'verdict'
        """, [.broken]
      ),
      (
        """
        INSERT INTO controls SELECT origin + 1000000, time_ns, kind, body FROM controls WHERE kind = 'gate'
        """, [.unlinked]
      ),
      ("UPDATE audit SET hash = x'00' WHERE origin = (SELECT max(origin) FROM audit)", [.broken]),
      ("DROP TABLE audit", [.unlinked, .unlinked, .unlinked, .unlinked, .unlinked]),
    ] as [(String, [AuditFault.Kind])])
  func tampered(statements: String, found: [AuditFault.Kind]) async throws {
    try await withDecisions { directory in
      try await change(directory, statements)
      #expect(try await faults(directory) == found)
    }
  }

  @Test("who makes the chain anew, or cuts its end off, is found by the journal")
  func againstJournal() async throws {
    try await withDecisions { directory in
      try await change(
        directory, "UPDATE controls SET body = replace(body, 'a test', 'a text') WHERE kind = 'stop'")
      try await change(directory, "DELETE FROM controls WHERE kind = 'resume'; DELETE FROM audit")
      let database = try DatabaseQueue(path: directory + "/store.sqlite")
      try await database.write { try AuditChain.build(in: $0) }
      #expect(try await faults(directory) == [])
      let (rows, origin) = try await SQLiteStore.auditTrail(path: directory + "/store.sqlite")
      let journal = try #require(try Journal.decisions(ofJournalIn: directory + "/journal", through: origin))
      let faults = AuditChain.faults(in: rows, against: journal.decisions, in: journal.range)
      #expect(faults.map(\.kind) == [.differsFromJournal, .missing])
    }
  }

  @Test("a store of a version without a chain gets one when it is opened")
  func migrated() async throws {
    try await withDecisions { directory in
      let before = try await trail(directory)
      try await change(
        directory, "DROP TABLE audit; DELETE FROM grdb_migrations WHERE identifier = '3 audit chain'")
      _ = try SQLiteStore(path: directory + "/store.sqlite")
      #expect(try await trail(directory) == before)
    }
  }
}
