import CDBDomain
import Foundation
import Testing

@testable import CDBPipeline

@Suite("what several processes say of themselves becomes one status")
struct ServiceGatheringTests {
  static let second: Int64 = 1_000_000_000

  /// Five processes on one clock.
  struct Processes {
    var gathering = ServiceGathering(wall: Self.wall(0), monotonic: 0)
    /// Seconds since the beginning.
    var now = 0.0
    var instances: [StageName: String] = [:]
    var change: (inout ServicePart) -> Void = { _ in }

    static func wall(_ seconds: Double) -> EventTime {
      EventTime(nanoseconds: 1_700_000_000 * second + Int64(seconds * Double(second)))
    }
    var wall: EventTime { Self.wall(now) }
    var monotonic: UInt64 { UInt64(now * Double(second)) }
    var status: PipelineStatus { gathering.status(wall: wall, monotonic: monotonic) }

    func part(_ stage: StageName) -> ServicePart {
      let board = PipelineBoard(thresholds: HealthThresholds(), startedAt: Self.wall(-10))
      var part = ServicePart(
        stage: stage, instance: instances[stage] ?? "1", at: wall, status: board.status(), cuts: [],
        busFailure: nil)
      part.status.fingerprint = "aaaa"
      part.status.profile = stage.rawValue
      part.status.symbols = [stage.rawValue]
      part.status.notices = ["all the same", "of \(stage.rawValue)"]
      part.status.framesBefore = UInt64(stage.position)
      part.status.checkpointFailure = "of \(stage.rawValue)"
      part.status.feed.frames = stage == .ws ? 7 : 1
      part.status.nearness = [StrategyNearness(symbol: stage.rawValue, strategy: .momentum, highest: .one)]
      part.status.gate = GateStatus(state: stage == .execution ? .open : .tripped, enforced: true, since: nil)
      part.status.stages = part.status.stages.map { status in
        var status = status
        status.sinceStart.received = status.stage == stage ? UInt64(stage.position) + 1 : 99
        status.health = .healthy
        return status
      }
      return part
    }

    mutating func answer(_ stages: some Sequence<StageName> = StageName.allCases) {
      for stage in stages {
        var part = part(stage)
        change(&part)
        gathering.take(part, wall: wall, monotonic: monotonic)
      }
    }

    func outage(_ stage: StageName) -> StageOutage? {
      gathering.outage(of: stage, wall: wall, monotonic: monotonic)
    }
  }

  @Test("each figure is that of the process that knows it, and notices are told once")
  func merged() {
    var processes = Processes()
    processes.answer()
    let status = processes.status
    #expect(status.profile == "ws" && status.symbols == ["ws"] && status.fingerprint == "aaaa")
    #expect(status.feed.frames == 7 && status.framesBefore == UInt64(StageName.ws.position))
    #expect(status.startedAt == Processes.wall(-10) && status.checkpointFailure == "of ws")
    #expect(status.nearness.map(\.symbol) == ["core"])
    #expect(status.gate?.state == .open)
    #expect(status.stages.map(\.stage) == StageName.allCases)
    #expect(status.stages.map(\.sinceStart.received) == [1, 2, 3, 4, 5])
    #expect(status.stages.allSatisfy { $0.health == .healthy && $0.failure == nil && $0.outage == nil })
    #expect(status.notices == ["all the same"] + StageName.allCases.map { "of \($0.rawValue)" })
  }

  @Test("account and counts of the order path come from risk and db_writer, wherever else there are some")
  func accountAndTally() throws {
    var processes = Processes()
    processes.change = { part in
      part.status.account = AccountStatus(
        name: part.stage.rawValue, cash: .zero, equity: .zero, startingCash: .zero, fees: .zero,
        peakEquity: .zero, exposure: .zero, openOrders: 0, openOrderIDs: [], fills: 0, positions: [],
        killSwitch: nil)
      guard part.stage == .dbWriter else { return }
      part.status.tally.addEarlier(
        Envelope(
          time: EventTime(nanoseconds: 1), origin: 1,
          event: .alert(
            Alert(
              id: EventID(producer: .execution, partition: 0, sequence: 1), level: .critical,
              reason: .fillOutOfBounds, message: "", context: [:]))))
    }
    processes.answer()
    #expect(processes.status.account?.name == "risk")
    #expect(processes.status.tally.incidents == [.fillOutOfBounds: 1])
  }

  @Test("before any answer nothing is wrong, and after two seconds without one everything is away")
  func unheard() {
    var processes = Processes()
    processes.now = 1.9
    #expect(processes.status.stages.allSatisfy { $0.health == .idle && $0.failure == nil })
    processes.now = 2
    let stages = processes.status.stages
    #expect(stages.allSatisfy { $0.health == .failed && $0.outage?.kind == .away })
    #expect(stages.first?.outage?.since == Processes.wall(0))
  }

  @Test(
    "a process that does not answer any more is away since it last did, and its figures stay",
    arguments: StageName.allCases)
  func lost(_ stage: StageName) {
    var processes = Processes()
    for step in 0...8 {
      processes.now = Double(step) / 4
      processes.answer(step == 0 ? StageName.allCases : StageName.allCases.filter { $0 != stage })
      if step > 0 { processes.gathering.miss(stage, .silent, cause: "timed out") }
    }
    #expect(processes.now == 2)
    let status = processes.status
    for other in status.stages where other.stage != stage {
      #expect(other.outage == nil && other.failure == nil)
    }
    let lost = status.stage(stage)
    #expect(lost?.health == .failed && lost?.outage?.miss == .silent)
    #expect(lost?.failure == "its process does not answer since 2023-11-14T22:13:20Z: timed out")
    #expect(lost?.sinceStart.received == UInt64(stage.position) + 1)
    #expect(status.feed.frames == 7 && status.gate?.state == .open)
    processes.answer()
    #expect(processes.status.stages.allSatisfy { $0.outage == nil })
  }

  @Test("a process that says always the same is away since it wrote that, and so is one whose words are old")
  func oldNews() {
    var processes = Processes()
    processes.answer()
    let frozen = processes.part(.risk)
    for step in 1...8 {
      processes.now = Double(step) / 4
      processes.answer(StageName.allCases.filter { $0 != .risk })
      processes.gathering.take(frozen, wall: processes.wall, monotonic: processes.monotonic)
    }
    #expect(processes.outage(.risk)?.kind == .away && processes.outage(.risk)?.since == frozen.at)
    #expect(processes.outage(.core) == nil)

    processes.change = { if $0.stage == .core { $0.at = $0.at.advanced(by: -2 * Self.second) } }
    processes.answer()
    #expect(processes.outage(.core)?.kind == .away)
    processes.change = { if $0.stage == .core { $0.at = $0.at.advanced(by: -2 * Self.second + 1) } }
    processes.answer()
    #expect(processes.outage(.core) == nil)
  }

  @Test("a clock that is ahead is told, as nothing then looks old")
  func clockAhead() {
    var processes = Processes()
    processes.change = { if $0.stage == .execution { $0.at = $0.at.advanced(by: 3 * Self.second) } }
    processes.answer()
    #expect(processes.status.notices.last == "the clock of execution's machine is 3 s ahead of this one's")
  }

  @Test("a process that begins anew shows as such for a second, the first time that it is heard of does not")
  func restarted() {
    var processes = Processes()
    processes.answer()
    processes.now = 0.25
    processes.instances[.execution] = "2"
    processes.answer()
    #expect(
      processes.outage(.execution)?.kind == .restarted
        && processes.status.stage(.execution)?.health == .failed)
    processes.now = 1
    processes.answer()
    #expect(processes.outage(.execution)?.kind == .restarted)
    processes.now = 1.25
    processes.answer()
    #expect(StageName.allCases.allSatisfy { processes.outage($0) == nil })
  }

  @Test("for a minute it is told when a process of a stage began anew, and of no other stage")
  func beganAnew() {
    var processes = Processes()
    processes.answer()
    #expect(processes.status.stages.allSatisfy { $0.beganAnewAt == nil })
    processes.now = 0.25
    processes.instances[.execution] = "2"
    processes.answer()
    processes.now = 60
    processes.answer()
    #expect(processes.status.stage(.execution)?.beganAnewAt == Processes.wall(0.25))
    #expect(processes.status.stages.allSatisfy { $0.stage == .execution || $0.beganAnewAt == nil })
    processes.now = 60.5
    processes.answer()
    #expect(processes.status.stage(.execution)?.beganAnewAt == nil)
  }

  @Test("a process without a bus says so, and being away comes before that")
  func bus() {
    var processes = Processes()
    processes.change = { if $0.stage == .core { $0.busFailure = "connection refused" } }
    processes.answer()
    #expect(processes.outage(.core)?.kind == .bus)
    #expect(processes.status.stage(.core)?.failure == "its process has no bus: connection refused")
    processes.now = 2
    #expect(processes.outage(.core)?.kind == .away)
  }

  @Test("a process that waits for the streams of another is out of work, though it answers and has its bus")
  func waiting() {
    var processes = Processes()
    processes.change = { if $0.stage == .risk { $0.standsBy = "another owns them" } }
    processes.answer()
    #expect(processes.outage(.risk)?.kind == .waiting)
    #expect(
      processes.status.stage(.risk)?.failure == "its process waits for its streams: another owns them")
    #expect(processes.status.stage(.risk)?.health == .failed)
  }

  @Test(
    "other configurations are named, with the settings that differ from those of ws, for as long as they do")
  func fingerprints() {
    var processes = Processes()
    processes.change = { part in
      part.settings = ["risk.stop_loss": "0.03", "risk.hysteresis": "0.1"]
      guard part.stage == .risk || part.stage == .core else { return }
      part.status.fingerprint = "bbbb"
      part.settings?["risk.stop_loss"] = "0.5"
      part.settings?["account.name"] = "b"
      // A version before tells no settings.
      if part.stage == .core { part.settings = nil }
    }
    processes.answer()
    let differences = processes.status.configurations
    #expect(differences.map(\.process) == ["core", "risk"])
    #expect(differences.allSatisfy { $0.fingerprint == "bbbb" && $0.wsFingerprint == "aaaa" })
    #expect(differences.first?.settings == [])
    #expect(
      differences.last?.settings == [
        .init(key: "account.name", value: "b", wsValue: nil),
        .init(key: "risk.stop_loss", value: "0.5", wsValue: "0.03"),
      ])
    #expect(!processes.status.notices.contains { $0.contains("configuration") })
    processes.change = { _ in }
    processes.now = 0.25
    processes.answer()
    #expect(processes.status.configurations.isEmpty)
  }

  // MARK: Cuts

  private func cut(_ stage: StageName, _ barrier: UInt64, lost: UInt64 = 0) -> StageCut {
    var ledger = NodeLedger()
    ledger.received = 10 * barrier + lost
    ledger.acted = 10 * barrier
    return StageCut(stage: stage, barrier: barrier, ledger: ledger, inFlight: 0, accepted: [:], emitted: [:])
  }

  @Test("a barrier is balanced when all have passed it, once, however often its cuts are told")
  func cutsOnce() {
    var processes = Processes()
    processes.change = { part in
      part.cuts =
        part.stage == .dbWriter ? [self.cut(part.stage, 1)] : (1...3).map { self.cut(part.stage, $0) }
    }
    processes.answer()
    #expect(processes.status.flow?.barrier == 1 && processes.status.flow?.isBalanced == true)
    processes.change = { part in part.cuts = (1...3).map { self.cut(part.stage, $0, lost: $0 == 1 ? 5 : 0) } }
    processes.now = 0.25
    processes.answer()
    // What was told of a barrier that is balanced changes nothing.
    #expect(processes.status.flow?.barrier == 3 && processes.status.flow?.isBalanced == true)
  }

  @Test("an imbalance shows for a second, though what comes with it balances")
  func imbalanceShows() {
    var processes = Processes()
    processes.change = { part in
      part.cuts = (1...2).map { self.cut(part.stage, $0, lost: $0 == 1 && part.stage == .risk ? 3 : 0) }
    }
    processes.answer()
    #expect(processes.status.flow?.imbalances == [.node(.risk, 3)])
    processes.change = { part in part.cuts = [self.cut(part.stage, 3)] }
    processes.now = 0.75
    processes.answer()
    #expect(processes.status.flow?.barrier == 1)
    processes.change = { part in part.cuts = [self.cut(part.stage, 4)] }
    processes.now = 1.25
    processes.answer()
    #expect(processes.status.flow?.barrier == 4 && processes.status.flow?.isBalanced == true)
  }

  @Test("a stage that begins anew passes what is open again; a new journal begins its barriers at one")
  func restartsAndCuts() {
    var processes = Processes()
    processes.change = { part in
      part.cuts =
        part.stage == .core
        ? [self.cut(.core, 7, lost: 2)] : part.stage == .ws ? [] : [self.cut(part.stage, 7)]
    }
    processes.answer()
    processes.instances[.core] = "2"
    processes.now = 0.25
    processes.change = { part in
      part.status.resumption = Resumption.fixture
      part.cuts = part.stage == .core ? [] : [self.cut(part.stage, 7)]
    }
    processes.answer([.core])
    processes.answer(StageName.allCases.filter { $0 != .core })
    #expect(processes.status.flow == nil)
    processes.now = 0.5
    processes.change = { part in part.cuts = [self.cut(part.stage, 7)] }
    processes.answer()
    #expect(processes.status.flow?.barrier == 7)

    for stage in StageName.allCases { processes.instances[stage] = "3" }
    processes.now = 0.75
    processes.change = { part in part.cuts = [self.cut(part.stage, 1)] }
    processes.answer()
    #expect(processes.status.flow?.barrier == 1)
  }

  @Test("a board shows what it is given, and what this process has to say")
  func board() {
    let processes = Processes()
    let board = PipelineBoard(
      gatheringBy: PipelineClock(monotonic: { 0 }, wall: { Processes.wall(0) }))
    for stage in StageName.allCases { board.take(processes.part(stage)) }
    board.notice("of the gate")
    #expect(board.status().stages.map(\.sinceStart.received) == [1, 2, 3, 4, 5])
    #expect(board.status().notices.last == "of the gate")
  }

  @Test("a part survives its way as JSON")
  func coding() throws {
    var part = Processes().part(.risk)
    part.cuts = [cut(.risk, 3)]
    part.status.stages[2].outage = StageOutage(
      kind: .away, since: Processes.wall(0), cause: "refused", miss: .unreachable)
    let coded = try JSONEncoder().encode(part)
    let again = try JSONDecoder().decode(ServicePart.self, from: coded)
    #expect(again.stage == .risk && again.cuts.first?.barrier == 3 && again.at == part.at)
    #expect(again.status.stages[2].outage == part.status.stages[2].outage)
    let text = try #require(String(bytes: coded, encoding: .utf8))
    #expect(text.contains("bus_failure") == false && text.contains("instance"))
  }
}

extension Resumption {
  fileprivate static let fixture = try? JSONDecoder().decode(
    Resumption.self,
    from: Data(#"{"barrier":6,"sequence":60,"records_again":0,"previous_end":"unplanned"}"#.utf8))
}
