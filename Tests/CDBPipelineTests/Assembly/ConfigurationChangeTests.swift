import CDBDomain
import CDBPipeline
import Foundation
import Testing

@Suite("a configuration that changes under way", .timeLimit(.minutes(10)))
struct ConfigurationChangeTests {
  @Test("latencies that change while orders are open: the outcome does not depend on how batches were cut")
  func latencies() async throws {
    var quick = try Fixture.configuration()
    quick.momentum.cooldown = 100_000_000
    quick.momentum.sampleInterval = 50_000_000
    quick.momentum.threshold = Ratio(basisPoints: 1)
    quick.exchange.orderLatency = LatencyDistribution(constant: 400_000_000)
    quick.exchange.reportLatency = LatencyDistribution(constant: 500_000_000)
    // Small orders, and so many of them.
    quick.risk.orderNotional = Money(mantissa: 20_00000000)
    var slow = quick
    slow.exchange.reportLatency = LatencyDistribution(constant: 3_000_000_000)
    let configurations = [slow, quick]
    let records = try RecordSource.journal(
      quick, frames: try MemorySource.market(frames: 8_000), every: 150
    ) { .configure(configurations[$0 % 2]) }
    var digests: Set<String> = []
    for batch in [1, 7, 64, 1_024, 16_384] {
      try await withTemporaryDirectory { directory in
        let outcome = try await run(RecordSource(records), in: directory, batch: batch, configuration: quick)
        {
          $0.journalsConfiguration = false
        }
        #expect(outcome.totals.fills > 0)
        #expect(outcome.status.flow?.isBalanced == true)
        digests.insert(outcome.digest)
      }
    }
    #expect(digests.count == 1)
  }

  @Test("a configuration of other instruments is dropped: the partitions of a directory never change")
  func otherInstruments() async throws {
    let frames = try MemorySource.market(frames: 2_000)
    let foreign = try Fixture.configuration(["BTCUSDT", "ETHUSDT", "SOLUSDT"])
    var records = try RecordSource.journal(try Fixture.configuration(), frames: frames, every: 500) { _ in
      .configure(foreign)
    }
    let sol =
      #"{"stream":"solusdt@bookTicker","data":{"u":1,"s":"SOLUSDT","b":"10.00","B":"1","a":"11.00","A":"1"}}"#
    records.append(
      .init(kind: .frame, source: 2, time: at(1_800_000_000_000_000_000), payload: Array(sol.utf8)))
    try await withTemporaryDirectory { directory in
      let outcome = try await run(RecordSource(records), in: directory) { $0.journalsConfiguration = false }
      let ws = try #require(outcome.status.stage(.ws)?.total)
      #expect(ws.dropped[.unexpectedEvent] == 4)
      #expect(ws.dropped[.unknownSymbol] == 1)
      #expect(outcome.totals.rows["controls"] == 1)
      #expect(outcome.status.flow?.isBalanced == true)
    }
  }

  @Test("a checkpoint whose stages do not fit each other is named, and an older one or the journal does")
  func emptySnapshot() async throws {
    try await withTemporaryDirectory { directory in
      let frames = try MemorySource.market(frames: 4_000)
      let expected = try await run(MemorySource(frames), in: directory + "/whole").digest
      for stage in ["ws", "core", "risk", "execution"] {
        let path = "\(directory)/\(stage)"
        _ = try await run(MemorySource(Array(frames.prefix(2_000))), in: path)
        for folder in try FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints") {
          let file = URL(filePath: "\(path)/checkpoints/\(folder)/\(stage).json")
          var snapshot = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
          snapshot["stages"] = [Any]()
          try JSONSerialization.data(withJSONObject: snapshot).write(to: file)
        }
        let outcome = try await run(MemorySource(frames), in: path)
        #expect(outcome.digest == expected)
        #expect(outcome.status.notices.contains { $0.contains("\(stage).json") })
      }
    }
  }
}
