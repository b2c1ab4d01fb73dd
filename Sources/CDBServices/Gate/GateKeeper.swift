import CDBDomain
import CDBGate
import CDBPipeline
import Logging
import ServiceLifecycle
import ServiceRuntime

/// The gate of a running pipeline: feeds the state machine, carries out what it asks for, and says what came of
/// it. The logic is ``CDBGate/GateStateMachine``'s.
actor GateKeeper: Service {
  /// How often the state machine hears of time.
  static let interval = Duration.milliseconds(200)
  /// In effect and proved within this time, or the stop has failed. Nor does any other answer wait longer for the
  /// journal.
  static let stopDeadline = Duration.seconds(1)
  /// How much earlier than the clock a stop's time may be, nanoseconds.
  static let stopSlack: Int64 = 2_000_000_000

  var machine: GateStateMachine
  private var watch: GateWatch
  var incidents: IncidentRegister
  let evidence: EvidenceFolder
  private let board: PipelineBoard
  let controls: IntakeControls
  let store: any StoreView
  private let checks: GateChecks
  let gateBoard: GateBoard
  /// Whether the journal had records when this process took over, and the name of the process there.
  private let beginning: (continues: Bool, process: String?)
  /// While the store has not come to where this process took over.
  private var waitsForStore = false
  let logger: Logger
  private var pending: [GateCheck] = []
  /// Of incidents; to be kept as files.
  var sightings: [EvidenceFolder.Sighting] = []
  /// The number of the last command that was put into the input; nil where the input took it not.
  private(set) var lastCommand: UInt64?
  private let origin: (wall: EventTime, monotonic: UInt64)

  init(
    policy: GatePolicy, incidents: IncidentRegister, evidence: EvidenceFolder,
    thresholds: DiagnosisThresholds, board: PipelineBoard, controls: IntakeControls,
    store: any StoreView, checks: GateChecks, gateBoard: GateBoard,
    beginning: (continues: Bool, process: String?), logger: Logger
  ) {
    self.beginning = beginning
    self.incidents = incidents
    self.evidence = evidence
    let wall = ProcessClock.wall()
    origin = (wall, ProcessClock.monotonic())
    machine = GateStateMachine(policy: policy, observed: board.status().gate?.state ?? .closed, at: wall)
    self.gateBoard = gateBoard
    self.board = board
    self.controls = controls
    self.store = store
    self.checks = checks
    watch = GateWatch(policy: policy, thresholds: thresholds)
    self.logger = logger
  }

  func run() async throws {
    await remember()
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled, !Task.isShuttingDownGracefully {
        for check in beat() {
          group.addTask { [checks] in
            let verdict = await checks.run(check)
            await self.take(verdict)
          }
        }
        for sighting in takeSightings() { group.addTask { await self.keepEvidence(of: sighting) } }
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
      }
      group.cancelAll()
    }
  }

  /// Takes over what earlier processes left to a person, once the store has all of it: a run that goes on closes the
  /// gate behind everything that was journaled before.
  private func remember() async {
    gateBoard.update(report, watch.jump)
    guard beginning.continues else { return }
    waitsForStore = true
    defer { waitsForStore = false }
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      // While ws or db_writer is away this takes long, and whoever asks is told of now.
      gateBoard.update(report, watch.jump)
      let transitions = (try? await store.controls(["gate"], limit: 50)) ?? []
      let stops = (try? await store.controls(["stop", "resume"], limit: 1)) ?? []
      if machine.remember(
        transitions, stops: stops, begunAt: origin.wall, as: beginning.process)
      {
        waitsForStore = false
        return await rememberIncidents()
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(50)) }
    }
  }

  /// The gate's own time: it began with the clock and goes on evenly, so that a clock that jumps makes no pass
  /// older or younger.
  var now: EventTime {
    origin.wall.advanced(by: Int64(clamping: ProcessClock.monotonic() &- origin.monotonic))
  }

  /// Tells the machine what is, and takes the checks that it wants.
  private func beat() -> [GateCheck] {
    let status = board.status()
    let inputs = watch.look(at: status, wall: ProcessClock.wall(), monotonic: ProcessClock.monotonic())
    for input in inputs { carryOut(machine.handle(input, at: now)) }
    lookForIncidents(status)
    defer { pending = [] }
    return pending
  }

  private func takeSightings() -> [EvidenceFolder.Sighting] {
    defer { sightings = [] }
    return sightings
  }

  private func take(_ verdict: GateVerdict) {
    var verdict = verdict
    verdict.at = now
    carryOut(machine.handle(.verdict(verdict), at: now))
  }

  func carryOut(_ actions: [GateStateMachine.Action]) {
    for action in actions {
      switch action {
      case .check(let check): pending.append(check)
      case .submit(let control):
        lastCommand = controls.submit(control)
        if lastCommand == nil {
          // At the end of a run that is as it should be.
          logger.log(
            level: controls.isEnding ? .debug : .warning, "the input takes no commands any more",
            metadata: ["event.action": "\(control.name)"])
        }
        note(control)
      }
    }
    gateBoard.update(report, watch.jump)
  }

  private func note(_ control: Control) {
    switch control {
    case .gate(let change):
      logger.notice(
        "the gate is \(change.state.rawValue)",
        metadata: [
          "event.action": "gate", "cdb.gate_state": "\(change.state.rawValue)",
          "labels.actor": "\(change.actor)",
          "labels.reason": "\(change.reason)",
        ])
    case .verdict(let verdict):
      logger.log(
        level: verdict.outcome == .pass ? .info : .warning,
        "check \(verdict.check.rawValue): \(verdict.outcome.rawValue)",
        metadata: [
          "event.action": "gate_check", "event.outcome": verdict.outcome == .pass ? "success" : "failure",
          "event.reason": "\(verdict.reason.code)", "labels.check": "\(verdict.check.rawValue)",
        ])
    case .incident(let step): note(step)
    case .configure, .stop, .resume, .probe, .answer, .block: return
    }
  }

  // MARK: What is asked of it

  var report: GateReport {
    var report = GateReport(machine, at: now)
    if waitsForStore { report.waitsForStore = true }
    return report
  }

  private var isStopped: Bool {
    let status = board.status()
    return status.gate?.state == .stopped || status.account?.killSwitch != nil
  }

  func open(actor: String, reason: String) async throws -> GateChangeReport {
    try refuseWhileStopped()
    justify(actor: actor, reason: reason)
    return await ask(.open(actor: actor, reason: reason))
  }

  func close(actor: String, reason: String) async throws -> GateChangeReport {
    try refuseWhileStopped()
    return await ask(.close(actor: actor, reason: reason))
  }

  private func refuseWhileStopped() throws {
    guard machine.state == .stopped else { return }
    throw OperationError.conflict(
      "the emergency stop is in force (\(machine.change.reason)): first cdb resume --justification …")
  }

  func resume(actor: String, justification: String) async throws -> GateChangeReport {
    guard machine.state == .stopped || isStopped else { throw RunOperations.nothingToResume }
    return await ask(.resume(actor: actor, justification: justification))
  }

  /// Answers once the journal has what came of it: what an operator was told is done must outlive a crash.
  private func ask(_ input: GateStateMachine.Input) async -> GateChangeReport {
    let actions = machine.handle(input, at: now)
    carryOut(actions)
    let submitted = actions.contains { if case .submit = $0 { true } else { false } }
    guard submitted else { return GateChangeReport(gate: report, isJournaled: true) }
    guard let command = lastCommand else { return GateChangeReport(gate: report, isJournaled: false) }
    let isJournaled = await controls.journaled(command, within: Self.stopDeadline)
    return GateChangeReport(gate: report, isJournaled: isJournaled)
  }

  /// Stops, and proves it: an order sent down the pipe behind the stop must be refused.
  func stop(actor: String, reason: String) async -> StopReport {
    let clock = ContinuousClock()
    let start = clock.now
    carryOut(machine.handle(.stop(actor: actor, reason: reason), at: now))
    logger.notice(
      "emergency stop",
      metadata: ["event.action": "stop", "labels.actor": "\(actor)", "labels.reason": "\(reason)"])
    let began = ProcessClock.wall()
    var number: UInt64?
    var record: ProbeRecord?
    var readFailure: String?
    while clock.now < start + Self.stopDeadline, record?.isFinal != true, !Task.isCancelled {
      // Before the first prices there is nothing to probe with.
      if number == nil { number = try? await checks.sendProbe() }
      if let number {
        do {
          record = try await store.probe(number) ?? record
          readFailure = nil
        } catch {
          readFailure = "\(error)"
        }
      }
      if record?.isFinal != true { try? await Task.sleep(for: .milliseconds(10)) }
    }
    // Any other refusal would have come without the stop too.
    let proofs = [ReasonCode.killSwitch.code, ReasonCode.gateStopped.code]
    let refused = record.map { $0.isFinal && $0.fills == 0 && proofs.contains($0.refusal ?? "") } ?? false
    while !isStopped, clock.now < start + Self.stopDeadline { try? await Task.sleep(for: .milliseconds(10)) }
    let inForce = isStopped
    var hindrance: (by: StopReport.Hindrance, words: String)?
    if !refused {
      if inForce, record?.isFinal != true {
        hindrance = StopReport.hindrance(
          isSent: number != nil,
          isStored: readFailure == nil ? await isStored(actor: actor, reason: reason, after: began) : nil,
          readFailure: readFailure, writer: board.status().stage(.dbWriter))
      }
      var metadata: Logger.Metadata = ["event.reason": "\(ReasonCode.stopUnverified.code)"]
      if let hindrance { metadata["error.message"] = "\(hindrance.by.rawValue): \(hindrance.words)" }
      logger.error("after the stop no probe order was seen refused", metadata: metadata)
      // Whoever resumes must open by hand as well.
      carryOut(machine.handle(.condition(GateCondition(reason: .stopUnverified)), at: now))
    }
    return StopReport(
      accepted: true, inForce: inForce, verified: refused, refusedBy: record?.refusal,
      seconds: (clock.now - start) / .seconds(1),
      underway: board.isOfOtherProcesses && !inForce ? true : nil, hinderedBy: hindrance?.by,
      hindrance: hindrance?.words)
  }

  /// Whether the store has a stop that was given after an instant; nil where it cannot be read.
  private func isStored(actor: String, reason: String, after began: EventTime) async -> Bool? {
    guard let newest = try? await store.controls(["stop"], limit: 1) else { return nil }
    return newest.contains {
      // The journal's time may be a little behind the clock.
      guard case .stop(let words, let who) = $0.control, $0.time >= began.advanced(by: -Self.stopSlack)
      else { return false }
      return words == reason && who == actor
    }
  }
}

extension ProbeRecord {
  /// The reason that the probe was refused by; nil where it was not.
  var refusal: String? {
    if !approved { return reason }
    return results.last { $0.status == OrderStatus.rejected.code }?.reason
  }
}
