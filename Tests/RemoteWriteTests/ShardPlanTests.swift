import OpenMetrics
import ProgramFixture
import Testing

@testable import RemoteWrite

@Suite("How many shards there are")
struct ShardPlanTests {
  private static func plan(_ fewest: Int = 1, _ most: Int = 16) -> ShardPlan {
    var settings = QueueSettings()
    settings.fewestShards = fewest
    settings.mostShards = most
    return ShardPlan(settings)
  }

  /// A receiver that takes so long for a batch of 10,000, whatever else is under way, seen for some seconds.
  ///
  /// - Parameter rate: samples a second that come in.
  /// - Returns: the shards after each second, and how many samples wait then.
  private static func run(
    _ plan: inout ShardPlan, rate: Double, latency: Double, seconds: Int, waiting: Double = 0
  ) -> (shards: [Int], waiting: Double) {
    var waiting = waiting
    var shards: [Int] = []
    for _ in 0..<seconds {
      waiting += rate
      let sent = min(waiting, Double(plan.shards) * 10_000 / latency)
      waiting -= sent
      shards.append(
        plan.see(
          ShardPlan.Sighting(
            enqueued: UInt64(rate), accepted: UInt64(sent), busy: sent / 10_000 * latency,
            waiting: UInt64(waiting), age: rate > 0 ? waiting / rate : 0),
          seconds: 1))
    }
    return (shards, waiting)
  }

  @Test("a receiver with a latency of 200 ms is kept up with: 100,000 samples a second by three shards")
  func latency() {
    var plan = Self.plan()
    let (shards, waiting) = Self.run(&plan, rate: 100_000, latency: 0.2, seconds: 60)
    #expect(shards.prefix(3).allSatisfy { $0 >= 2 }, "\(shards)")
    #expect(shards.allSatisfy { $0 <= 4 } && shards.last == 3 && waiting == 0, "\(shards)")
  }

  @Test("a receiver that is fast has one shard", arguments: [0.001, 0.01, 0.05])
  func fast(latency: Double) {
    var plan = Self.plan()
    #expect(Self.run(&plan, rate: 100_000, latency: latency, seconds: 100).shards.allSatisfy { $0 == 1 })
    #expect(plan.desired < 1)
  }

  @Test("what is late is sent by more, and when that is done they go, one look after another")
  func backlog() {
    var plan = Self.plan()
    // An outage of ten minutes.
    let caughtUp = Self.run(&plan, rate: 20_000, latency: 0.1, seconds: 20, waiting: 12_000_000)
    #expect(caughtUp.shards.prefix(3) == [2, 4, 8], "\(caughtUp.shards)")
    #expect(caughtUp.waiting == 0)
    let after = Self.run(&plan, rate: 20_000, latency: 0.1, seconds: 80).shards
    #expect(after[10] == caughtUp.shards.last && after.last == 1, "\(after)")
  }

  @Test("the bounds hold, and what there would be without them is told")
  func bounds() {
    var plan = Self.plan(2, 5)
    #expect(plan.shards == 2 && plan.isAdaptive)
    #expect(Self.run(&plan, rate: 100_000, latency: 2, seconds: 30).shards.last == 5)
    #expect(plan.desired > 20)
    #expect(Self.run(&plan, rate: 0, latency: 2, seconds: 600).shards.last == 2)
    #expect(!Self.plan(3, 3).isAdaptive)
  }

  @Test(
    "a receiver that takes nothing, or asks to be spared, gets no more at a time", arguments: [true, false])
  func held(isAway: Bool) {
    var plan = Self.plan()
    _ = Self.run(&plan, rate: 50_000, latency: 0.1, seconds: 20)
    let before = plan.shards
    for second in 1...300 {
      let shards = plan.see(
        ShardPlan.Sighting(
          enqueued: 50_000, accepted: isAway ? 0 : 10_000, busy: isAway ? 0 : 5,
          waiting: UInt64(50_000 * second), age: Double(second), isHeldBack: !isAway),
        seconds: 1)
      #expect(shards <= before)
    }
    #expect(plan.desired > Double(before), "it would have been worth it")
  }

  @Test("a number that is just enough does not come and go")
  func hysteresis() {
    var plan = Self.plan()
    _ = Self.run(&plan, rate: 100_000, latency: 0.2, seconds: 60)
    var random = SeededGenerator(seed: 3)
    var shards: [Int] = []
    for _ in 0..<600 {
      let rate = Double.random(in: 94_000...110_000, using: &random)
      shards += Self.run(&plan, rate: rate, latency: 0.2, seconds: 1).shards
    }
    #expect(Set(shards) == [3], "\(Set(shards))")
  }

  @Test("odd sightings are no fault", arguments: UInt64(1)...20)
  func odd(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var plan = Self.plan(1, Int.random(in: 1...16, using: &random))
    for _ in 0..<200 {
      let shards = plan.see(
        ShardPlan.Sighting(
          enqueued: Bool.random(using: &random) ? 0 : random.next(),
          accepted: Bool.random(using: &random) ? 0 : random.next(),
          busy: Double.random(in: 0...1e12, using: &random), waiting: random.next(),
          age: Double.random(in: 0...1e9, using: &random), isHeldBack: Bool.random(using: &random)),
        seconds: Double.random(in: 0.000_001...1e7, using: &random))
      #expect((plan.minimum...plan.maximum).contains(shards) && plan.desired >= 0)
    }
  }
}
