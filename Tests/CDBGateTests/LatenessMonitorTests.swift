import CDBGate
import Testing

@testable import CDBPipeline

@Suite("The lateness of a feed")
struct LatenessMonitorTests {
  private static let second: Int64 = 1_000_000_000

  /// What is seen of these delays, seconds, a frame and a second each.
  private func lateness(_ delays: [Double], isLive: Bool = true) -> [Double] {
    var monitor = LatenessMonitor()
    var feed = FeedStatus()
    feed.isLive = isLive
    return delays.enumerated().map { step, delay in
      feed.frames = UInt64(step) + 1
      feed.delayNanoseconds = Int64(delay * Double(Self.second))
      return monitor.observe(feed, monotonic: UInt64(step) * UInt64(Self.second))
    }
  }

  @Test(
    "a line that is too narrow brings everything later and later, and that is told until it has caught up")
  func narrow() {
    let seen = lateness([0.1, 0.2, 1, 1.9, 2.8, 3.7, 4.6, 5.5, 5.5, 0.2])
    #expect(seen.last(where: { $0 > 1 }) == 5.4)
    #expect(seen[0] == 0 && seen[9] > 0 && seen[9] < 0.2)
  }

  @Test("a delay that was there from the start is the way, or a clock, and no lateness")
  func constant() {
    #expect(lateness([60, 60.2, 60.1, 60.3]).allSatisfy { $0 < 0.5 })
  }

  @Test("a delay that grows faster than time is a clock that was set, and what comes then counts from there")
  func clock() {
    let seen = lateness([0.1, 0.1, 3_600.1, 3_600.2, 0.1, 600.1, 601, 602, 603, 604, 605.5])
    #expect(seen[2] < 0.2 && seen[3] < 0.2 && seen[5] < 0.2)
    #expect(seen[10] > 5)
  }

  @Test("without frames nothing changes, and a recording is never late")
  func nothing() {
    var monitor = LatenessMonitor()
    var feed = FeedStatus()
    #expect(monitor.observe(feed, monotonic: 0) == 0)
    feed.isLive = true
    #expect(monitor.observe(feed, monotonic: 1) == 0)
    #expect(lateness([0, 1, 2, 3, 4, 5, 6, 7], isLive: false).allSatisfy { $0 == 0 })
  }
}
