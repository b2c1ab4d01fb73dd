import Testing

@testable import CDBDomain

@Suite("Reason codes")
struct ReasonCodeTests {
  @Test("no two reasons share a code")
  func unique() {
    #expect(Set(ReasonCode.allCases.map(\.code)).count == ReasonCode.allCases.count)
  }

  @Test("a code is snake_case, reads back, and is explained in one sentence", arguments: ReasonCode.allCases)
  func code(reason: ReasonCode) {
    #expect(reason.code.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
    #expect(ReasonCode(code: reason.code) == reason)
    #expect(!reason.explanation.isEmpty)
    #expect(!reason.explanation.contains("\n") && !reason.explanation.hasSuffix("."))
  }

  @Test("an unknown code is no reason")
  func unknown() {
    #expect(ReasonCode(code: "because") == nil)
    #expect(ReasonCode(code: "") == nil)
  }

  @Test("every other code is unique and stable too")
  func others() {
    #expect(Set(EventKind.allCases.map(\.code)).count == EventKind.allCases.count)
    #expect(Side.allCases.map(\.code) == ["buy", "sell"])
    #expect(
      OrderStatus.allCases.map(\.code)
        == ["accepted", "partially_filled", "filled", "rejected", "cancelled", "expired"])
    #expect(OrderStatus.allCases.filter(\.isFinal) == [.filled, .rejected, .cancelled, .expired])
    #expect(
      RiskLayerName.allCases.map(\.rawValue) == [
        "kill_switch", "drawdown_daily", "drawdown_total", "spread", "slippage", "data_staleness", "exposure",
        "position_size", "order_rate", "stop_loss",
      ])
  }

  @Test("numbers are unique and below the 96 counters that a ledger has for them")
  func numbers() {
    #expect(Set(ReasonCode.allCases.map(\.rawValue)).count == ReasonCode.allCases.count)
    #expect(ReasonCode.allCases.allSatisfy { $0.rawValue < 96 })
  }
}
