import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("what came in lately")
struct RecentIntakeTests {
  private static let second: UInt64 = 1_000_000_000

  private func ledger(_ received: UInt64, malformed: UInt64) -> NodeLedger {
    var ledger = NodeLedger()
    ledger.received = received
    ledger.dropped[.malformedFrame] = malformed
    return ledger
  }

  @Test("nothing is told before there was a look, and after it what came since")
  func beginning() throws {
    var window = RecentIntake.Window()
    #expect(window.recent(ledger(500, malformed: 40)) == nil)
    window.note(ledger(500, malformed: 40), at: 7 * Self.second)
    let recent = try #require(window.recent(ledger(520, malformed: 43)))
    #expect(recent.received == 20 && recent.dropped[.malformedFrame] == 3 && recent.seconds == 0)
  }

  @Test("what came more than a minute ago does not count")
  func minute() throws {
    var window = RecentIntake.Window()
    for second in 0...90 as ClosedRange<UInt64> {
      window.note(ledger(second * 10, malformed: min(second, 20)), at: second * Self.second)
    }
    let recent = try #require(window.recent(ledger(900, malformed: 20)))
    #expect(recent.received == 600 && recent.dropped.total == 0 && recent.seconds == 60)
  }

  @Test("a stage tells of it, and what an earlier process has counted is none of it")
  func restored() throws {
    let monitor = StageMonitor(stage: .ws, thresholds: HealthThresholds())
    monitor.sampleHealth(now: Self.second, backlog: 0)
    monitor.restore(ledger(10_000, malformed: 900))
    #expect(monitor.status.lately == nil)
    monitor.sampleHealth(now: 2 * Self.second, backlog: 0)
    monitor.finished(
      ledger(30, malformed: 12), at: 3 * Self.second, wall: 3, time: EventTime(nanoseconds: 3), inFlight: 0,
      cpu: 0)
    let lately = try #require(monitor.status.lately)
    #expect(lately.received == 30 && lately.dropped[.malformedFrame] == 12)
  }
}
