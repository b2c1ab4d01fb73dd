import Testing

@testable import CDBDomain

@Suite("The estimate of the clocks' skew")
struct SkewEstimatorTests {
  private let second: Int64 = 1_000_000_000
  private func time(_ nanoseconds: Int64) -> EventTime { EventTime(nanoseconds: nanoseconds) }

  @Test("a clock that is not behind has no skew, and its latencies stay as they are")
  func ahead() {
    var skew = SkewEstimator()
    skew.observe(receive: time(100), exchange: time(70))
    #expect(skew.estimate == 0)
    #expect(skew.correctedLatency(receive: time(100), exchange: time(70)) == 30)
  }

  @Test("with a clock that is behind, the fastest message of the window took no time")
  func behind() {
    var skew = SkewEstimator()
    skew.observe(receive: time(0), exchange: time(1_200))
    skew.observe(receive: time(10), exchange: time(1_280))
    #expect(skew.estimate == -1_270)
    #expect(skew.correctedLatency(receive: time(10), exchange: time(1_280)) == 0)
    #expect(skew.correctedLatency(receive: time(0), exchange: time(1_200)) == 70)
  }

  @Test("what is older than two minutes is forgotten, what is younger than one is not")
  func window() {
    var skew = SkewEstimator()
    skew.observe(receive: time(0), exchange: time(500))
    skew.observe(receive: time(59 * second), exchange: time(59 * second + 100))
    #expect(skew.estimate == -500)
    skew.observe(receive: time(61 * second), exchange: time(61 * second + 50))
    #expect(skew.estimate == -500)
    skew.observe(receive: time(122 * second), exchange: time(122 * second + 40))
    #expect(skew.estimate == -50)
    skew.observe(receive: time(1_000 * second), exchange: time(1_000 * second))
    #expect(skew.estimate == 0)
  }

  @Test("no corrected latency is negative, whatever the times")
  func neverNegative() {
    var random = RandomSource(seed: 3)
    var skew = SkewEstimator()
    var smallest = Int64.max
    for _ in 0..<10_000 {
      let receive = time(Int64(bitPattern: random.next()))
      let exchange = time(Int64(bitPattern: random.next()))
      smallest = min(smallest, skew.correctedLatency(receive: receive, exchange: exchange))
      skew.observe(receive: receive, exchange: exchange)
      smallest = min(smallest, skew.correctedLatency(receive: receive, exchange: exchange))
    }
    #expect(smallest == 0)
  }
}
