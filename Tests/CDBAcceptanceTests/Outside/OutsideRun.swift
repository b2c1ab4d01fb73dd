import Foundation
import Glibc

/// Carries one case out: a run that works, the fault, the answer, the cure, and the way back.
struct OutsideRun {
  let subject: OutsideCase
  private let clock = ContinuousClock()

  init(_ subject: OutsideCase) { self.subject = subject }

  /// How long a fault that is no reason for an alarm is watched.
  private static let watch = Duration.seconds(8)
  /// The verdicts that say that something is not as it should be.
  private static let alarms: Set<String> = ["broken", "blocked", "stopped"]
  /// How long an answer must stay once it is there.
  private static let settling = Duration.seconds(1)

  func carryOut() async -> OutsideOutcome {
    var outcome = OutsideOutcome(
      name: subject.description, expected: Self.text(subject.effect), answered: "-")
    do {
      try await withOutsideWorld(subject.options) { world in
        if !subject.options.environment.isEmpty { _ = try "+0".write(to: world.folder + "/offset") }
        try await world.startRun()
        _ = try await world.sees("the gate is open") { $0.isOpen }
        // A checkpoint, and a second segment of the journal: a run that has something to lose.
        _ = try await eventually("the run is under way") {
          let segments = try? world.segments()
          return (segments?.count ?? 0) >= 2 && !((try? world.checkpointFiles()) ?? []).isEmpty ? () : nil
        }
        for fault in subject.faults { try await fault.inject(world) }
        let injected = clock.now
        try await answer(world, since: injected, &outcome)
        for fault in subject.faults.reversed() { try await fault.cure(world) }
        try await wayBack(world, &outcome)
        await end(world, &outcome)
      }
    } catch {
      outcome.failures.append("\(error)")
    }
    return outcome
  }

  // MARK: The answer

  private func answer(
    _ world: OutsideWorld, since injected: ContinuousClock.Instant, _ outcome: inout OutsideOutcome
  ) async throws {
    switch subject.effect {
    case .named(let layer, let reasons):
      try await named(world, layer, reasons, since: injected, &outcome)
      guard !outcome.trapped else { return }
      await command(world, layer, reasons, &outcome)
    case .unnoticed: try await unnoticed(world, &outcome)
    case .unanswered:
      try await unanswered(world, &outcome)
    case .refusal(let words):
      guard let run = await world.run else { return }
      let exit = try await run.exit()
      outcome.delay = clock.now - injected
      let told = run.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
      outcome.answered =
        exit == .code(2) && told.contains { $0.contains(words) } ? outcome.expected : "\(exit)"
      if outcome.answered != outcome.expected || told.count != 1 {
        outcome.failures.append("it ended with \(exit) and says: \(told)")
      }
    }
  }

  /// Looks until the right answer has come and stayed. Whatever is called broken on the way must be one of the faults.
  private func named(
    _ world: OutsideWorld, _ layer: String, _ reasons: Set<String>, since injected: ContinuousClock.Instant,
    _ outcome: inout OutsideOutcome
  ) async throws {
    var rightSince: ContinuousClock.Instant?
    let watch = PromiseWatch()
    var strays: Set<String> = []
    while true {
      let look = await world.look()
      let now = clock.now
      guard case .answer(let answer) = look else {
        if await hasTrapped(world) {
          outcome.trapped = true
          outcome.answered = "an end by a trap"
          return
        }
        if case .nothing(let words) = look { outcome.answered = "nothing: \(words)" }
        if watch.elapsed > subject.limit { break }
        try await clock.sleep(for: .milliseconds(50))
        continue
      }
      outcome.answered = Self.text(answer)
      let isNamed =
        answer.layer == layer && reasons.contains(answer.reason ?? "")
        || subject.also.contains { $0.layer == answer.layer && $0.reasons.contains(answer.reason ?? "") }
      let isRight =
        isNamed
        && (subject.isCauseKnown == nil || answer.cause_known == nil
          || answer.cause_known == subject.isCauseKnown)
      if isRight {
        rightSince = rightSince ?? now
        if outcome.delay == nil { outcome.delay = now - injected }
        if let rightSince, now - rightSince >= Self.settling {
          if answer.isOpen, subject.canShut { outcome.failures.append("the gate is open") }
          if answer.trading { outcome.failures.append("it says that it trades") }
          break
        }
      } else {
        rightSince = nil
        outcome.delay = nil
        let isPartial = subject.partial.contains {
          $0.layer == answer.layer && $0.reasons.contains(answer.reason ?? "")
        }
        if Self.alarms.contains(answer.verdict), !isPartial {
          strays.insert(Self.text(answer))
        }
        if watch.elapsed > subject.limit {
          outcome.failures.append("after \(subject.limit): \(Self.text(answer)): \(answer.summary)")
          break
        }
      }
      try await clock.sleep(for: .milliseconds(50))
    }
    if outcome.delay == nil, outcome.failures.isEmpty {
      outcome.failures.append("after \(subject.limit): \(outcome.answered)")
    }
    for stray in strays.sorted() { outcome.failures.append("on the way it said \(stray)") }
  }

  /// Nothing may be answered that is not so; a process that is held up as a whole says nothing at all.
  private func unanswered(_ world: OutsideWorld, _ outcome: inout OutsideOutcome) async throws {
    outcome.answered = outcome.expected
    let end = clock.now + (subject.also.isEmpty ? .seconds(7) : subject.limit)
    while clock.now < end {
      if case .answer(let answer) = await world.look() {
        // One that only gets too little of something may say so, and nothing is said against before it shows.
        let isRight =
          subject.also.contains { $0.layer == answer.layer && $0.reasons.contains(answer.reason ?? "") }
          || !subject.also.isEmpty && !Self.alarms.contains(answer.verdict)
        if !isRight {
          outcome.failures.append("it answers: \(answer.summary)")
          outcome.answered = Self.text(answer)
          break
        }
      }
      try await clock.sleep(for: .milliseconds(100))
    }
    let finished = try await world.why()
    outcome.command = nil
    let answer = try? finished.json(as: OutsideAnswer.self)
    guard finished.exit != .code(3), !subject.also.contains(where: { $0.layer == answer?.layer }) else {
      return
    }
    outcome.failures.append("cdb why ended with \(finished.exit)")
  }

  /// Whether the process ended by a trap, of a fault that may bring that about.
  private func hasTrapped(_ world: OutsideWorld) async -> Bool {
    guard subject.mayTrap else { return false }
    return await world.run?.exit == .signal(SIGILL)
  }

  /// The same in a process of its own, as a person asks.
  private func command(
    _ world: OutsideWorld, _ layer: String, _ reasons: Set<String>, _ outcome: inout OutsideOutcome
  ) async {
    do {
      let finished = try await world.why()
      outcome.command = finished.took
      let answer = try finished.json(as: OutsideAnswer.self)
      if finished.exit != .code(1) { outcome.failures.append("cdb why ended with \(finished.exit)") }
      if outcome.failures.isEmpty, answer.layer != layer,
        !subject.also.contains(where: { $0.layer == answer.layer })
      {
        outcome.failures.append("cdb why says \(Self.text(answer))")
      }
    } catch {
      outcome.trapped = await hasTrapped(world)
      if !outcome.trapped { outcome.failures.append("cdb why: \(error)") }
    }
  }

  private func unnoticed(_ world: OutsideWorld, _ outcome: inout OutsideOutcome) async throws {
    outcome.answered = outcome.expected
    let end = clock.now + Self.watch
    // Since nothing answers.
    var silence: PromiseWatch?
    while clock.now < end {
      switch await world.look() {
      case .answer(let answer):
        silence = nil
        guard ["trading", "quiet", "starting"].contains(answer.verdict), answer.isOpen else {
          // That a limit refuses the next order is how limits work.
          if answer.verdict == "blocked", answer.isOpen { break }
          outcome.answered = Self.text(answer)
          outcome.failures.append("a false alarm: \(Self.text(answer)): \(answer.summary)")
          return
        }
      case .nothing(let words):
        let watch = silence ?? PromiseWatch()
        silence = watch
        // A look waits two seconds: what has answered none of several on a machine that has the time does not answer.
        guard watch.elapsed > .seconds(2) else { break }
        outcome.answered = "nothing"
        outcome.failures.append("nothing answers: \(words)")
        return
      }
      try await clock.sleep(for: .milliseconds(100))
    }
  }

  // MARK: The way back

  private func wayBack(_ world: OutsideWorld, _ outcome: inout OutsideOutcome) async throws {
    let cured = clock.now
    // Where the damage was met by a write first, it was no finding of a check, and no person is needed.
    if subject.wayBack == .byPerson, outcome.answered.hasSuffix("store_inconsistent") {
      let answer = try await world.sees("the gate waits or is open") {
        $0.isOpen || $0.gate?.awaits_person != nil
      }
      if answer.isOpen { outcome.failures.append("the gate opened by itself") }
      let finished = try await CDB.run(
        [
          "gate", "open", "--justification", "the store was built again", "--listen",
          "\(world.host):\(world.port)",
          "--data-dir", world.data,
        ], in: world.folder)
      if finished.exit == .code(2) || finished.exit == .code(3) {
        outcome.failures.append("gate open: \(finished.errors.suffix(200))")
      }
    }
    _ = try await world.sees("the gate is open again") { $0.isOpen }
    outcome.wayBack = clock.now - cured
    if case .unanswered(let later) = subject.effect { try await told(world, later, &outcome) }
  }

  /// What nobody could ask for is in the answers over time.
  private func told(_ world: OutsideWorld, _ reason: String, _ outcome: inout OutsideOutcome) async throws {
    var last = ""
    do {
      _ = try await eventually(
        "the answers over time tell of \(reason)", every: .milliseconds(300)
      ) {
        last = try await world.why(["--json", "--since", "1h"]).output
        return last.contains("\"\(reason)\"").found
      }
    } catch {
      outcome.answered = "not told"
      outcome.failures.append("the answers over time do not tell of \(reason): \(last.suffix(600))")
    }
  }

  private func end(_ world: OutsideWorld, _ outcome: inout OutsideOutcome) async {
    let exit = await world.stopRun()
    if exit != .code(0) {
      outcome.failures.append("at the end it ended with \(exit.map { "\($0)" } ?? "a kill")")
    }
    do {
      let lines = try await world.acceptedOutsideTheGate()
      outcome.accepted = lines.last.flatMap { Int($0.dropFirst("seen ".count)) } ?? 0
      for line in lines.dropLast() {
        outcome.failures.append("accepted while the gate was not open: \(line)")
      }
    } catch {
      outcome.failures.append("the store cannot be read: \(error)")
    }
  }

  // MARK: Words

  static func text(_ answer: OutsideAnswer) -> String {
    guard let layer = answer.layer else { return "\(answer.verdict) \(answer.reason ?? "")" }
    return "\(layer) \(answer.reason ?? answer.verdict)"
  }

  static func text(_ effect: OutsideFault.Effect) -> String {
    switch effect {
    case .named(let layer, let reasons): "\(layer) \(reasons.sorted().joined(separator: "|"))"
    case .unnoticed: "no alarm"
    case .unanswered(let later): "no answer, then \(later)"
    case .refusal: "no start"
    }
  }
}
