import CDBDomain
import Foundation
import GRDB
import Testing

@testable import CDBPipeline

@Suite("The store held against itself")
struct StoreAuditTests {
  /// A store that a run over a simulated market left, with orders that were filled.
  private func withHistory(_ kind: StoreKind, _ body: (StoreBench) async throws -> Void) async throws {
    try await withStores(kind) { stores in
      let outcome = try await stores.run(MemorySource(MemorySource.market(frames: 20_000)))
      try #require(outcome.totals.fills > 3)
      try await body(stores)
    }
  }

  @Test(
    "what a run left agrees with itself, and its fills make the account's figures",
    arguments: StoreKind.available)
  func sound(kind: StoreKind) async throws {
    try await withHistory(kind) { stores in
      let audit = try await stores.audit()
      #expect(audit.findings.isEmpty, "\(audit.findings)")
      let totals = try await stores.existing().totals()
      let account = try #require(audit.account("paper"))
      #expect(account.fills == totals.fills)
      #expect(account.fees == totals.fees)
      #expect(account.bought == totals.bought)
      #expect(account.sold == totals.sold)
    }
  }

  /// A rule, and what breaks it.
  private static let breaches: [(rule: String, change: String)] = [
    ("a signal without a decision", "DELETE FROM decisions WHERE approved = 0"),
    ("an order without an approval", "UPDATE decisions SET approved = 0 WHERE approved <> 0"),
    ("an approval without an order", "DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)"),
    ("a result without an order", "DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)"),
    ("a fill without its result", "UPDATE order_results SET status = 'cancelled' WHERE status = 'filled'"),
    ("a result that says filled without its fill", "DELETE FROM fills"),
    (
      "an order with two final results",
      "UPDATE order_results SET status = 'cancelled' WHERE status = 'accepted'"
    ),
    ("an order filled beyond its quantity", "UPDATE fills SET quantity = quantity * 3"),
    ("an order that counts as filled and is not whole", "UPDATE fills SET quantity = quantity - 1"),
    ("fills of an order that are not numbered through", "UPDATE fills SET number = number + 1"),
    ("a fill outside the market at its instant", "UPDATE fills SET price = 5000000 * 100"),
  ]

  @Test("case 4: whatever is changed in it is found by id", arguments: StoreKind.available)
  func broken(kind: StoreKind) async throws {
    try await withHistory(kind) { stores in
      // One history for all changes: each is taken back before the next one.
      let tables = ["decisions", "orders", "order_results", "fills"]
      try await stores.keep(tables)
      for (rule, change) in Self.breaches {
        try await stores.change([change])
        let findings = try await stores.audit().findings
        let finding = try #require(findings.first { $0.rule == rule }, "\(rule): \(findings)")
        #expect(!finding.ids.isEmpty && finding.ids.count <= 5, "\(finding)")
        #expect(finding.ids.allSatisfy { EventID($0) != nil }, "\(finding)")
        try await stores.takeBack(tables)
        let left = try await stores.audit().findings
        #expect(left.isEmpty, "behind \(rule): \(left)")
      }
    }
  }

  @Test("a file with damaged pages is a finding, not a check that could not be carried out")
  func damaged() async throws {
    try await withHistory(.sqlite) { stores in
      let path = stores.directory + "/store.sqlite"
      let store = try SQLiteStore(path: path)
      let database = try DatabaseQueue(path: path)
      _ = try await database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try database.close()
      let file = try #require(FileHandle(forUpdatingAtPath: path))
      for page in 1..<(try file.seekToEnd() / 4_096) {
        try file.seek(toOffset: page * 4_096)
        try file.write(contentsOf: Data(repeating: 0xee, count: 64))
      }
      try file.close()
      let audit = try await store.audit(maximumSlippage: PaperExchangeRules().maximumSlippage)
      let finding = try #require(audit.findings.first)
      #expect(finding.rule == "the file is damaged")
      #expect(finding.ids.first?.contains("malformed") == true, "\(finding.ids)")
    }
  }

  @Test("a store whose file was taken away takes no row, and takes them again when it is back")
  func removed() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/store.sqlite"
      let store = try SQLiteStore(path: path)
      let configuration = try Fixture.configuration()
      func commit(_ sequence: UInt64) async throws {
        _ = try await store.commit(
          [], position: SinkPosition(sequence: sequence), configuration: configuration)
      }
      try await commit(1)
      try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
      await #expect(throws: StoreRemoved.self) { try await commit(2) }
      try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
      try await commit(2)
      #expect(try await store.position().sequence == 2)
    }
  }

  @Test(
    "a probe is read back by its number, and it is the newest where none is given",
    arguments: StoreKind.available)
  func probes(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let frames = try MemorySource.market(frames: 6_000)
      let before = try await stores.run(MemorySource(Array(frames.prefix(2_000))))
      let outcome = try await stores.run(
        MemorySource(frames),
        commands: (1...2).map { .probe(number: $0, instrument: InstrumentID(0)) })
      let orders = outcome.totals.orders - before.totals.orders
      #expect(outcome.status.tally.orders.values.reduce(0, +) == UInt64(orders))
      let store = try await stores.existing()
      let first = try #require(try await store.probe(1))
      #expect(first.number == 1)
      #expect(first.isFinal)
      #expect(try await store.probe(nil)?.number == 2)
      #expect(try await store.probe(3) == nil)
      let controls = try await store.controls(["probe"], limit: 10)
      #expect(controls.map(\.control).first == .probe(number: 2, instrument: InstrumentID(0)))
    }
  }

  @Test(
    "answers are read back in their order, from the one that held at the instant asked for",
    arguments: StoreKind.available)
  func answers(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let frames = try MemorySource.market(frames: 500)
      let answers: [Answer] = (0..<4).map { (number: Int) -> Answer in
        let isTrading = number.isMultiple(of: 2)
        return Answer(
          since: EventTime(nanoseconds: 1_000 * Int64(number)), verdict: isTrading ? .trading : .quiet,
          reason: isTrading ? nil : "no_signal", summary: "\(number)", summaryDe: "\(number)",
          evidence: [Evidence("fills", "\(number)", ageSeconds: 1)])
      }
      _ = try await stores.run(MemorySource(frames), commands: answers.map(Control.answer))
      let store = try await stores.existing()
      #expect(try await store.answers(since: .distantPast, limit: 10) == answers)
      #expect(
        try await store.answers(since: EventTime(nanoseconds: 1_500), limit: 10) == Array(answers.dropFirst())
      )
      #expect(try await store.answers(since: .distantFuture, limit: 10) == Array(answers.suffix(1)))
      #expect(try await store.answers(since: .distantPast, limit: 2) == Array(answers.suffix(2)))
    }
  }
}
