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

  /// The estimates of a clock that is off by `offset` seconds at each second, with receive times as a journal
  /// gives them: never falling back.
  private func estimates(_ offsets: [Int64]) -> [Int64] {
    var skew = SkewEstimator()
    var last = EventTime.distantPast
    return offsets.enumerated().map { index, offset in
      let exchange = Int64(index) * second
      let received = time(exchange + 8_000_000 + offset * second)
      last = max(received, last == .distantPast ? received : last.advanced(by: 1))
      skew.observe(receive: last, exchange: time(exchange))
      return skew.estimate / second
    }
  }

  @Test("a clock that steps back by minutes and stays there is seen to be behind, by just that")
  func stepBack() {
    let estimates = estimates(Array(repeating: 0, count: 100) + Array(repeating: -300, count: 900))
    #expect(estimates[..<100].allSatisfy { $0 == 0 })
    // The journal's time waits for the clock; meanwhile messages come to seem ever later than they are received.
    #expect(estimates[250] < -100 && estimates[250] > -300)
    #expect(estimates[500...].allSatisfy { $0 == -299 })
  }

  @Test("a clock that steps back and is put right again leaves nothing behind after two minutes")
  func stepBackAndForth() {
    let wrong = Array(repeating: Int64(-300), count: 40)
    let estimates = estimates(Array(repeating: 0, count: 100) + wrong + Array(repeating: 0, count: 400))
    #expect(estimates[139] < -30)
    #expect(estimates[(140 + 121)...].allSatisfy { $0 == 0 })
  }

  @Test("a clock that steps ahead by minutes has no skew, then or when it is put right")
  func stepAhead() {
    let wrong = Array(repeating: Int64(300), count: 200)
    let estimates = estimates(Array(repeating: 0, count: 100) + wrong + Array(repeating: 0, count: 700))
    #expect(estimates.allSatisfy { $0 == 0 })
  }

  @Test("receive times that fall back by themselves begin a new window")
  func withoutJournal() {
    var skew = SkewEstimator()
    skew.observe(receive: time(1_000 * second), exchange: time(1_300 * second))
    #expect(skew.estimate == -300 * second)
    skew.observe(receive: time(700 * second), exchange: time(700 * second))
    #expect(skew.estimate == 0)
  }

  @Test("one message with an absurd time of the exchange's is forgotten after two minutes")
  func absurdMessage() {
    var skew = SkewEstimator()
    for index in 0..<Int64(300) {
      let exchange = index == 10 ? Int64.max / 2 : index * second
      skew.observe(receive: time(index * second + 1), exchange: time(exchange))
      if index == 10 { #expect(skew.estimate < -1_000_000 * second) }
    }
    #expect(skew.estimate == 0)
  }
}
