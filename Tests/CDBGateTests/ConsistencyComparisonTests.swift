import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// The store lags behind the account: a difference counts when it has stayed.
@Suite("The store held against the account")
struct ConsistencyComparisonTests {
  /// An account with so many fills, none of which has moved anything.
  private static func status(fills: Int) -> PipelineStatus {
    var situation = Situation()
    situation.status.account = AccountStatus(
      name: "paper", cash: .zero, equity: .zero, startingCash: .zero, fees: .zero, peakEquity: .zero,
      exposure: .zero, openOrders: 0, openOrderIDs: [], fills: fills, positions: [], killSwitch: nil)
    return situation.status
  }

  /// A store that has so many of them.
  private static func audit(fills: Int, of status: PipelineStatus) -> StoreAudit {
    var audit = StoreAudit()
    var projection = AccountProjection(account: status.account?.name ?? "")
    projection.fills = fills
    audit.accounts = [projection]
    return audit
  }

  private static func look(
    _ comparison: inout ConsistencyComparison, stored: Int, _ status: PipelineStatus,
    before: PipelineStatus? = nil, seconds: Double
  ) -> GateVerdict? {
    comparison.verdict(
      audit(fills: stored, of: status), before: (before ?? status).account, status: status, seconds: seconds,
      at: Situation.start)
  }

  @Test("what the store comes to have within two seconds is no difference, however long was looked before")
  func lag() {
    var comparison = ConsistencyComparison()
    // The account moves under each look; then it stands still, and the store is behind for a moment.
    for number in 0..<40 {
      let verdict = Self.look(
        &comparison, stored: number, Self.status(fills: number + 1), before: Self.status(fills: number),
        seconds: Double(number) * 0.08)
      #expect(verdict == nil)
    }
    let status = Self.status(fills: 40)
    #expect(Self.look(&comparison, stored: 39, status, seconds: 3.2) == nil)
    #expect(Self.look(&comparison, stored: 39, status, seconds: 4.6) == nil)
    #expect(Self.look(&comparison, stored: 40, status, seconds: 4.7)?.outcome == .pass)
  }

  @Test("one that stays for two seconds counts")
  func stays() {
    var comparison = ConsistencyComparison()
    let status = Self.status(fills: 7)
    #expect(Self.look(&comparison, stored: 6, status, seconds: 0.1) == nil)
    #expect(Self.look(&comparison, stored: 6, status, seconds: 2) == nil)
    #expect(Self.look(&comparison, stored: 6, status, seconds: 2.1)?.reason == .storeInconsistent)
  }

  @Test("another difference begins anew")
  func another() {
    var comparison = ConsistencyComparison()
    let status = Self.status(fills: 7)
    #expect(Self.look(&comparison, stored: 5, status, seconds: 0.1) == nil)
    #expect(Self.look(&comparison, stored: 6, status, seconds: 2.2) == nil)
    #expect(Self.look(&comparison, stored: 6, status, seconds: 4.2)?.reason == .storeInconsistent)
  }

  @Test("while db_writer has less than execution has told nothing counts, and in the end that is said")
  func behind() {
    var comparison = ConsistencyComparison()
    var status = Self.status(fills: 7)
    if let index = status.stages.firstIndex(where: { $0.stage == .execution }) {
      status.stages[index].total.emittedByKind[.result] = 1_000_000
    }
    for tenths in 1..<50 {
      #expect(Self.look(&comparison, stored: 6, status, seconds: Double(tenths) / 10) == nil)
    }
    let verdict = Self.look(&comparison, stored: 6, status, seconds: GateJudgement.patience)
    #expect(verdict?.outcome == .unknown && verdict?.reason == .checkUnavailable)
  }
}
