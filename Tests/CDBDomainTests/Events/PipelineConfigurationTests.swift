import Testing

@testable import CDBDomain

@Suite("Configuration as a journal holds it")
struct PipelineConfigurationTests {
  /// As a version before strategies, order styles and latency distributions wrote it.
  static let earlier = #"""
    {"profile":"default","instruments":{"instruments":[{"symbol":"BTCUSDT","base":"BTC","quote":"USDT",
    "priceScale":2,"quantityScale":8,"tickSize":1,"lotSize":1000,"minimumNotional":500000000}]},
    "feed":{"maximumPriceChange":20000000,"maximumFrameBytes":4194304},
    "momentum":{"window":30000000000,"sampleInterval":250000000,"threshold":50000,"cooldown":30000000000},
    "account":{"name":"paper","startingCash":1000000000000},
    "risk":{"orderNotional":100000000000,"maximumExposure":40000000,"maximumPosition":25000000},
    "exchange":{"orderLatency":30000000,"orderLatencyJitter":20000000,"reportLatency":25000000,
    "takerFee":100000,"makerFee":80000,"maximumSlippage":200000},"summaryInterval":60000000000}
    """#

  @Test("one of an earlier version is read, and means what it meant: an even jitter, market orders, momentum")
  func earlierVersion() throws {
    let configuration = try JSONSnapshot.decode(PipelineConfiguration.self, Self.earlier)
    #expect(configuration.strategies == [.momentum])
    #expect(configuration.emaCross == EMACrossParameters())
    #expect(configuration.orders == OrderRules() && configuration.orders.style == .market)
    let order = configuration.exchange.orderLatency
    #expect(order.quantile(.zero) == 30_000_000 && order.quantile(.one) == 50_000_000)
    for percent in [10, 25, 50, 75, 99] as [Int64] {
      #expect(order.quantile(Ratio(basisPoints: percent * 100)) == 30_000_000 + 200_000 * percent)
    }
    #expect(configuration.exchange.cancelLatency == order)
    #expect(configuration.exchange.reportLatency == LatencyDistribution(constant: 25_000_000))
    #expect(configuration.exchange.makerFee == Ratio(mantissa: 80_000))
  }

  @Test("a control that an earlier version journaled is read")
  func control() throws {
    let text = #"{"configure":{"_0":\#(Self.earlier)}}"#
    guard case .configure(let configuration) = try JSONSnapshot.decode(Control.self, text) else {
      Issue.record("no configuration")
      return
    }
    #expect(configuration.profile == "default")
  }

  @Test("what it has to say now survives too")
  func current() throws {
    var configuration = try Fixture.configuration()
    configuration.strategies = [.emaCross, .momentum]
    configuration.emaCross.fast = 7
    configuration.orders.style = .limit
    configuration.exchange.orderLatency = LatencyDistributionTests.usual
    #expect(try Fixture.restored(configuration) == configuration)
  }

  @Test(
    "a strategy or a style that nobody knows is refused, and so is a latency that is none",
    arguments: [
      (#""summaryInterval""#, #""strategies":["luck"],"summaryInterval""#),
      (#""summaryInterval""#, #""orders":{"style":"iceberg","patience":1},"summaryInterval""#),
      (#""reportLatency":25000000"#, #""reportLatency":"soon""#),
      (#""orderLatency":30000000"#, #""orderLatency":{"minimum":1}"#),
    ])
  func unknown(from: String, to: String) {
    let text = Self.earlier.replacing(from, with: to)
    #expect(text != Self.earlier)
    #expect(throws: DecodingError.self) { try JSONSnapshot.decode(PipelineConfiguration.self, text) }
  }
}
