import CDBDomain
import Testing

@testable import CDBGate
@testable import CDBPipeline

@Suite("what a check of the gate waits for")
struct MeasurementTests {
  private static let start = Situation.start.advanced(by: 59_800_000_000)

  @Test("a barrier has crossed once every stage has passed it and its cut has balanced")
  func crossing() {
    var situation = Situation()
    let crossing = BarrierCrossing(situation.status, at: Self.start)
    #expect(crossing.verdict(situation.status, seconds: 0.1, at: situation.now) == nil)
    for stage in StageName.allCases { situation.stage(stage) { $0.lastBarrierWall = Self.start } }
    // The cut that is known is still the one before.
    #expect(crossing.verdict(situation.status, seconds: 0.2, at: situation.now) == nil)
    situation.status.flow = FlowReport(barrier: 4, imbalances: [])
    #expect(crossing.verdict(situation.status, seconds: 0.3, at: situation.now)?.outcome == .pass)
  }

  @Test(
    "a barrier that does not come is late once patience is at its end, and names the first stage without it")
  func late() {
    let situation = Situation()
    let crossing = BarrierCrossing(situation.status, at: Self.start)
    let verdict = crossing.verdict(situation.status, seconds: GateJudgement.patience, at: situation.now)
    #expect(verdict?.reason == .canaryLate)
    #expect(verdict?.evidence.first { $0.name == "first_stage_missing" }?.value == "ws")
  }

  @Test("without a price there is nothing to probe with")
  func unpriced() {
    #expect(GateJudgement.probed(7, in: nil) == nil)
    #expect(GateJudgement.unprobed(.smoke, at: Situation.start).outcome == .unknown)
  }

  @Test("an account that is not known yet makes the comparison unknown, not a failure")
  func comparison() {
    var comparison = ConsistencyComparison()
    let verdict = comparison.verdict(
      StoreAudit(), before: nil, status: Situation().status, seconds: 0, at: Situation.start)
    #expect(verdict?.outcome == .unknown)
  }

  @Test("a look tells the machine what is observed, the cause that is there, and that time has passed")
  func watch() {
    var watch = GateWatch(policy: GatePolicy(), thresholds: DiagnosisThresholds())
    var situation = Situation()
    situation.status.gate = GateStatus(state: .open, enforced: true, since: nil)
    let calm = watch.look(at: situation.status, wall: situation.now, monotonic: 1)
    #expect(calm == [.observed(.open), .condition(nil), .tick])
    var silent: [GateStateMachine.Input] = []
    for second in 1...60 as ClosedRange<UInt64> {
      situation.now = situation.now.advanced(by: 1_000_000_000)
      silent = watch.look(at: situation.status, wall: situation.now, monotonic: second * 1_000_000_000 + 1)
    }
    #expect(
      silent == [.observed(.open), .condition(GateCondition(reason: .silentFeed, layer: .marketData)), .tick])
    #expect(watch.jump == nil)
    situation.now = situation.now.advanced(by: 9_000_000_000)
    _ = watch.look(at: situation.status, wall: situation.now, monotonic: 60_000_000_002)
    #expect(watch.jump != nil)
  }
}
