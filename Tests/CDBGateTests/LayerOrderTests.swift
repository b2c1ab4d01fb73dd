import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

/// Where several things are broken at once, the first layer in their order is the answer.
@Suite("the first broken layer")
struct LayerOrderTests {
  /// A market that has been silent for a minute.
  private static func silent() -> Situation {
    var situation = Situation()
    situation.now = situation.now.advanced(by: 60_000_000_000)
    return situation
  }

  private static func finding(_ situation: Situation) -> String {
    let answer = situation.diagnose()
    return "\(answer.layer?.rawValue ?? "-") \(answer.reason ?? "-")"
  }

  @Test("a silent feed is named before a store that takes no rows")
  func failureBehind() {
    var situation = Self.silent()
    situation.stage(.dbWriter) { $0.failure = "the disk is full" }
    #expect(Self.finding(situation) == "market_data silent_feed")
  }

  @Test("a pipeline that has ended is named by the stage that ended it, not by the silence that follows")
  func ended() {
    var situation = Self.silent()
    situation.stage(.core) { $0.failure = "events were lost" }
    situation.status.failure = "events were lost"
    #expect(Self.finding(situation) == "signal stage_failed")
  }

  @Test("frames that wait in front of a stage that stands still are no silent feed, nor frozen prices")
  func waitingFrames() {
    var situation = Self.silent()
    situation.stage(.ws) {
      $0.health = .stalled
      $0.backlog = 12
    }
    #expect(Self.finding(situation) == "market_data stalled")
  }

  @Test("what waits for the stage behind it is not what stands still")
  func heldUp() {
    var situation = Situation()
    for stage in [StageName.ws, .core] {
      situation.stage(stage) {
        $0.health = .stalled
        $0.isHeldUp = true
        $0.backlog = 4_096
      }
    }
    situation.stage(.risk) { $0.health = .stalled }
    #expect(Self.finding(situation) == "risk stalled")
  }

  @Test("what was dropped for another reason long ago is not the reason now")
  func olderDrops() {
    var situation = Situation()
    situation.stage(.ws) {
      $0.health = .failed
      $0.sinceStart.dropped[.malformedFrame] = 5_000
      $0.sinceStart.dropped[.unknownSymbol] = 40
      $0.recentlyDropped[.unknownSymbol] = 40
    }
    #expect(Self.finding(situation) == "market_data unknown_symbol")
  }

  @Test("a stop is named before what is broken behind risk, and behind what is broken up to it")
  func stop() {
    var situation = Situation()
    situation.gate = Sample.gate([.stop(actor: "operator", reason: "a drill")])
    situation.status.gate = GateStatus(state: .stopped, enforced: true, since: nil)
    situation.stage(.dbWriter) { $0.failure = "the disk is full" }
    #expect(Self.finding(situation) == "risk kill_switch")
    situation.stage(.core) { $0.failure = "it stopped" }
    #expect(Self.finding(situation) == "signal stage_failed")
  }

  @Test("a stop names what is broken behind it, which a person who resumes has to know")
  func behindStop() throws {
    var situation = Situation()
    situation.gate = Sample.gate([.stop(actor: "operator", reason: "a drill")])
    situation.status.gate = GateStatus(state: .stopped, enforced: true, since: nil)
    #expect(situation.diagnose().behind.isEmpty)
    situation.stage(.execution) { $0.health = .stalled }
    situation.stage(.dbWriter) { $0.failure = "the disk is full" }
    let answer = situation.diagnose()
    #expect(answer.verdict == .stopped && answer.reason == "kill_switch")
    #expect(answer.behind.map(\.layer) == [.execution, .database])
    #expect(answer.behind.map(\.reason) == ["stalled", "stage_failed"])
    #expect(
      answer.text.contains("behind it database stage_failed: db_writer does not work: the disk is full"))
    #expect(answer.text(in: .de).contains("dahinter  database stage_failed: db_writer arbeitet nicht"))
    // It goes on being an incident, as it was before the stop.
    let found = Finding.all(in: answer, policy: GatePolicy())
    #expect(found.map(\.layer) == [.execution, .database] && found.allSatisfy { $0.severity == .notice })
    // Where it is no stop, what is broken is the answer itself.
    situation.gate = nil
    situation.status.gate = nil
    #expect(situation.diagnose().behind.isEmpty)
  }

  @Test("a check that has failed stays the answer while the gate tries again")
  func verifyingAgain() {
    var situation = Situation()
    let check = GateCheck.logs
    situation.gate = Sample.gate(
      [], state: .verifying, secondsAgo: 1, at: situation.now, failed: (check, .logPathSilent))
    #expect(Self.finding(situation) == "system log_path_silent")
    #expect(situation.diagnose().verdict == .gated)
  }

  @Test("a limit is the answer only where no check before it has failed")
  func firstCheck() {
    var situation = Situation()
    var report = Sample.gate(
      [], state: .closed, secondsAgo: 1, at: situation.now, failed: (.riskLayer, .exposureLimit))
    situation.gate = report
    #expect(Self.finding(situation) == "risk exposure_limit")
    for index in report.checks.indices where report.checks[index].check == .logs {
      report.checks[index].outcome = .fail
      report.checks[index].reason = ReasonCode.logPathSilent.code
    }
    report.reason = ReasonCode.logPathSilent.code
    situation.gate = report
    #expect(Self.finding(situation) == "system log_path_silent")
  }

  @Test("the reasons of frames that are no market data belong to the layer of market data")
  func layersOfReasons() {
    #expect(ReasonCode.malformedFrame.layer == .marketData)
    #expect(ReasonCode.unknownSymbol.layer == .marketData)
    #expect(ReasonCode.canaryLate.layer == .system)
  }

  @Test("where a stage stands still, what it saw before says nothing of prices")
  func standingStill() {
    var situation = Self.silent()
    let looked = situation.now.advanced(by: -12_000_000_000)
    situation.status.feed.lastFrameWall = looked
    situation.status.feed.lastMoveWall = looked.advanced(by: -20_000_000_000)
    situation.stage(.ws) {
      $0.health = .stalled
      $0.backlog = 9
    }
    #expect(Self.finding(situation) == "market_data stalled")
  }

  @Test("a resume that has not come through is held up by what stands still, and is no stop")
  func resuming() {
    var situation = Situation()
    situation.status.gate = GateStatus(state: .stopped, enforced: true, since: nil)
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: Situation.start)
    _ = machine.handle(.stop(actor: "operator", reason: "a drill"), at: Situation.start)
    situation.gate = GateReport(machine, at: situation.now)
    situation.stage(.execution) { $0.health = .stalled }
    #expect(Self.finding(situation) == "risk kill_switch")
    _ = machine.handle(.resume(actor: "operator", justification: "over"), at: situation.now)
    situation.gate = GateReport(machine, at: situation.now)
    #expect(Self.finding(situation) == "execution stalled")
    situation.stage(.execution) { $0.health = .healthy }
    #expect(Self.finding(situation) == "risk kill_switch")
  }

  @Test(
    "the first frames of a start may be dropped; when nothing has come of any after five seconds, that is named"
  )
  func firstFrames() {
    var situation = Situation()
    situation.stage(.ws) {
      $0.sinceStart.dropped[.bookGap] = 2
      $0.sinceStart.emittedByKind = KindCounts()
    }
    situation.status.startedAt = situation.now.advanced(by: -2_000_000_000)
    #expect(situation.diagnose().reason != "book_gap")
    situation.status.startedAt = situation.now.advanced(by: -6_000_000_000)
    #expect(Self.finding(situation) == "market_data book_gap")
  }
}
