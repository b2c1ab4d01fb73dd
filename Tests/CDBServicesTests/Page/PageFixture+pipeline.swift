import CDBDomain

@testable import CDBPipeline

// What the pipeline keeps to itself, for pictures of it.

extension PipelineBoard {
  static func fixture(startedAt: EventTime) -> PipelineBoard {
    PipelineBoard(thresholds: HealthThresholds(), startedAt: startedAt)
  }

  func show(_ account: AccountStatus) { updateAccount(account) }
}

extension FlowReport {
  static func balanced(_ barrier: UInt64) -> FlowReport { FlowReport(barrier: barrier, imbalances: []) }
  static func lossy(_ barrier: UInt64) -> FlowReport {
    FlowReport(barrier: barrier, imbalances: [.node(.core, 3)])
  }
}

extension AccountStatus {
  static let fixture = {
    let money = Money(mantissa: 1_000_000_000_000)
    return AccountStatus(
      name: "paper", cash: money, equity: money, startingCash: money, fees: .zero, peakEquity: money,
      exposure: .zero,
      openOrders: 0, openOrderIDs: [], fills: 0,
      positions: [
        PositionStatus(
          symbol: "BTCUSDT", quantity: Quantity(mantissa: 1_657), scale: 5, mark: Price(mantissa: 6_040_440),
          priceScale: 2)
      ], killSwitch: nil)
  }()
}
