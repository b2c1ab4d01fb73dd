import Testing

@testable import CDBDomain

/// Every stateful type, stopped at a random point, stored, and restored. Strategy, summaries, risk and exchange
/// have theirs beside their other tests.
@Suite("Snapshots")
struct SnapshotTests {
  @Test("a market view continues the same", arguments: 1...10 as ClosedRange<UInt64>)
  func marketView(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let split = random.integer(1...200)
    var whole = MarketView()
    var restored = whole
    for number in 1...200 as ClosedRange<Int64> {
      if number == split { restored = try Fixture.restored(restored) }
      let update = OrderBookTests.randomUpdate(number, &random)
      whole.apply(update)
      restored.apply(update)
      for side in Side.allCases {
        #expect(Array(whole.liquidity(against: side)) == Array(restored.liquidity(against: side)))
      }
    }
    #expect(whole == restored)
  }

  @Test("every event survives its encoding, the extremes included", arguments: ContractSamples.all)
  func events(sample: ContractSamples.Sample) throws {
    #expect(try Fixture.restored(sample.envelope) == sample.envelope)
  }

  @Test("the configuration survives its encoding")
  func configuration() throws {
    let configuration = try Fixture.configuration()
    #expect(try Fixture.restored(configuration) == configuration)
  }
}
