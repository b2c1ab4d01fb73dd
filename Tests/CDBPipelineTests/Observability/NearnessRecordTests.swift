import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("How near strategies have come")
struct NearnessRecordTests {
  private let btc = InstrumentID(0)
  private let eth = InstrumentID(1)

  private func signal(_ instrument: InstrumentID, _ strategy: String) -> Signal {
    Signal(
      id: EventID(producer: .core, partition: 0, sequence: 1), instrument: instrument, side: .buy,
      strategy: strategy,
      strength: .one, referencePrice: Price(mantissa: 1), features: [:])
  }

  @Test("the highest counts, the nearest comes first, and a signal begins its strategy anew")
  func record() {
    var record = NearnessRecord()
    record.note([.momentum: Ratio(basisPoints: 9_000), .emaCross: Ratio(basisPoints: 100)], of: btc)
    record.note([.momentum: Ratio(basisPoints: 3_000)], of: btc)
    record.note([.momentum: Ratio(basisPoints: 5_000)], of: eth)
    let symbols = ["BTCUSDT", "ETHUSDT"]
    let report = record.report(symbols)
    #expect(report.map(\.symbol) == ["BTCUSDT", "ETHUSDT", "BTCUSDT"])
    #expect(report.map(\.highest.mantissa) == [9_000, 5_000, 100].map { Ratio(basisPoints: $0).mantissa })
    record.forget(signal(btc, "momentum"))
    record.forget(signal(eth, "stop_loss"))
    #expect(record.report(symbols).map(\.symbol) == ["ETHUSDT", "BTCUSDT"])
    #expect(record.report(["BTCUSDT"]).map(\.strategy) == [.emaCross])
  }
}
