import CDBDomain
import CDBPipeline
import Foundation
import Testing

@Suite("orders that rest, end to end", .timeLimit(.minutes(10)))
struct RestingOrderTests {
  /// Limit orders of little patience, both strategies, latencies with a tail.
  private static func configuration() throws -> PipelineConfiguration {
    var configuration = try Fixture.configuration()
    configuration.strategies = [.momentum, .emaCross]
    configuration.momentum.threshold = Ratio(basisPoints: 1)
    configuration.momentum.cooldown = 500_000_000
    configuration.emaCross.fast = 4
    configuration.emaCross.slow = 12
    configuration.emaCross.sampleInterval = 250_000_000
    configuration.emaCross.threshold = Ratio(mantissa: 2_000)
    configuration.emaCross.cooldown = 500_000_000
    configuration.orders.style = .limit
    configuration.orders.patience = 2_000_000_000
    configuration.exchange.makerFee = Ratio(basisPoints: 2)
    // Small orders, and so many of them.
    configuration.risk.orderNotional = Money(mantissa: 20_00000000)
    configuration.risk.maximumOrderRate = 10_000
    configuration.risk.maximumSlippage = Ratio(basisPoints: 9_000)
    configuration.risk.stopLoss = Ratio(basisPoints: 9_000)
    return configuration
  }

  /// The simulated market has a frame at every whole second, which stands for the tick there; a little later it
  /// has ticks, as a market has that knows nothing of the interval.
  private static func market(frames count: Int) throws -> [MemorySource.Frame] {
    try MemorySource.market(frames: count).map {
      .init(time: $0.time.advanced(by: 7), source: $0.source, bytes: $0.bytes)
    }
  }

  @Test(
    "the outcome does not depend on how batches were cut, whatever rests, fills and is cancelled meanwhile")
  func batchSizes() async throws {
    let configuration = try Self.configuration()
    let frames = try Self.market(frames: 10_000)
    var digests: Set<String> = []
    for batch in [1, 13, 256, 4_096, 65_536] {
      try await withTemporaryDirectory { directory in
        let outcome = try await run(
          MemorySource(frames), in: directory, batch: batch, configuration: configuration)
        #expect(outcome.status.flow?.isBalanced == true)
        #expect(outcome.totals.fills > 20)
        #expect(outcome.totals.rows["cancels", default: 0] > 20)
        #expect(outcome.totals.results["cancelled", default: 0] > 20)
        #expect(outcome.status.tally.signals.keys.contains { $0.strategy == "ema_cross" })
        let cancels = outcome.status.tally.cancels[.patienceExhausted, default: 0]
        #expect(cancels == UInt64(outcome.totals.rows["cancels", default: 0]))
        digests.insert(outcome.digest)
      }
    }
    #expect(digests.count == 1)
  }

  @Test("styles and latencies that change while orders rest change nothing of that")
  func changes() async throws {
    let quick = try Self.configuration()
    var slow = quick
    slow.exchange.reportLatency = LatencyDistribution(constant: 2_000_000_000)
    slow.exchange.cancelLatency = LatencyDistribution(constant: 700_000_000)
    var market = quick
    market.orders.style = .market
    market.strategies = [.emaCross]
    market.exchange.reportLatency = LatencyDistribution(constant: 1_000)
    let configurations = [slow, market, quick]
    let inputs = try RecordSource.journal(
      quick, frames: try Self.market(frames: 8_000), every: 170
    ) { .configure(configurations[$0 % 3]) }
    var records: [RecordSource.Record] = []
    for (index, record) in inputs.enumerated() {
      records.append(record)
      guard index % 40 == 39, index + 1 < inputs.count else { continue }
      let tick = record.time.advanced(by: 1)
      if tick < inputs[index + 1].time { records.append(.init(kind: .tick, time: tick)) }
    }
    var digests: Set<String> = []
    for batch in [1, 7, 64, 1_024, 16_384] {
      try await withTemporaryDirectory { directory in
        let outcome = try await run(RecordSource(records), in: directory, batch: batch, configuration: quick)
        {
          $0.journalsConfiguration = false
        }
        #expect(outcome.totals.fills > 0 && outcome.totals.rows["cancels", default: 0] > 0)
        #expect(outcome.status.flow?.isBalanced == true)
        digests.insert(outcome.digest)
      }
    }
    #expect(digests.count == 1)
  }

  /// What the market of the next test gives without any stop: the same for all of its seeds.
  private static let whole = Task {
    try await withTemporaryDirectory { directory in
      try await run(
        MemorySource(try market(frames: 8_000)), in: directory, configuration: try configuration()
      ).digest
    }
  }

  @Test(
    "stopped where orders rest and opened again, it ends as if it had not been",
    arguments: 1...(Soak.isOn ? 6 : 4))
  func resumed(seed: Int) async throws {
    let configuration = try Self.configuration()
    let frames = try Self.market(frames: 8_000)
    var random = SeededGenerator(seed: UInt64(seed))
    try await withTemporaryDirectory { directory in
      var ends = (0..<4).map { _ in Int.random(in: 1..<8_000, using: &random) }.sorted()
      ends.append(8_000)
      var digest = ""
      for end in ends {
        digest = try await run(
          MemorySource(Array(frames.prefix(end))), in: directory + "/parts",
          batch: Int.random(in: 1...500, using: &random), configuration: configuration, barrierRecords: 500
        ).digest
      }
      #expect(try await digest == Self.whole.value)
    }
  }

  @Test("a stop takes back what rests, and each order ends with the kill switch as its reason")
  func stop() async throws {
    var configuration = try Self.configuration()
    configuration.orders.patience = 3_600_000_000_000
    // A market that only rises leaves every bid behind.
    var frames: [MemorySource.Frame] = []
    for step in 0..<4_000 as Range<Int64> {
      let bid = "\(50_000 + step).00"
      let text =
        #"{"stream":"btcusdt@bookTicker","data":{"u":\#(step + 1),"s":"BTCUSDT","b":"\#(bid)","B":"1.0","a":"\#(50_001 + step).00","A":"1.0"}}"#
      frames.append(
        .init(
          time: at(1_700_000_000_000_000_000 + step * 10_000_000), source: 0, bytes: Array(text.utf8)))
    }
    var records = try RecordSource.journal(configuration, frames: frames)
    let stopped = try #require(records.last).time.advanced(by: 1)
    records.append(.init(kind: .control, time: stopped, payload: try Control.stop(reason: "a test").json()))
    records.append(.init(kind: .tick, time: stopped.advanced(by: 2_000_000_000)))
    try await withTemporaryDirectory { directory in
      let outcome = try await run(RecordSource(records), in: directory, configuration: configuration) {
        $0.journalsConfiguration = false
      }
      #expect(outcome.totals.rows["orders"] == 1)
      #expect(outcome.totals.results == ["accepted": 1, "cancelled": 1])
      #expect(outcome.status.tally.cancels == [.killSwitch: 1])
      #expect(outcome.status.account?.openOrders == 0)
    }
  }
}
