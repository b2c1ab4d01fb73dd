import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("tick policy")
struct TickPolicyTests {
  private static let second: Int64 = 1_000_000_000

  private func stamp(_ times: [Int64], interval: Int64 = second) -> (stamped: [Int64], ticks: [Int64]) {
    var policy = TickPolicy(interval: interval, last: .distantPast)
    var ticks: [Int64] = []
    return (times.map { policy.stamp(at($0)) { ticks.append($0.nanoseconds) }.nanoseconds }, ticks)
  }

  @Test("a clock that stands still or steps back moves on by a nanosecond")
  func ascending() {
    #expect(stamp([100, 100, 50, 101, 300]).stamped == [100, 101, 102, 103, 300])
  }

  @Test("before the first input at or beyond a multiple of the interval there is a tick at that multiple")
  func multiples() {
    let second = Self.second
    #expect(stamp([1, second - 1, second + 1, 3 * second + 5]).ticks == [second, 2 * second, 3 * second])
  }

  @Test("an input at a multiple goes a nanosecond behind the tick there, as in a feed that keeps to seconds")
  func exact() {
    let second = Self.second
    let (stamped, ticks) = stamp([1, second, second + 1, 2 * second, 3 * second])
    #expect(ticks == [second, 2 * second, 3 * second])
    #expect(stamped == [1, second + 1, second + 2, 2 * second + 1, 3 * second + 1])
  }

  @Test("ticks and inputs together are strictly ascending", arguments: 1...30)
  func property(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var policy = TickPolicy(interval: Self.second, last: .distantPast)
    var all: [Int64] = []
    var time: Int64 = 1_700_000_000 * Self.second
    for _ in 0..<300 {
      time += Int64.random(in: -Self.second...2 * Self.second, using: &random)
      let stamped = policy.stamp(at(time)) { all.append($0.nanoseconds) }
      all.append(stamped.nanoseconds)
    }
    #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("a silence of years gets its last tick only")
  func longSilence() {
    let year = 365 * 86_400 * Self.second
    #expect(stamp([1, year + 1]).ticks == [year])
  }

  @Test("any times: no trap, and nothing earlier than the last", arguments: [Int64.min, -1, 0, 1, .max])
  func extremes(time: Int64) {
    let (stamped, _) = stamp([time, .max, .min, time, 0])
    #expect(zip(stamped, stamped.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("silence lets time come to the last multiple, once")
  func idle() {
    var policy = TickPolicy(interval: Self.second, last: at(5 * Self.second + 7))
    #expect(policy.idle(at: at(5 * Self.second + 9)) == nil)
    #expect(policy.idle(at: at(8 * Self.second + 9)) == at(8 * Self.second))
    #expect(policy.idle(at: at(8 * Self.second + 10)) == nil)
  }
}
