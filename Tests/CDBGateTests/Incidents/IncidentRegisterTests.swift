import CDBDomain
import Testing

@testable import CDBGate

/// Lets time pass over a register.
private struct Passing {
  var register = IncidentRegister()
  var now = Situation.start
  var steps: [IncidentEvent] = []

  mutating func pass(_ seconds: Double, _ findings: [Finding] = [], gate: GateState = .tripped) {
    let end = now.advanced(by: Int64(seconds * 1e9))
    while now < end {
      now = min(end, now.advanced(by: 500_000_000))
      steps += register.look(findings, gate: gate, at: now)
    }
  }

  var taken: [IncidentEvent.Step] { steps.map(\.step) }
}

private func finding(
  _ reason: String = "silent_feed", _ layer: Layer = .marketData, _ severity: IncidentSeverity = .notice,
  isCauseKnown: Bool = true, holdsGate: Bool = true
) -> Finding {
  Finding(
    severity: severity, layer: layer, reason: reason, isCauseKnown: isCauseKnown, holdsGate: holdsGate,
    summary: "words", summaryDe: "Worte", evidence: [Evidence("frames", "7")])
}

@Suite("Incidents")
struct IncidentRegisterTests {
  @Test("an interruption is opened after a second, ends with its cause, and closes itself a minute later")
  func interruption() throws {
    var run = Passing()
    run.pass(0.5, [finding()])
    #expect(run.steps.isEmpty)
    run.pass(10, [finding()])
    #expect(run.taken == [.opened])
    #expect(run.steps[0].at == Situation.start.advanced(by: 500_000_000))
    #expect(run.steps[0].evidence == [Evidence("frames", "7")])
    run.pass(59)
    #expect(run.taken == [.opened, .ended])
    run.pass(5)
    #expect(run.taken == [.opened, .ended, .closed])
    #expect(run.register.holding == nil)
    let incident = try #require(run.register[1])
    #expect(incident.state == .closed && incident.history.map(\.actor) == ["policy", "policy", "policy"])
  }

  @Test("what flickers for less than a second is none")
  func flicker() {
    var run = Passing()
    for _ in 0..<20 {
      run.pass(0.5, [finding()])
      run.pass(0.5)
    }
    #expect(run.steps.isEmpty)
  }

  @Test("what comes back within the minute is the same one, and what comes later another")
  func recurrence() {
    var run = Passing()
    run.pass(3, [finding()])
    run.pass(30)
    run.pass(3, [finding()])
    run.pass(70)
    run.pass(3, [finding()])
    #expect(run.taken == [.opened, .ended, .recurred, .ended, .closed, .opened])
    #expect(run.register[1]?.occurrences == 2)
    #expect(run.register.incidents.map(\.number) == [1, 2])
    #expect(run.register.opened == [.init(layer: .marketData, reason: "silent_feed"): 2])
  }

  @Test("an interruption of an unknown cause waits until a person has seen it, and holds nothing")
  func unknownCause() throws {
    var run = Passing()
    run.pass(5, [finding("stage_stalled", .execution, isCauseKnown: false)])
    run.pass(3_600)
    #expect(run.taken == [.opened, .ended])
    #expect(run.register.holding == nil)
    _ = try run.register.acknowledge(1, actor: "operator", words: nil, at: run.now)
    run.pass(1)
    #expect(run.taken == [.opened, .ended, .closed])
  }

  @Test("what lasts becomes worse, hour by hour, and needs a person from the warning on")
  func escalation() {
    var run = Passing()
    run.pass(14_300, [finding()])
    #expect(run.taken == [.opened] && run.register.holding == nil)
    run.pass(200, [finding()])
    #expect(run.steps.compactMap(\.severity) == [.notice, .warning])
    #expect(run.register.holding?.number == 1)
    run.pass(86_400, [finding()])
    #expect(run.steps.compactMap(\.severity) == [.notice, .warning, .high, .critical])
  }

  @Test("one that needs a person: acknowledged, root cause written, verified by five checks, closed")
  func life() throws {
    var run = Passing()
    let lost = finding("flow_imbalance", .system, .high)
    run.pass(5, [lost])
    #expect(run.register.holding?.number == 1)
    _ = try run.register.acknowledge(1, actor: "operator:a", words: "seen", at: run.now)
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.acknowledge(1, actor: "operator:a", words: nil, at: run.now)
    }
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.close(1, actor: "operator:a", words: nil, at: run.now)
    }
    run.pass(70)
    // It is over; that changes nothing.
    #expect(run.register[1]?.state == .acknowledged && run.register.holding != nil)
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.close(1, actor: "operator:a", words: nil, at: run.now)
    }
    _ = try run.register.writeRootCause(1, actor: "operator:a", text: "a cable", at: run.now)
    #expect(run.register.holding == nil)
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.close(1, actor: "operator:a", words: nil, at: run.now)
    }
    run.pass(5, gate: .verifying)
    #expect(run.register[1]?.state == .rootCauseWritten)
    run.pass(1, gate: .open)
    #expect(run.register[1]?.state == .verified)
    _ = try run.register.close(1, actor: "operator:a", words: "done", at: run.now)
    #expect(run.register[1]?.state == .closed && run.register[1]?.rootCause == "a cable")
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.writeRootCause(1, actor: "operator:a", text: "another", at: run.now)
    }
    #expect(throws: IncidentRegister.Refusal.self) {
      _ = try run.register.acknowledge(2, actor: "operator:a", words: nil, at: run.now)
    }
  }

  @Test("a root cause that did not end it is no root cause")
  func wrongCause() throws {
    var run = Passing()
    let wrong = finding("store_inconsistent", .database, .high)
    run.pass(3, [wrong])
    _ = try run.register.writeRootCause(1, actor: "operator", text: "a guess", at: run.now)
    run.pass(5)
    run.pass(5, [wrong])
    #expect(run.register[1]?.state == .acknowledged)
    #expect(run.register.holding?.number == 1)
  }

  @Test("who opens the gate and says why has written down the cause of all that held it")
  func justified() {
    var run = Passing()
    run.pass(3, [finding("flow_imbalance", .system, .high), finding("probe_lost", .execution)])
    let steps = run.register.justify(actor: "operator", text: "the disk was full", at: run.now)
    #expect(steps.map(\.incident) == [1] && steps.map(\.step) == [.rootCause])
    #expect(run.register.holding == nil)
  }

  @Test("nothing traded for hours is one incident, explained once, however long it goes on")
  func idle() throws {
    var run = Passing()
    var idle = finding("zero_activity", .signal, .warning)
    idle.isSecondary = true
    // What else is found is likely its cause.
    run.pass(5, [finding(), idle])
    #expect(run.register.incidents.map(\.reason) == ["silent_feed"])
    run.pass(5, [idle])
    #expect(run.register.incidents.map(\.reason) == ["silent_feed", "zero_activity"])
    _ = try run.register.writeRootCause(2, actor: "operator", text: "a holiday", at: run.now)
    run.pass(60, [idle, finding("frozen_prices")], gate: .tripped)
    run.pass(60, [idle], gate: .open)
    #expect(run.register.holding == nil && run.register[2]?.state == .rootCauseWritten)
    run.pass(5, gate: .open)
    #expect(run.register[2]?.state == .verified)
  }

  @Test("a quiet day needs a person's words, and does not keep the gate shut")
  func quietDay() {
    var run = Passing()
    run.pass(3, [finding("zero_activity", .signal, .warning, holdsGate: false)], gate: .open)
    #expect(run.register[1]?.awaitsRootCause == true)
    #expect(run.register.holding == nil)
  }

  @Test(
    "from its steps alone the register is made again, whatever happened, and goes on from there",
    arguments: 1...(Soak.isOn ? 20 : 8))
  func rebuilt(seed: Int) throws {
    var random = Generator(state: UInt64(seed))
    var run = Passing()
    let causes = [
      finding(), finding("flow_imbalance", .system, .high),
      finding("stage_stalled", .risk, isCauseKnown: false),
      finding("no_fill", .execution),
    ]
    var all: [IncidentEvent] = []
    for _ in 0..<60 {
      run.steps = []
      let present = causes.filter { _ in Bool.random(using: &random) }
      let gate: GateState = present.isEmpty && Bool.random(using: &random) ? .open : .tripped
      run.pass(Double.random(in: 0.5...90, using: &random), present, gate: gate)
      all += run.steps
      guard let some = run.register.incidents.randomElement(using: &random) else { continue }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: try? all.append(run.register.acknowledge(some.number, actor: "a", words: nil, at: run.now))
      case 1: try? all.append(run.register.writeRootCause(some.number, actor: "a", text: "t", at: run.now))
      case 2: try? all.append(run.register.close(some.number, actor: "a", words: nil, at: run.now))
      default: all += run.register.justify(actor: "a", text: "t", at: run.now)
      }
    }
    #expect(!all.isEmpty)
    var again = IncidentRegister()
    again.remember(all, at: run.now)
    #expect(again.incidents == run.register.incidents)
    #expect(again.opened == run.register.opened)
    #expect(again.holding == run.register.holding)
    // A new process that finds nothing wrong ends what was there; one that finds it again says nothing new.
    var clean = Passing(register: again, now: run.now)
    clean.pass(3)
    #expect(clean.register.incidents.allSatisfy { $0.state == .closed || $0.endedNs != nil })
    // An incident is never closed while its cause is there, nor, from a warning on, without a root cause in writing.
    for incident in run.register.incidents where incident.state == .closed {
      #expect(incident.endedNs != nil)
      #expect(!incident.needsPerson || incident.rootCause != nil)
    }
  }

  @Test("of closed ones the newest two hundred are kept, and all are counted")
  func bounded() {
    var run = Passing()
    for _ in 0..<250 {
      run.pass(3, [finding()])
      run.pass(70)
    }
    #expect(run.register.incidents.count == IncidentRegister.closedKept)
    #expect(run.register.incidents.last?.number == 250)
    #expect(run.register.opened.values.reduce(0, +) == 250)
  }
}
