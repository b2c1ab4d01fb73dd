import CDBDomain
import Testing

@testable import CDBPipeline

@Suite("What is known of a stage")
struct StageMonitorTests {
  private static let second: UInt64 = 1_000_000_000

  private func worked(_ monitor: StageMonitor, at seconds: UInt64, inFlight: UInt64 = 0) {
    var tally = NodeLedger()
    tally.received = 1
    tally.acted = 1
    monitor.began(now: seconds * Self.second, backlog: 0)
    monitor.finished(
      tally, at: seconds * Self.second, wall: Int64(seconds * Self.second),
      time: EventTime(nanoseconds: Int64(seconds * Self.second)), inFlight: inFlight, cpu: 0)
  }

  private func sample(
    _ monitor: StageMonitor, _ seconds: UInt64, backlog: Int, since: UInt64? = nil, isHeldUp: Bool = false
  ) -> StageStatus {
    monitor.sampleHealth(
      now: seconds * Self.second, backlog: backlog, waitingSince: since.map { $0 * Self.second },
      isHeldUp: isHeldUp)
    return monitor.status
  }

  @Test("a stage that was held up until a moment ago does not stand still itself")
  func heldUp() {
    let monitor = StageMonitor(stage: .execution, thresholds: HealthThresholds())
    worked(monitor, at: 10)
    for second in 11..<18 { _ = sample(monitor, UInt64(second), backlog: 5, isHeldUp: true) }
    // The stage behind has taken something; this one has not had its turn yet.
    var status = sample(monitor, 18, backlog: 5)
    #expect(status.health == .stalled && status.isHeldUp)
    // It has had its time and did not use it.
    status = sample(monitor, 23, backlog: 5)
    #expect(status.health == .stalled && !status.isHeldUp)
  }

  @Test("a stage that went on is held up no longer")
  func wentOn() {
    let monitor = StageMonitor(stage: .execution, thresholds: HealthThresholds())
    worked(monitor, at: 10)
    #expect(sample(monitor, 11, backlog: 5, isHeldUp: true).isHeldUp)
    worked(monitor, at: 12)
    let status = sample(monitor, 13, backlog: 0)
    #expect(status.health == .healthy && !status.isHeldUp)
  }

  @Test("input counts as waiting from when it came, where that is known")
  func waitsSince() {
    let monitor = StageMonitor(stage: .ws, thresholds: HealthThresholds())
    worked(monitor, at: 10)
    #expect(sample(monitor, 15, backlog: 3, since: 11).health == .healthy)
    #expect(sample(monitor, 16, backlog: 3, since: 11).health == .stalled)
    let late = StageMonitor(stage: .ws, thresholds: HealthThresholds())
    worked(late, at: 10)
    _ = sample(late, 15, backlog: 3)
    #expect(sample(late, 19, backlog: 3).health == .healthy)
    #expect(sample(late, 20, backlog: 3).health == .stalled)
  }

  @Test("a backlog that was worked off while it was looked at does not wait for ever", arguments: [0, 3])
  func countedTooEarly(inFlight: UInt64) {
    let monitor = StageMonitor(stage: .risk, thresholds: HealthThresholds())
    // The look counts the backlog, the stage finishes it, and then the look is noted.
    worked(monitor, at: 10, inFlight: inFlight)
    #expect(sample(monitor, 11, backlog: 1).health == .healthy)
    // Nothing more comes.
    for second in 12..<20 {
      #expect(sample(monitor, UInt64(second), backlog: 0).health != .stalled, "after \(second - 10) s")
    }
    // What does wait is found all the same, and so is what is being worked on for ever.
    for second in 20..<25 { _ = sample(monitor, UInt64(second), backlog: 1) }
    #expect(sample(monitor, 25, backlog: 1).health == .stalled)
    worked(monitor, at: 26)
    monitor.began(now: 27 * Self.second, backlog: 0)
    #expect(sample(monitor, 31, backlog: 0).health != .stalled)
    #expect(sample(monitor, 32, backlog: 0).health == .stalled)
  }

  @Test("work that begins while it is looked at does not stand still")
  func beganDuringTheLook() {
    let monitor = StageMonitor(stage: .ws, thresholds: HealthThresholds())
    worked(monitor, at: 10)
    // The look has read the clock, the stage begins, and then the look is noted.
    monitor.began(now: 12 * Self.second, backlog: 0)
    #expect(sample(monitor, 11, backlog: 0).health == .healthy)
    #expect(sample(monitor, 13, backlog: 0).health == .healthy)
  }

  @Test("what the journal takes at once has not waited, what it takes for longer has")
  func journal() {
    let board = PipelineBoard(
      thresholds: HealthThresholds(), startedAt: EventTime(nanoseconds: Int64(Self.second)))
    #expect(board.heldByJournal(at: 100 * Self.second) == nil)
    board.journals(.init(records: 7, since: 100 * Self.second))
    #expect(board.heldByJournal(at: 100 * Self.second + 999_999_999) == nil)
    // It came after whoever looks has read the clock.
    #expect(board.heldByJournal(at: 99 * Self.second) == nil)
    #expect(board.heldByJournal(at: 101 * Self.second)?.records == 7)
    board.journals(nil)
    #expect(board.heldByJournal(at: 200 * Self.second) == nil)
  }
}
