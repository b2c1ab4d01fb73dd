import CDBDomain
import Foundation
import PostgresClient
import PostgresTesting
import Testing

@testable import CDBPipeline

@Suite("Two stores held against each other")
struct StoreComparisonTests {
  /// A decision that holds nothing up.
  private static let decision = Control.block(
    BlockEvent(
      block: 1, at: at(5), actor: "operator:http",
      change: .started(BlockPlan(duration: 10, checkpoints: [10]), BlockFigures())))

  /// Runs the same market into a store of each kind of a pair, and compares.
  private func withPair(
    _ kinds: (StoreKind, StoreKind), _ body: (StoreBench, StoreBench) async throws -> Void
  ) async throws {
    try await withStores(kinds.0) { first in
      try await withStores(kinds.1) { second in
        for stores in [first, second] {
          let outcome = try await stores.run(
            MemorySource(MemorySource.market(frames: 12_000)),
            commands: [Self.decision, .probe(number: 1, instrument: InstrumentID(0))])
          try #require(outcome.totals.rows["market_summaries"] ?? 0 > 1)
        }
        try await body(first, second)
      }
    }
  }

  private func compare(_ first: StoreBench, _ second: StoreBench, limit: Int = 20) async throws
    -> StoreComparison
  {
    let (one, other) = (try await first.existing(), try await second.existing())
    defer {
      try? one.close()
      try? other.close()
    }
    return try await StoreComparison(one, other, limit: limit)
  }

  @Test(
    "the same market gives the same digest in either kind, and every answer to every question is the same",
    arguments: StoreKind.available)
  func same(kind: StoreKind) async throws {
    try await withPair((.sqlite, kind)) { first, second in
      let comparison = try await compare(first, second)
      #expect(comparison.isSame && comparison.first.digest == comparison.second.digest)
      #expect(comparison.tables.allSatisfy { $0.firstRows == $0.secondRows && $0.isSame })
      #expect(comparison.tables.first { $0.name == "audit" }?.firstRows ?? 0 > 1)
      let (one, other) = (try await first.existing(), try await second.existing())
      #expect(try await one.totals() == (try await other.totals()))
      let slippage = PaperExchangeRules().maximumSlippage
      #expect(
        try await one.audit(maximumSlippage: slippage) == (try await other.audit(maximumSlippage: slippage)))
      #expect(try await one.probe(nil) == (try await other.probe(nil)))
      #expect(try await one.probe(1) == (try await other.probe(1)))
      #expect(
        try await one.controls(["block", "configure"], limit: 9)
          == (try await other.controls(["block", "configure"], limit: 9)))
      #expect(try await one.lastActivity() == (try await other.lastActivity()))
      #expect(try await one.restarts() == (try await other.restarts()))
      #expect(
        try await one.answers(since: .distantPast, limit: 9)
          == (try await other.answers(since: .distantPast, limit: 9)))
      #expect(try await one.latestTrades(limit: 9) == (try await other.latestTrades(limit: 9)))
      #expect(try await one.auditTrail().rows == (try await other.auditTrail().rows))
      #expect(try await one.position() == (try await other.position()))
      let middle = try #require(try await one.lastActivity().order)
      for since in [EventTime(nanoseconds: 0), middle] {
        let (mine, its) = (
          try await one.block(since: since, until: .distantFuture),
          try await other.block(since: since, until: .distantFuture)
        )
        #expect(mine.fills == its.fills && mine.opening == its.opening && mine.closes == its.closes)
        #expect(mine.tallies == its.tallies && mine.results == its.results && mine.refusals == its.refusals)
        #expect(mine.signals == its.signals && mine.orders == its.orders && mine.gate == its.gate)
        #expect(mine.configuration == its.configuration && mine.trades == its.trades)
      }
    }
  }

  @Test(
    "rows that are missing on either side, and rows that differ, are named with their ids and columns",
    arguments: StoreKind.available)
  func different(kind: StoreKind) async throws {
    try await withPair((.sqlite, kind)) { first, second in
      try await second.change([
        "DELETE FROM fills WHERE result_id = (SELECT max(result_id) FROM fills)",
        "UPDATE signals SET side = 'sideways', strength = strength + 1 WHERE id = (SELECT min(id) FROM signals)",
        "DELETE FROM market_summaries WHERE start_ns = (SELECT min(start_ns) FROM market_summaries)",
      ])
      try await first.change(["DELETE FROM controls WHERE kind = 'block'"])
      let comparison = try await compare(first, second)
      #expect(!comparison.isSame && comparison.first.digest != comparison.second.digest)
      func table(_ name: String) throws -> StoreComparison.Table {
        try #require(comparison.tables.first { $0.name == name })
      }
      let fills = try table("fills")
      #expect(fills.missingInSecond == 1 && fills.firstRows == fills.secondRows + 1)
      let missing = try #require(fills.differences.first)
      #expect(EventID(missing.id) != nil && missing.kind == .missingInSecond)
      let signals = try table("signals")
      #expect(signals.differing == 1 && signals.differences.map(\.columns) == [["side", "strength"]])
      #expect(try table("controls").missingInFirst == 1)
      #expect(try table("market_summaries").missingInSecond >= 1)
      #expect(try table("orders").isSame && table("audit").isSame)
      let none = try await compare(first, second, limit: 0)
      #expect(!none.isSame && none.tables.allSatisfy(\.differences.isEmpty))
    }
  }

  @Test("tables of more rows than a page are compared to their end", arguments: StoreKind.available)
  func pages(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      let configuration = try Fixture.configuration()
      let alerts = (UInt64(1)...2_500).map { number in
        Envelope(
          time: at(1), origin: number,
          event: .alert(
            Alert(
              id: EventID(producer: .risk, partition: 0, sequence: number), level: .warning, reason: .none,
              message: "\(number)\0", context: [:])))
      }
      for name in ["a", "b"] {
        let store = try await stores.store(name)
        let receipt = try await store.commit(
          name == "a" ? alerts : Array(alerts.dropLast()), position: SinkPosition(sequence: 2_500),
          configuration: configuration)
        #expect(receipt.newEvents == (name == "a" ? 2_500 : 2_499))
        try store.close()
      }
      let (one, other) = (try await stores.existing("a"), try await stores.existing("b"))
      let comparison = try await StoreComparison(one, other)
      let table = try #require(comparison.tables.first { $0.name == "alerts" })
      #expect(table.firstRows == 2_500 && table.missingInSecond == 1 && table.differing == 0)
      #expect(table.differences.map(\.id) == ["risk-0-2500"])
    }
  }
}
