import CDBDomain

@testable import CDBGate
@testable import CDBPipeline

/// A check that is being carried out.
struct RunningCheck {
  enum Measurement {
    case log
    case crossing(BarrierCrossing)
    case proof(LayerProof)
    case comparison(ConsistencyComparison)
    case probe(UInt64)
  }

  var check: GateCheck
  /// When it began, nanoseconds of the world's time.
  var began: Int64
  var measurement: Measurement
}

// Whoever looks: the gate, its checks, and the answers.
extension SimulatedProcess {
  /// The gate's own time, which no clock that jumps can change.
  private var now: EventTime {
    origin.wall.advanced(by: Int64(clamping: clock.monotonic &- origin.monotonic))
  }

  var report: GateReport { GateReport(machine, at: now) }

  /// What `cdb why` says now.
  func diagnosis() -> Diagnosis {
    var found = Diagnostician(
      board.status(), at: clock.wall, gate: report, clock: watch.jump, thresholds: settings.thresholds
    ).diagnose()
    found.zeroActivity = activity.report
    return found
  }

  func beat(_ faults: WorldFaults) async throws {
    guard try await remember() else { return }
    let inputs = watch.look(at: board.status(), wall: clock.wall, monotonic: clock.monotonic)
    for input in inputs { handle(input) }
    lookForIncidents()
    guard let verdict = try await measure(faults) else { return }
    check = nil
    var timed = verdict
    timed.at = now
    handle(.verdict(timed))
  }

  private func remember() async throws -> Bool {
    if hasRemembered { return true }
    hasRemembered = machine.remember(
      try await store.controls(["gate"], limit: 50),
      stops: try await store.controls(["stop", "resume"], limit: 1),
      begunAt: origin.wall)
    guard hasRemembered else { return false }
    let steps = try await store.controls(["incident"], limit: 50_000).reversed().compactMap { record in
      if case .incident(let step) = record.control { step } else { nil as IncidentEvent? }
    }
    incidents.remember(steps, at: now)
    hold()
    return true
  }

  private func lookForIncidents() {
    let findings = CDBGate.Finding.all(in: diagnosis(), policy: machine.policy)
    for step in incidents.look(findings, gate: machine.state, at: now) { submit(step) }
    hold()
  }

  private func hold() {
    guard incidents.holding != nil, machine.awaitsPerson == nil else { return }
    handle(.hold(.incidentOpen))
  }

  private func submit(_ step: IncidentEvent) { _ = pipeline.controls.submit(.incident(step)) }

  /// Somebody opens the gate and says why.
  func open(actor: String, reason: String) {
    for step in incidents.justify(actor: actor, text: reason, at: now) { submit(step) }
    handle(.open(actor: actor, reason: reason))
  }

  func handle(_ input: GateStateMachine.Input) {
    for action in machine.handle(input, at: now) {
      switch action {
      case .submit(let control): _ = pipeline.controls.submit(control)
      case .check(let wanted): begin(wanted)
      }
    }
  }

  private func begin(_ wanted: GateCheck) {
    let status = board.status()
    func running(_ measurement: RunningCheck.Measurement) -> RunningCheck {
      RunningCheck(check: wanted, began: clock.elapsed, measurement: measurement)
    }
    switch wanted {
    case .logs: check = running(.log)
    case .eventFlow:
      check = running(.crossing(BarrierCrossing(status, at: clock.wall)))
      pipeline.controls.requestBarrier()
    case .riskLayer: check = sendProbe(status) == nil ? nil : running(.proof(LayerProof(status)))
    case .dbConsistency: check = running(.comparison(ConsistencyComparison()))
    case .smoke: check = sendProbe(status).map { running(.probe($0)) }
    }
    if check == nil { handle(.verdict(GateJudgement.unprobed(wanted, at: now))) }
  }

  private func sendProbe(_ status: PipelineStatus) -> UInt64? {
    probes += 1
    guard let instrument = GateJudgement.probed(probes, in: status.account),
      pipeline.controls.submit(.probe(number: probes, instrument: instrument)) != nil
    else { return nil }
    return probes
  }

  /// A look at what the check waits for.
  private func measure(_ faults: WorldFaults) async throws -> GateVerdict? {
    guard let check else { return nil }
    let elapsed = Double(clock.elapsed - check.began) / 1e9
    switch check.measurement {
    case .log:
      guard faults.logPathIsDead else { return GateJudgement.logs(log.look(arrived: elapsed), at: now) }
      guard elapsed >= 2 else { return nil }
      return GateJudgement.logs(log.look(arrived: nil), at: now)
    case .crossing(let crossing): return crossing.verdict(board.status(), seconds: elapsed, at: now)
    case .proof(let proof): return proof.verdict(board.status(), seconds: elapsed, at: now)
    case .comparison(var comparison):
      let audit = try await store.audit(
        maximumSlippage: pipeline.options.configuration.exchange.maximumSlippage)
      let status = board.status()
      let verdict = comparison.verdict(
        audit, before: status.account, status: status, seconds: elapsed, at: now)
      self.check?.measurement = .comparison(comparison)
      return verdict
    case .probe(let number):
      let record = try await store.probe(number)
      guard record?.isFinal == true || elapsed >= GateJudgement.patience else { return nil }
      return GateJudgement.smoke(record, seconds: elapsed, source: "store", at: now)
    }
  }

  /// Asks *why*, and keeps the answer where it is another one.
  func look() {
    let found = diagnosis()
    _ = activity.look(
      ZeroActivity.counts(of: board.status().tally), isAlive: found.isMarketAlive,
      isQuiet: found.isMarketQuiet, monotonic: clock.monotonic)
    let begun = timeline.look(found, at: clock.wall)
    unsent += begun
    while let first = unsent.first, pipeline.controls.submit(.answer(first)) != nil { unsent.removeFirst() }
    settings.observer(found, begun, self)
  }
}
