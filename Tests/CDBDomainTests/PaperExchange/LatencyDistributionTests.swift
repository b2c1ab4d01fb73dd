import Testing

@testable import CDBDomain

@Suite("Latency distribution")
struct LatencyDistributionTests {
  static let usual = LatencyDistribution(
    minimum: 10_000, median: 20_000, percentile99: 100_000, maximum: 1_000_000)

  @Test(
    "its four points are its quantiles, and between them it is a straight line, rounded down",
    arguments: [
      (0, 10_000), (2_500, 15_000), (5_000, 20_000), (7_450, 60_000), (9_900, 100_000), (9_950, 550_000),
      (10_000, 1_000_000), (1, 10_002), (-1, 10_000), (20_000, 1_000_000),
    ] as [(Int64, Int64)])
  func points(basisPoints: Int64, expected: Int64) {
    #expect(Self.usual.quantile(Ratio(basisPoints: basisPoints)) == expected)
  }

  @Test(
    "whatever it is set to, it never falls and is never below a microsecond",
    arguments: 1...50 as ClosedRange<UInt64>)
  func monotone(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let latency = LatencyDistribution(
      minimum: random.anyInteger(), median: random.anyInteger(), percentile99: random.anyInteger(),
      maximum: random.anyInteger())
    var last = latency.smallest
    #expect(last >= LatencyDistribution.floor)
    for share in stride(from: -10_000, through: Ratio.one.mantissa + 10_000, by: 997_001) {
      let value = latency.quantile(Ratio(mantissa: share))
      #expect(value >= last)
      last = value
    }
    last = latency.quantile(.one)
    #expect(last == max(latency.smallest, latency.median, latency.percentile99, latency.maximum))
  }

  @Test("one event always waits the same; a large number of them are spread as it says")
  func samples() {
    let ids = (1...20_000).map { Fixture.id(.risk, $0) }
    let drawn = ids.map { Self.usual.sample($0, for: .order) }
    #expect(drawn == ids.map { Self.usual.sample($0, for: .order) })
    #expect(drawn.allSatisfy { (10_000...1_000_000).contains($0) })
    // Of 20,000: the median's standard error is 0.35 % of them, the 99th percentile's 0.07 %.
    #expect((9_600...10_400).contains(drawn.count { $0 <= 20_000 }))
    #expect((19_730...19_870).contains(drawn.count { $0 <= 100_000 }))
  }

  @Test("an order waits differently for each purpose, and another account's order of the same number too")
  func purposes() {
    let (id, other) = (Fixture.id(.risk, 1), EventID(producer: .risk, partition: 1, sequence: 1))
    let drawn = [
      Self.usual.sample(id, for: .order), Self.usual.sample(id, for: .cancel),
      Self.usual.sample(id, for: .report), Self.usual.sample(other, for: .order),
    ]
    #expect(Set(drawn).count == 4)
  }

  @Test("it is in order where no point is below the one before")
  func order() {
    #expect(Self.usual.isInOrder && LatencyDistribution(constant: 1_000).isInOrder)
    for (minimum, median, percentile99, maximum) in [
      (999, 1_000, 1_000, 1_000), (2_000, 1_000, 3_000, 4_000), (1_000, 3_000, 2_000, 4_000),
      (1_000, 2_000, 4_000, 3_000),
    ] as [(Int64, Int64, Int64, Int64)] {
      #expect(
        !LatencyDistribution(minimum: minimum, median: median, percentile99: percentile99, maximum: maximum)
          .isInOrder)
    }
  }
}
