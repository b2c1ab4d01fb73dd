import CDBDomain
import Foundation
import GRDB

@testable import CDBGate
@testable import CDBPipeline

/// What came of a combination.
struct CombinationOutcome {
  var matrix = ConfusionMatrix()
  /// From a fault to the right answer, seconds, where no other was in front of it.
  var delays: [(kind: FaultKind, seconds: Double)] = []
  var failures: [String] = []
  var answers: [String] = []
  var fills = 0
  var reopenedByPerson = 0
}

/// Runs one combination in a world of its own, from the first opening of the gate to the last, and holds every answer
/// against what was so.
final class CombinationRun {
  private let combination: Combination
  private let world: SimulatedWorld
  private var truth = Truth()
  private var outcome = CombinationOutcome()
  private var row: Row?
  private var wrongSince: Double?
  private var phase: (expected: Set<Finding>, answered: Finding)?
  private var unnamed: [FaultKind: Double] = [:]
  private var said: Set<String> = []

  init(_ combination: Combination, directory: String) throws {
    self.combination = combination
    var configuration = try PipelineConfiguration.campaign()
    if combination.has(.limitBlocksAll) { configuration.risk.maximumExposure = Ratio(basisPoints: 500) }
    if combination.has(.missingAllocation) {
      configuration.account.startingCash = Money(mantissa: 100_00000000)
    }
    world = SimulatedWorld(
      directory: directory, settings: WorldSettings(seed: combination.seed, profile: .campaign),
      configuration: configuration)
  }

  private let isTracing = ProcessInfo.processInfo.environment["CAMPAIGN_TRACE"] != nil
  private func trace() {
    print(
      now, world.process?.machine.state.rawValue ?? "-", world.process?.timeline.current?.summary ?? "-",
      world.process?.frames ?? 0)
  }

  private var now: Double { world.clock.seconds }

  private func fail(_ text: String) {
    if said.insert(text).inserted { outcome.failures.append("at \(now) s: \(text)") }
  }

  func run() async throws -> CombinationOutcome {
    world.settings.observer = { [unowned self] in self.judge($0, $1, $2) }
    try await world.start()
    let inSettings = combination.faults.contains { $0.kind.isInSettings }
    if inSettings {
      for fault in combination.faults where fault.kind.isInSettings { note(fault) }
      try await world.run(seconds: 5)
    } else if try await !world.run(atMost: 60, until: { world.isOpen }) {
      fail("the gate has not opened in a market that nothing is wrong with")
    }
    let start = now
    var ahead = combination.faults.filter { !$0.kind.isInSettings }
    var during = combination.faults
    while !during.isEmpty {
      try await world.step()
      if isTracing { trace() }
      for fault in ahead where now >= start + fault.onset && isReady(for: fault.kind) {
        ahead.removeAll { $0 == fault }
        try begin(fault)
      }
      for fault in during where now >= start + fault.end && !ahead.contains(fault) && isReady(for: fault.kind)
      {
        during.removeAll { $0 == fault }
        try await end(fault)
      }
    }
    try await reopen()
    try await settle()
    return outcome
  }

  /// A person needs a process to speak to.
  private func isReady(for kind: FaultKind) -> Bool {
    kind != .stopForgotten || (world.process?.failure == nil && world.process?.hasRemembered == true)
  }

  // MARK: The faults

  private func note(_ fault: TimedFault) {
    truth.begin(fault.kind, at: now)
    // What is behind it cannot be named any more.
    unnamed = unnamed.filter { $0.key.rank < fault.kind.rank }
    guard !fault.kind.isFoundByCheck, fault.kind != .crash, !fault.kind.findings.isEmpty else { return }
    let others = truth.possible(at: now).filter { $0 != fault.kind }
    if others.allSatisfy({ $0.rank > fault.kind.rank }) { unnamed[fault.kind] = now }
  }

  private func begin(_ fault: TimedFault) throws {
    note(fault)
    switch fault.kind {
    case .feedCut: world.exchange.faults.isCut = true
    case .silentFeed: world.exchange.faults.isSilent = true
    case .frozenPrices: world.exchange.faults.isFrozen = true
    case .undecodableFrames: world.exchange.faults.isGarbled = true
    case .otherNames: world.exchange.faults.namesAreOthers = true
    case .skew: world.exchange.faults.skew = fault.amount
    case .clockForward, .clockBack: world.clock.jump(by: fault.amount * SimulatedClock.second)
    case .stall(let stage): world.faults.stalled.insert(stage)
    case .lostEvents(let stage): world.faults.losing = stage
    case .crash:
      unnamed = [:]
      try world.crash()
    case .storeLocked: world.faults.store = .locked
    case .storeFull: world.faults.store = .full
    case .storeTampered: row = try StoreInspection(path: world.storePath).removeNewestFill()
    case .stopForgotten: world.process?.handle(.stop(actor: "operator:campaign", reason: "a drill"))
    case .logPathDead: world.faults.logPathIsDead = true
    case .limitBlocksAll, .missingAllocation: break
    }
  }

  private func end(_ fault: TimedFault) async throws {
    switch fault.kind {
    case .feedCut: world.exchange.faults.isCut = false
    case .silentFeed: world.exchange.faults.isSilent = false
    case .frozenPrices: world.exchange.faults.isFrozen = false
    case .undecodableFrames: world.exchange.faults.isGarbled = false
    case .otherNames: world.exchange.faults.namesAreOthers = false
    case .skew: world.exchange.faults.skew = 0
    case .clockForward, .clockBack: break
    case .stall(let stage): world.faults.stalled.remove(stage)
    case .crash: try await restart()
    case .lostEvents:
      world.faults.losing = nil
      try world.crash()
      try await restart()
    case .limitBlocksAll, .missingAllocation:
      if world.process?.machine.state == .open { fail("the gate is open where no order has room") }
      world.configuration.risk.maximumExposure = Ratio(basisPoints: 4_000)
      if fault.kind == .missingAllocation {
        world.configuration.risk.orderNotional = Money(mantissa: 20_00000000)
      }
      try await world.end()
      try await restart()
    case .storeLocked, .storeFull: world.faults.store = .working
    case .storeTampered: if let row { try StoreInspection(path: world.storePath).put(back: row) }
    case .stopForgotten:
      if world.process?.machine.state != .stopped { fail("a stop has ended without a resume") }
      world.process?.handle(.resume(actor: "operator:campaign", justification: "the drill is over"))
    case .logPathDead: world.faults.logPathIsDead = false
    }
    truth.end(fault.kind, at: now)
    unnamed[fault.kind] = nil
  }

  private func restart() async throws {
    try await world.start()
    truth.started(at: now)
  }

  // MARK: Afterwards

  /// The gate opens again, by itself or by whom the policy wants.
  private func reopen() async throws {
    if world.process?.machine.awaitsPerson == .storeInconsistent {
      try await world.run(seconds: 30)
      if world.isOpen { fail("the gate has opened again without the person that it waits for") }
      outcome.reopenedByPerson += 1
      world.process?.open(actor: "operator:campaign", reason: "the row is back")
    }
    if try await !world.run(atMost: 120, until: { world.isOpen }) {
      let report = world.process?.report
      fail(
        "120 s after the last cure the gate is \(report.map { "\($0.state): \($0.reason), \($0.checks.filter { $0.outcome != .pass }.map { "\($0.check) \($0.reason)" })" } ?? "gone")"
      )
    }
    // What remains of the answers.
    try await world.run(seconds: 5)
  }

  /// The books balance, the store agrees with itself, and nothing was traded that should not have been.
  private func settle() async throws {
    if let process = world.process {
      if process.board.status().flow?.isBalanced != true { fail("the flow does not balance") }
      outcome.fills = process.board.status().account?.fills ?? 0
      let audit = try await process.store.audit(
        maximumSlippage: process.pipeline.options.configuration.exchange.maximumSlippage)
      for finding in audit.findings { fail("the store: \(finding.rule) \(finding.ids)") }
      let kept = try await process.store.answers(since: .distantPast, limit: 10_000)
      outcome.answers = kept.map { "\($0.verdict.rawValue) \(Finding($0.layer, $0.reason ?? "-"))" }
      let restarts = kept.count { $0.verdict == .restarting && $0.reason == "unplanned_restart" }
      if combination.has(.crash) {
        outcome.matrix.count(
          injected: "crash", answered: restarts > 0 ? "system/unplanned_restart" : "nothing")
        if restarts != 1 { fail("a crash was kept as \(restarts) unplanned restarts: \(outcome.answers)") }
      }
    }
    try await world.end()
    for order in try StoreInspection(path: world.storePath).ordersOutsideTheGate() { fail(order) }
    closePhase()
  }

  // MARK: What is answered

  private func judge(_ diagnosis: Diagnosis, _ begun: [Answer], _ process: SimulatedProcess) {
    let found = Finding(diagnosis.layer, diagnosis.reason ?? diagnosis.verdict.rawValue)
    for (kind, since) in unnamed where kind.findings.contains(found) {
      outcome.delays.append((kind, max(0, now - since)))
      unnamed[kind] = nil
    }
    let expected = truth.expected(at: now)
    if expected != phase?.expected { closePhase() }
    if !expected.isEmpty { phase = (expected, found) }
    guard !isRight(diagnosis, found, expected) else {
      wrongSince = nil
      return
    }
    let since = wrongSince ?? now
    wrongSince = since
    // What holds for less is passed over, as in what is kept of the answers.
    guard now - since >= Double(AnswerTimeline.settling) / 1e9 else { return }
    let wanted =
      expected.isEmpty ? "nothing of it" : expected.sorted().map(\.description).joined(separator: " or ")
    fail("\(diagnosis.verdict.rawValue) \(found) (\(diagnosis.summary)), where \(wanted) is so")
    if expected.isEmpty { outcome.matrix.count(injected: "nothing", answered: found.description) }
  }

  private func closePhase() {
    guard let (expected, answered) = phase else { return }
    // Something in front of it was named before it had to be, or a moment behind its cure.
    let earlier = Set(truth.remembered(at: now).filter { $0.findings.contains(answered) }.flatMap(\.findings))
    let row = expected.contains(answered) || earlier.isEmpty ? expected : earlier
    outcome.matrix.count(
      injected: row.sorted().map(\.description).joined(separator: "|"), answered: answered.description)
    phase = nil
  }

  /// Consequences that the gate's checks have found of what is broken elsewhere, or was until a moment ago.
  private static let consequences: Set<ReasonCode> = [
    .canaryLate, .probeLost, .probeRefused, .checkExpired, .checkUnavailable, .errorsLogged, .gateTripped,
    .gateClosed,
  ]

  private func isRight(_ diagnosis: Diagnosis, _ found: Finding, _ expected: Set<Finding>) -> Bool {
    let possible = truth.possible(at: now)
    if !expected.isEmpty {
      let first = truth.due(at: now).map(\.rank).min() ?? 0
      // Something in front of it that began, or ended, a moment ago.
      return expected.contains(found)
        || possible.contains { $0.rank <= first && $0.findings.contains(found) }
    }
    switch diagnosis.verdict {
    case .trading, .quiet, .starting: return true
    case .gated:
      let remembered = truth.remembered(at: now)
      if diagnosis.reason == ReasonCode.gateVerifying.code { return true }
      let reason = diagnosis.reason.flatMap(ReasonCode.init(code:)) ?? .none
      return remembered.contains { $0.gateReasons.contains(diagnosis.reason ?? "") }
        || (!remembered.isEmpty && Self.consequences.contains(reason))
    case .broken, .blocked, .stopped:
      return possible.contains { $0.findings.contains(found) } || isOldPrices(diagnosis)
    case .ended, .restarting, .notObserved: return false
    }
  }

  /// Prices that stood still are old for risk until each instrument that is held has moved again, and until the gate, which
  /// a probe found that out for, has looked once more.
  private func isOldPrices(_ diagnosis: Diagnosis) -> Bool {
    guard diagnosis.verdict == .blocked, diagnosis.reason == ReasonCode.staleData.code else { return false }
    return truth.possible(at: now - 7).contains { $0.findings.contains { $0.layer == .marketData } }
  }
}
