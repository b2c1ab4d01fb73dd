import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("What the store has of a block")
struct BlockRowsTests {
  private static func block(_ change: BlockChange) -> Control {
    .block(BlockEvent(block: 1, at: at(5), actor: "operator:http", change: change))
  }

  private static let started = block(.started(BlockPlan(duration: 10, checkpoints: [10]), BlockFigures()))

  /// A pipeline over a simulated market, and its store.
  private func withMarket(
    _ kind: StoreKind, frames: Int = 6_000, _ body: (any StoreContents, RunOutcome) async throws -> Void
  ) async throws {
    try await withStores(kind) { stores in
      let commands: [Control] = [
        Self.started, .probe(number: 1, instrument: InstrumentID(0)),
        .answer(
          Answer(since: at(3), verdict: .trading, summary: "it trades", summaryDe: "es handelt")),
        Self.block(.learned(BlockLessons(lessons: ["patience"]))),
      ]
      let outcome = try await stores.run(
        MemorySource(MemorySource.market(frames: frames)), commands: commands)
      let store = try await stores.existing()
      defer { try? store.close() }
      try await body(store, outcome)
    }
  }

  @Test(
    "all of a store, counted by rows, is what its totals say; probes are left out",
    arguments: StoreKind.available)
  func everything(kind: StoreKind) async throws {
    try await withMarket(kind) { store, outcome in
      let rows = try await store.block(since: at(0), until: .distantFuture)
      let totals = outcome.totals
      #expect(totals.fills > 3)
      #expect(rows.signals.count == totals.signals.values.reduce(0, +))
      #expect(rows.signalsByStrategy == ["momentum": rows.signals.count])
      #expect(rows.orders.count == totals.orders && rows.approved == totals.orders)
      #expect(rows.refusals == totals.refusals && rows.results == totals.results)
      #expect(rows.acceptances.count == totals.results["accepted"])
      #expect(rows.fills.count == totals.fills && rows.opening == BlockRows.Opening())
      let fees = try rows.fills.reduce(Money.zero) { try $0 + $1.fee }
      #expect(fees == totals.fees)
      #expect(rows.fills.allSatisfy { $0.execution > 0 && $0.report > 0 })
      #expect(rows.fills.map(\.time) == rows.fills.map(\.time).sorted())
      #expect(rows.closes.count == totals.rows["market_summaries"] && rows.trades > 0 && rows.quotes > 0)
      #expect(rows.answers.map(\.verdict) == [.trading])
      #expect(rows.configuration?.profile == "demo")
      // The sink's own ledger and the rows are two counts of the same.
      #expect(rows.tallies.map(\.table).contains("order_results") && rows.tallies.count == 8)
      for tally in rows.tallies { #expect(tally.counted == tally.rows, "\(tally.table)") }
      #expect(rows.tallies.first { $0.table == "signals" }?.rows == Int64(rows.signals.count) + 1)
    }
  }

  @Test(
    "two halves have together what the whole has, and the second begins with what the first ended with",
    arguments: StoreKind.available)
  func halves(kind: StoreKind) async throws {
    // Long enough that fills lie further back than the margin.
    try await withMarket(kind, frames: 40_000) { store, _ in
      let all = try await store.block(since: at(0), until: .distantFuture)
      let first = try #require(all.fills.first?.time), last = try #require(all.fills.last?.time)
      let middle = at(first.nanoseconds + (last.nanoseconds - first.nanoseconds) / 2)
      let before = try await store.block(since: at(0), until: middle)
      let after = try await store.block(since: middle, until: .distantFuture)
      #expect(before.signals + after.signals == all.signals)
      #expect(before.orders + after.orders == all.orders)
      #expect(before.acceptances + after.acceptances == all.acceptances)
      #expect(before.refusals.merging(after.refusals, uniquingKeysWith: +) == all.refusals)
      #expect(before.closes + after.closes == all.closes)
      #expect(before.trades + after.trades == all.trades)
      #expect(after.opening.fills > 0 && after.opening.fills + after.fills.count == all.fills.count)
      #expect(after.fills == Array(all.fills.suffix(after.fills.count)))
      #expect(after.fills.allSatisfy { $0.time >= middle.advanced(by: -BlockRows.margin) })
      let earlier = all.fills.prefix(after.opening.fills)
      #expect(after.opening.fees == (try earlier.reduce(Money.zero) { try $0 + $1.fee }))
      #expect(
        after.opening.bought
          == (try earlier.filter { $0.side == .buy }.reduce(.zero) { try $0 + $1.notional }))
      for (instrument, quantity) in after.opening.positions {
        let held = earlier.filter { $0.instrument == instrument }.reduce(Int64(0)) {
          $0 + ($1.side == .buy ? $1.quantity.mantissa : -$1.quantity.mantissa)
        }
        #expect(quantity.mantissa == held)
      }
      // The answer that held when the second began was given in the first.
      #expect(after.answers.map(\.verdict) == [.trading])
    }
  }

  @Test(
    "what happened to blocks is in the store as it was said, and a decision in the chain",
    arguments: StoreKind.available)
  func decisions(kind: StoreKind) async throws {
    try await withStores(kind) { stores in
      _ = try await stores.run(
        MemorySource(MemorySource.market(frames: 500)), commands: [Self.started])
      let store = try await stores.existing()
      defer { try? store.close() }
      #expect(try await store.controls(["block"], limit: 9).map(\.control) == [Self.started])
      let trail = try await store.auditTrail().rows
      #expect(trail.map(\.kind) == ["configure", "block"] && AuditChain.faults(in: trail).isEmpty)
    }
  }
}
