import CDBDomain
import Testing

@testable import CDBGate

@Suite("The answers over time")
struct AnswerTimelineTests {
  private static let start = Situation.start

  private func at(_ milliseconds: Int64) -> EventTime { Self.start.advanced(by: milliseconds * 1_000_000) }

  private func diagnosis(_ verdict: Verdict, _ reason: String? = nil, since: EventTime? = nil) -> Diagnosis {
    var diagnosis = Situation().diagnose()
    diagnosis.verdict = verdict
    diagnosis.trading = verdict == .trading
    diagnosis.layer = verdict == .broken ? .marketData : nil
    diagnosis.reason = reason
    diagnosis.sinceNs = since?.nanoseconds
    return diagnosis
  }

  @Test("the first look begins an answer at once, and the same again begins none")
  func first() {
    var timeline = AnswerTimeline()
    #expect(timeline.look(diagnosis(.starting), at: at(0)).map(\.verdict) == [.starting])
    #expect(timeline.look(diagnosis(.starting), at: at(500)).isEmpty)
    #expect(timeline.current?.since == at(0))
  }

  @Test("another answer counts once it has held for a second, from when it was first seen")
  func settling() {
    var timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.quiet), at: at(0))
    #expect(timeline.look(diagnosis(.trading), at: at(500)).isEmpty)
    #expect(timeline.look(diagnosis(.trading), at: at(1_000)).isEmpty)
    #expect(timeline.look(diagnosis(.trading), at: at(1_500)).map(\.since) == [at(500)])
  }

  /// A gate that was stopped and resumed at these instants, milliseconds.
  private func gate(_ stops: (Int64, Int64?)...) -> GateReport {
    var machine = GateStateMachine(policy: GatePolicy(), observed: .closed, at: at(0))
    for (since, until) in stops {
      _ = machine.handle(.stop(actor: "operator:http", reason: "a \(since)"), at: at(since))
      if let until {
        _ = machine.handle(.resume(actor: "operator:http", justification: "b"), at: at(until))
      }
    }
    return GateReport(machine, at: at(60_000))
  }

  @Test("a stop is kept however short it is, with who and why: seen by one look, or by none")
  func shortStop() throws {
    var timeline = AnswerTimeline()
    var begun = timeline.look(diagnosis(.trading), at: at(0))
    // Over before anybody looked.
    var gated = diagnosis(.gated, "gate_verifying")
    gated.gate = gate((600, 650), (700, 900))
    begun += timeline.look(gated, at: at(1_000))
    // The same stops are not told again.
    begun += timeline.look(gated, at: at(1_500))
    // Seen by one look alone.
    var stopped = diagnosis(.stopped, "kill_switch", since: at(1_800))
    stopped.gate = gate((600, 650), (700, 900), (1_800, nil))
    begun += timeline.look(stopped, at: at(2_000))
    gated.gate = gate((600, 650), (700, 900), (1_800, 2_100))
    for time in stride(from: 2_500, through: 4_000, by: 500) as StrideThrough<Int64> {
      begun += timeline.look(gated, at: at(time))
    }
    #expect(begun.map(\.verdict) == [.trading, .stopped, .gated, .stopped, .gated, .stopped, .gated])
    #expect(
      begun.map(\.since) == [at(0), at(600), at(650), at(700), at(900), at(1_800), at(2_100)])
    #expect(begun[1].summary == "the emergency stop is in force (operator:http): a 600")
    #expect(begun[1].layer == .risk && begun[1].reason == "kill_switch")
    let report = TimelineReport(begun, since: at(0), now: at(4_000))
    #expect(
      report.text(in: .en).contains("kill_switch: the emergency stop is in force (operator:http): a 700"))
    #expect(report.text(in: .de).contains("kill_switch: der Not-Halt gilt (operator:http): a 700"))
  }

  @Test("what is broken up to risk stays the answer over a stop that comes and goes")
  func stopBehindBroken() {
    var timeline = AnswerTimeline()
    var silent = diagnosis(.broken, "silent_feed")
    _ = timeline.look(silent, at: at(0))
    silent.gate = gate((600, 700))
    #expect(timeline.look(silent, at: at(1_000)).isEmpty)
  }

  @Test("what flickers for less than a second is passed over")
  func flicker() {
    var timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.trading), at: at(0))
    for time in stride(from: 500, to: 10_000, by: 1_000) as StrideTo<Int64> {
      #expect(timeline.look(diagnosis(.quiet), at: at(time)).isEmpty)
      #expect(timeline.look(diagnosis(.trading), at: at(time + 500)).isEmpty)
    }
  }

  @Test(
    "an answer whose cause is known to be older begins with its cause, but not before the answer ahead of it")
  func backdated() {
    var timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.trading), at: at(0))
    _ = timeline.look(diagnosis(.trading), at: at(4_000))
    let silent = diagnosis(.broken, "silent_feed", since: at(2_000))
    #expect(timeline.look(silent, at: at(7_000)).map(\.since) == [at(2_000)])
    // What was found to be wrong was wrong, whatever else is known to be older.
    _ = timeline.look(silent, at: at(7_500))
    let gated = diagnosis(.gated, "gate_tripped", since: at(6_000))
    _ = timeline.look(gated, at: at(7_900))
    _ = timeline.look(silent, at: at(7_950))
    let older = diagnosis(.blocked, "kill_switch", since: at(1_000))
    _ = timeline.look(older, at: at(8_000))
    #expect(timeline.look(older, at: at(9_000)).map(\.since) == [at(8_000)])
  }

  @Test("an outage stays as long as it was seen, though the gate tripped soon after it began")
  func outage() {
    var timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.trading), at: at(0))
    _ = timeline.look(diagnosis(.trading), at: at(4_000))
    let silent = diagnosis(.broken, "silent_feed", since: at(1_000))
    var begun: [Answer] = []
    for time in stride(from: 6_000, through: 36_000, by: 500) as StrideThrough<Int64> {
      begun += timeline.look(silent, at: at(time))
    }
    let gated = diagnosis(.gated, "incident_open", since: at(6_000))
    for time in stride(from: 36_500, through: 40_000, by: 500) as StrideThrough<Int64> {
      begun += timeline.look(gated, at: at(time))
    }
    #expect(begun.map(\.verdict) == [.broken, .gated])
    #expect(begun.map(\.since) == [at(1_000), at(36_500)])
  }

  @Test("a pause in which nobody looked is an answer of its own")
  func heldUp() {
    var timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.trading), at: at(0))
    _ = timeline.look(diagnosis(.trading), at: at(5_000))
    let begun = timeline.look(diagnosis(.trading), at: at(65_000))
    #expect(begun.map(\.verdict) == [.notObserved, .trading])
    #expect(begun.map(\.since) == [at(5_000), at(65_000)])
  }

  @Test(
    "case 12: between two processes it was restarting, planned or not",
    arguments: [(true, "planned_restart"), (false, "unplanned_restart"), (nil, "restart")]
      as [(Bool?, String)])
  func restart(wasPlanned: Bool?, reason: String) {
    var timeline = AnswerTimeline(after: .init(end: at(-50_000), wasPlanned: wasPlanned))
    let begun = timeline.look(diagnosis(.starting), at: at(0))
    #expect(begun.map(\.verdict) == [.restarting, .starting])
    #expect(begun.map(\.since) == [at(-50_000), at(0)])
    #expect(begun.first?.reason == reason)
  }

  @Test(
    "a process that was ended and not begun again for minutes was stopped; one that died was not",
    arguments: [(true, .stopped), (false, .restarting), (nil, .restarting)] as [(Bool?, Verdict)])
  func stoppedProcess(wasPlanned: Bool?, verdict: Verdict) {
    var timeline = AnswerTimeline(after: .init(end: at(-300_000), wasPlanned: wasPlanned))
    let begun = timeline.look(diagnosis(.starting), at: at(0))
    #expect(begun.map(\.verdict) == [verdict, .starting])
    #expect(begun.map(\.since) == [at(-300_000), at(0)])
    // It counts as a restart all the same, and as no time in which a market lived.
    #expect(begun.first?.reason.map { AnswerTimeline.restartKinds[$0] != nil } == true)
    let report = TimelineReport(begun, since: at(-300_000), now: at(60_000))
    #expect(report.intervals.first?.isBetweenProcesses == true)
    #expect(ZeroActivity.idle(since: at(-300_000), in: begun, now: at(0)).idle == 0)
  }

  @Test("a process that looks on where another did says for how long nobody has")
  func goingOn() {
    var late = AnswerTimeline(goingOnFrom: at(-5_001))
    let begun = late.look(diagnosis(.trading), at: at(0))
    #expect(begun.map(\.verdict) == [.notObserved, .trading])
    #expect(begun.map(\.since) == [at(-5_001), at(0)])
    var soon = AnswerTimeline(goingOnFrom: at(-5_000))
    #expect(soon.look(diagnosis(.trading), at: at(0)).map(\.verdict) == [.trading])
    var first = AnswerTimeline(goingOnFrom: nil)
    #expect(first.look(diagnosis(.trading), at: at(0)).map(\.verdict) == [.trading])
  }

  @Test(
    "whatever is seen, and whatever the clock does, the answers are in order and leave no gap",
    arguments: UInt64(1)...(Soak.isOn ? 20 : 8))
  func property(seed: UInt64) {
    var random = Generator(state: seed)
    var timeline = AnswerTimeline(after: seed % 2 == 0 ? .init(end: at(-1_000), wasPlanned: nil) : nil)
    var answers: [Answer] = []
    var wall: Int64 = 0
    for _ in 0..<2_000 {
      wall += Int64.random(in: -2_000...3_000, using: &random)
      let verdict = Verdict.allCases.randomElement(using: &random) ?? .quiet
      let since = Bool.random(using: &random) ? at(wall - Int64.random(in: 0...9_000, using: &random)) : nil
      answers += timeline.look(diagnosis(verdict, since: since), at: at(wall))
    }
    #expect(zip(answers, answers.dropFirst()).allSatisfy { $0.since <= $1.since })
    #expect(answers.last == timeline.current)
    guard let first = answers.first else { return }
    let report = TimelineReport(answers, since: first.since, now: at(wall + 60_000_000))
    #expect(report.intervals.first?.sinceNs == first.since.nanoseconds)
    #expect(report.intervals.last?.untilNs == report.asOfNs)
    #expect(zip(report.intervals, report.intervals.dropFirst()).allSatisfy { $0.untilNs == $1.sinceNs })
    #expect(report.intervals.allSatisfy { $0.untilNs > $0.sinceNs })
    let total = report.shares.reduce(0) { $0 + $1.seconds }
    #expect(abs(total - Double(report.asOfNs - report.sinceNs) / 1e9) < 1e-3)
  }

  @Test("what was noticed later than it began says so, where it said otherwise until then")
  func noticedLater() throws {
    var timeline = AnswerTimeline()
    var begun = timeline.look(diagnosis(.trading), at: at(0))
    for look in 1...12 { begun += timeline.look(diagnosis(.trading), at: at(Int64(look) * 500)) }
    let broken = diagnosis(.broken, "stage_failed", since: at(2_800))
    begun += timeline.look(broken, at: at(6_500))
    begun += timeline.look(broken, at: at(7_000))
    #expect(begun.map(\.since) == [at(0), at(2_800)])
    let report = TimelineReport(begun, since: at(0), now: at(8_000))
    #expect(report.intervals.map { $0.noticed(in: .en) } == [nil, "noticed 3.7 s later"])
    #expect(report.text(in: .en).contains(" (noticed 3.7 s later)\n"), "\(report.text(in: .en))")
    #expect(report.text(in: .de).contains(" (3,7 s später bemerkt)\n"))
    // What was seen as it began was not.
    timeline = AnswerTimeline()
    _ = timeline.look(diagnosis(.trading), at: at(0))
    _ = timeline.look(diagnosis(.broken, "stage_failed", since: at(200)), at: at(500))
    begun = timeline.look(diagnosis(.broken, "stage_failed", since: at(200)), at: at(1_500))
    #expect(begun.map(\.since) == [at(200)])
    #expect(begun.allSatisfy { $0.evidence.allSatisfy { $0.name != AnswerTimeline.noticedAfter } })
  }

  @Test("a report is cut to its span, and tells what of it each answer had")
  func report() {
    let answers = [
      Answer(since: at(0), verdict: .trading, summary: "", summaryDe: ""),
      Answer(
        since: at(60_000), verdict: .broken, layer: .marketData, reason: "silent_feed",
        summary: "the feed is silent",
        summaryDe: "der Feed schweigt"),
      Answer(since: at(90_000), verdict: .trading, summary: "", summaryDe: ""),
    ]
    let report = TimelineReport(answers, since: at(30_000), now: at(130_000))
    #expect(report.intervals.map(\.seconds) == [30, 30, 40])
    #expect(report.isTrading)
    let lines = report.text(in: .en).split(separator: "\n")
    #expect(lines.count == 5)
    #expect(
      lines[2].contains("BROKEN") && lines[2].contains("market_data") && lines[2].contains("silent_feed"))
    #expect(lines.last == "  trading 70.0 %, broken 30.0 %")
    #expect(report.text(in: .de).contains("GESTÖRT"))
    #expect(
      TimelineReport([], since: at(0), now: at(1)).text(in: .en) == "no answer has been kept for this time")
  }
}
