import CDBDomain
import Testing

@testable import CDBGate

@Suite("What happens to a block")
struct BlockStateMachineTests {
  private static let hour = BlockDrive.hour

  @Test("72 hours: three checkpoints in time, an end, a report, what was learned, and the next one")
  func life() throws {
    var drive = BlockDrive()
    #expect(drive.machine.state == .none)
    try drive.start()
    #expect(drive.machine.state == .running)
    drive.pass(24 * Self.hour)
    #expect(drive.names == ["started", "checkpoint"])
    drive.pass(48 * Self.hour)
    #expect(drive.names == ["started", "checkpoint", "checkpoint", "checkpoint", "finished"])
    #expect(drive.machine.block?.checkpoints.map(\.late) == [0, 0, 0])
    let end = try #require(drive.machine.block?.end)
    #expect(end.early == 0 && end.late == 0 && end.reason == nil)
    #expect(drive.machine.state == .finished)
    try drive.give(.reported(actor: "policy", BlockSeal(judgement: .ok, files: ["report.md": "1"])))
    #expect(drive.machine.state == .reported)
    try drive.analyse()
    #expect(drive.machine.state == .analysed)
    try drive.start()
    #expect(drive.machine.block?.number == 2 && drive.machine.state == .running)
  }

  @Test("the next block waits until the last one is analysed: ended, reported, and learned from")
  func next() throws {
    var drive = BlockDrive()
    let start = BlockStateMachine.Input.start(actor: "a", BlockDrive.plan, gate: drive.gate, incidents: [])
    try drive.start()
    #expect(drive.refusal(of: start) == .running(1))
    drive.pass(72 * Self.hour)
    #expect(drive.refusal(of: start) == .notReported(1))
    try drive.give(.reported(actor: "a", BlockSeal(judgement: .critical, files: [:])))
    #expect(drive.refusal(of: start) == .notAnalysed(1))
    // What was learned counts once a report has it.
    try drive.give(.learned(actor: "a", BlockLessons(lessons: ["x"])))
    #expect(drive.refusal(of: start) == .notAnalysed(1))
    try drive.give(.reported(actor: "a", BlockSeal(judgement: .critical, files: [:])))
    #expect(drive.refusal(of: start) == nil)
  }

  @Test("to-dos alone are no lesson")
  func todosAlone() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.pass(72 * Self.hour)
    try drive.give(.learned(actor: "a", BlockLessons(lessons: [], todos: ["measure"])))
    try drive.give(.reported(actor: "a", BlockSeal(judgement: .ok, files: [:])))
    #expect(drive.machine.state == .reported)
  }

  @Test("a start needs an open gate", arguments: GateState.allCases.filter { $0 != .open })
  func gate(state: GateState) {
    var drive = BlockDrive()
    drive.gate = BlockDrive.openGate(in: state)
    #expect(throws: BlockRefusal.gateNotOpen(state, reason: "restart")) { try drive.start() }
    #expect(drive.events.isEmpty && drive.machine.state == .none)
  }

  @Test("a start needs a fresh canary", arguments: [GateCheck.eventFlow, .smoke])
  func canary(check: GateCheck) {
    var drive = BlockDrive()
    drive.gate = BlockDrive.openGate(without: check)
    #expect(throws: BlockRefusal.canaryNotFresh(check)) { try drive.start() }
  }

  @Test("the other checks may be due: the gate is open, and the canary is fresh")
  func otherChecks() throws {
    var drive = BlockDrive()
    drive.gate = BlockDrive.openGate(without: .logs)
    try drive.start()
    #expect(drive.machine.state == .running)
  }

  private func incident(_ steps: [(IncidentEvent.Step, Int64)], _ severity: IncidentSeverity = .warning)
    -> Incident?
  {
    var register = IncidentRegister()
    register.remember(
      steps.map { step, hours in
        IncidentEvent(
          incident: 4, step: step, at: EventTime(nanoseconds: 1_795_507_200_000_000_000 + hours * Self.hour),
          actor: "policy", severity: severity, reason: "silent_feed", text: "the feed is silent")
      }, at: EventTime(nanoseconds: .max))
    return register.incidents.first
  }

  @Test("the next block waits until every incident of the last one that needs a person is closed")
  func incidents() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.pass(72 * Self.hour)
    try drive.analyse()
    let before: [(IncidentEvent.Step, Int64)] = [
      (.opened, 10), (.ended, 11), (.rootCause, 12), (.verified, 12),
    ]
    drive.incidents = [try #require(incident(before))]
    #expect(throws: BlockRefusal.incidentOpen(1, incident: 4)) { try drive.start() }
    drive.incidents = [try #require(incident([(.opened, -5)]))]
    #expect(throws: BlockRefusal.incidentOpen(1, incident: 4)) { try drive.start() }
    // An interruption is nobody's work, one from before or after the block is not its own, and closed is closed.
    drive.incidents = [
      try #require(incident([(.opened, 10)], .notice)),
      try #require(incident([(.opened, -5), (.ended, -4)])), try #require(incident([(.opened, 73)])),
      try #require(incident(before + [(.closed, 13)])),
    ]
    try drive.start()
    #expect(drive.machine.block?.number == 2)
  }

  @Test("what was missed while no process ran is made late, says so, and nothing is left out")
  func late() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.now = drive.now.advanced(by: 50 * Self.hour)
    try drive.give(.tick)
    #expect(drive.machine.block?.checkpoints.map(\.late) == [26 * Self.hour, 2 * Self.hour])
    // It is dated to when somebody looked, and says when it was due.
    let status = BlockStatus(drive.machine, at: drive.now)
    let start = try #require(drive.machine.block?.startedAt)
    func time(_ hours: Int64) -> String { FigureText.time(start.advanced(by: hours * Self.hour)) }
    let looked = start.advanced(by: 50 * Self.hour).nanoseconds
    #expect(status.checkpoints.map(\.madeNs) == [looked, looked, nil])
    #expect(status.text(in: .en).contains("look 1    \(time(50))  LATE: it was due at \(time(24)), "))
    #expect(
      status.text(in: .de).contains("Blick 2       \(time(50))  ZU SPÄT: fällig war er um \(time(48)), "))
    drive.now = drive.now.advanced(by: 40 * Self.hour)
    let last = try drive.give(.tick)
    #expect(last.map(\.change.name) == ["checkpoint", "finished"])
    #expect(drive.machine.block?.end?.late == 18 * Self.hour)
  }

  @Test("a look within the tolerance is in time")
  func tolerance() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.now = drive.now.advanced(by: 24 * Self.hour + BlockStateMachine.tolerance)
    try drive.give(.tick)
    #expect(drive.machine.block?.checkpoints.first?.late == 0)
  }

  @Test("an end before its time needs a reason, and keeps it")
  func early() throws {
    var drive = BlockDrive()
    #expect(drive.refusal(of: .finish(actor: "a", reason: "x")) == .noBlock)
    try drive.start()
    drive.pass(10 * Self.hour)
    #expect(drive.refusal(of: .finish(actor: "a", reason: " \n")) == .reasonMissing)
    let long = String(repeating: "x", count: BlockStateMachine.longestText + 1)
    #expect(drive.refusal(of: .finish(actor: "a", reason: long)) == .tooMuchWritten)
    try drive.give(.finish(actor: "operator:cli", reason: "maintenance"))
    let block = try #require(drive.machine.block)
    #expect(block.end?.reason == "maintenance" && block.end?.early == 62 * Self.hour)
    #expect(block.endedBy == "operator:cli" && block.checkpoints.isEmpty)
    #expect(drive.refusal(of: .finish(actor: "a", reason: "again")) == .alreadyEnded(1))
    drive.pass(100 * Self.hour)
    #expect(drive.names == ["started", "finished"])
  }

  @Test("finished by hand when its time was up already is the end by time, with its checkpoints")
  func overdue() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.now = drive.now.advanced(by: 73 * Self.hour)
    try drive.give(.finish(actor: "a", reason: ""))
    #expect(drive.names == ["started", "checkpoint", "checkpoint", "checkpoint", "finished"])
    #expect(drive.machine.block?.end?.reason == nil)
  }

  @Test("nothing can be learned or reported of a block that runs, or of none")
  func tooEarly() throws {
    var drive = BlockDrive()
    let lesson = BlockStateMachine.Input.learned(actor: "a", BlockLessons(lessons: ["x"]))
    let report = BlockStateMachine.Input.reported(actor: "a", BlockSeal(judgement: .ok, files: [:]))
    #expect(drive.refusal(of: lesson) == .noBlock && drive.refusal(of: report) == .noBlock)
    try drive.start()
    #expect(drive.refusal(of: lesson) == .running(1) && drive.refusal(of: report) == .running(1))
  }

  @Test("what is written is bounded, and not empty")
  func bounds() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.pass(72 * Self.hour)
    func learned(_ texts: [String]) -> BlockStateMachine.Input {
      .learned(actor: "a", BlockLessons(lessons: texts))
    }
    #expect(drive.refusal(of: learned([])) == .nothingLearned)
    #expect(drive.refusal(of: learned(["good", " "])) == .nothingLearned)
    #expect(drive.refusal(of: learned([String(repeating: "ü", count: 251)])) == .tooMuchWritten)
    #expect(drive.refusal(of: learned(Array(repeating: "x", count: 20))) == nil)
    #expect(drive.refusal(of: learned(["one more"])) == .tooMuchWritten)
  }

  @Test("the same report again is no news")
  func sameReport() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.pass(72 * Self.hour)
    let seal = BlockSeal(judgement: .ok, files: ["report.md": "1"])
    #expect(try drive.give(.reported(actor: "a", seal)).count == 1)
    #expect(try drive.give(.reported(actor: "b", seal)).isEmpty)
  }

  @Test("a clock that is put back takes nothing back")
  func clock() throws {
    var drive = BlockDrive()
    try drive.start()
    drive.pass(30 * Self.hour)
    drive.now = drive.now.advanced(by: -40 * Self.hour)
    try drive.give(.finish(actor: "a", reason: "odd"))
    let times = drive.events.map(\.at)
    #expect(times == times.sorted())
    #expect((drive.machine.block?.end?.early ?? 0) <= 48 * Self.hour)
  }

  @Test("plans: thirds by themselves, ascending and within the duration")
  func plans() {
    #expect(BlockDrive.plan.checkpoints == [24, 48, 72].map { $0 * Self.hour })
    #expect(BlockPlan(duration: 2).checkpoints == [2])
    #expect(BlockPlan(duration: 7).isValid && BlockPlan(duration: 1).isValid)
    for checkpoints: [Int64] in [[0], [2, 2], [3, 2], [11], [-1]] {
      #expect(!BlockPlan(duration: 10, checkpoints: checkpoints).isValid, "\(checkpoints)")
    }
    #expect(!BlockPlan(duration: 0, checkpoints: []).isValid)
    #expect(BlockPlan(duration: 10, checkpoints: [1, 10]).isValid)
  }

  @Test(
    "whatever comes: a machine rebuilt from its events is the same, and its events make sense",
    arguments: 0..<60)
  func property(seed: UInt64) throws {
    var random = Generator(state: seed)
    var drive = BlockDrive()
    for _ in 0..<150 {
      drive.now = drive.now.advanced(by: Int64.random(in: -Self.hour...8 * Self.hour, using: &random))
      drive.gate = BlockDrive.openGate(in: Int.random(in: 0..<4, using: &random) == 0 ? .tripped : .open)
      let input: BlockStateMachine.Input =
        switch Int.random(in: 0..<9, using: &random) {
        case 0:
          .start(
            actor: "a", BlockPlan(duration: Int64.random(in: 1...90, using: &random) * Self.hour),
            gate: drive.gate, incidents: [])
        case 1: .finish(actor: "a", reason: Bool.random(using: &random) ? "enough" : "")
        case 2: .learned(actor: "a", BlockLessons(lessons: ["x"], todos: ["y"]))
        case 3:
          .reported(
            actor: "a", BlockSeal(judgement: .ok, files: ["f": "\(Int.random(in: 0..<3, using: &random))"]))
        default: .tick
        }
      let before = drive.machine.block
      if drive.refusal(of: input) != nil { #expect(drive.machine.block == before) }
      if case .tick = input { #expect(drive.machine.state != .none || drive.events.isEmpty) }
    }
    var rebuilt = BlockStateMachine()
    rebuilt.remember(drive.events)
    #expect(rebuilt.block == drive.machine.block)
    // Told twice, it has happened once.
    var twice = BlockStateMachine()
    twice.remember(drive.events.flatMap { [$0, $0] })
    #expect(twice.block?.checkpoints == drive.machine.block?.checkpoints)
    #expect(drive.events.map(\.at) == drive.events.map(\.at).sorted())
    for (number, events) in Dictionary(grouping: drive.events, by: \.block) {
      let names = events.map(\.change.name)
      #expect(names.first == "started" && names.count { $0 == "started" } == 1, "block \(number)")
      #expect(names.count { $0 == "finished" } <= 1)
      let numbers = events.compactMap { event -> Int? in
        if case .checkpoint(let checkpoint) = event.change { checkpoint.number } else { nil }
      }
      #expect(numbers == Array(0..<numbers.count).map { $0 + 1 })
    }
    #expect(
      Set(drive.events.map(\.block))
        == Set(0..<(drive.machine.block?.number ?? 0)).reduce(into: []) { $0.insert($1 + 1) })
  }
}
