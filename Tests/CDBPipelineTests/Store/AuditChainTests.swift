import CDBDomain
import Foundation
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

  /// The store of a run with five decisions: the configuration, and all commands but the probe.
  private func withDecisions(_ kind: StoreKind, _ body: (StoreBench) async throws -> Void) async throws {
    try await withStores(kind) { stores in
      _ = try await stores.run(MemorySource(MemorySource.market(frames: 500)), commands: Self.commands)
      try await body(stores)
    }
  }

  private func faults(_ stores: StoreBench) async throws -> [AuditFault.Kind] {
    AuditChain.faults(in: try await stores.trail()).map(\.kind)
  }

  @Test("every decision is linked, and what asks or tells is none", arguments: StoreKind.available)
  func linked(kind: StoreKind) async throws {
    try await withDecisions(kind) { stores in
      let rows = try await stores.trail()
      #expect(rows.map(\.kind) == ["configure", "gate", "verdict", "stop", "resume"])
      #expect(rows.allSatisfy { $0.hash?.count == 32 && $0.content?.count == 32 })
      #expect(Set(rows.map(\.hash)).count == rows.count)
      #expect(try await faults(stores) == [])
    }
  }

  @Test(
    "a store that is built again from the same journal has the same chain", arguments: StoreKind.available)
  func rebuilt(kind: StoreKind) async throws {
    try await withDecisions(kind) { stores in
      let before = try await stores.trail()
      try await stores.discard()
      try FileManager.default.removeItem(atPath: stores.directory + "/checkpoints")
      _ = try await stores.run(MemorySource(MemorySource.market(frames: 500)))
      #expect(Array(try await stores.trail().prefix(before.count)) == before)
    }
  }

  /// What somebody does to the store, and what is found. Without its table the chain cannot be put back: that is the last.
  private static let tamperings: [(statements: [String], found: [AuditFault.Kind])] = [
    (["UPDATE controls SET body = replace(body, 'a test', 'a text') WHERE kind = 'stop'"], [.changed]),
    (["UPDATE controls SET time_ns = time_ns + 1 WHERE kind = 'stop'"], [.broken]),
    (["UPDATE controls SET kind = 'probe' WHERE kind = 'stop'"], [.changed]),
    (["DELETE FROM controls WHERE kind = 'verdict'"], [.removed]),
    (
      ["DELETE FROM audit WHERE origin = (SELECT origin FROM controls WHERE kind = 'verdict')"],
      [.unlinked, .broken]
    ),
    (
      [
        "DELETE FROM audit WHERE origin = (SELECT origin FROM controls WHERE kind = 'verdict')",
        "DELETE FROM controls WHERE kind = 'verdict'",
      ], [.broken]
    ),
    (
      [
        "INSERT INTO controls SELECT origin + 1000000, time_ns, kind, body FROM controls WHERE kind = 'gate'"
      ],
      [.unlinked]
    ),
    (["UPDATE audit SET hash = content WHERE origin = (SELECT max(origin) FROM audit)"], [.broken]),
    (["DROP TABLE audit"], [.unlinked, .unlinked, .unlinked, .unlinked, .unlinked]),
  ]

  @Test("whatever is changed, added or taken away is found", arguments: StoreKind.available)
  func tampered(kind: StoreKind) async throws {
    try await withDecisions(kind) { stores in
      // One store for all of it: what was done is taken back before the next.
      let tables = ["controls", "audit"]
      try await stores.keep(tables)
      for (number, tampering) in Self.tamperings.enumerated() {
        if number > 0 { try await stores.takeBack(tables) }
        #expect(try await faults(stores) == [], "before \(tampering.statements)")
        try await stores.change(tampering.statements)
        #expect(try await faults(stores) == tampering.found, "\(tampering.statements)")
      }
    }
  }

  @Test(
    "who makes the chain anew, or cuts its end off, is found by the journal", arguments: StoreKind.available)
  func againstJournal(kind: StoreKind) async throws {
    try await withDecisions(kind) { stores in
      try await stores.change([
        "UPDATE controls SET body = replace(body, 'a test', 'a text') WHERE kind = 'stop'",
        "DELETE FROM controls WHERE kind = 'resume'", "DELETE FROM audit",
      ])
      try await stores.write { try AuditChain.build(in: $0) }
      #expect(try await faults(stores) == [])
      let (rows, origin) = try await stores.existing().auditTrail()
      let journal = try #require(
        try Journal.decisions(ofJournalIn: stores.directory + "/journal", through: origin))
      let range = try #require(journal.range)
      #expect(journal.damage == nil)
      let faults = AuditChain.faults(in: rows, against: journal.decisions, in: range)
      #expect(faults.map(\.kind) == [.differsFromJournal, .missing])
    }
  }

  @Test("a store of a version without a chain gets one when it is opened", arguments: StoreKind.available)
  func migrated(kind: StoreKind) async throws {
    try await withDecisions(kind) { stores in
      let before = try await stores.trail()
      let table = kind == .sqlite ? "grdb_migrations" : "store_migrations"
      try await stores.change([
        "DROP TABLE audit", "DELETE FROM \(table) WHERE identifier = '3 audit chain'",
      ])
      try await stores.store().close()
      #expect(try await stores.trail() == before)
    }
  }
}
