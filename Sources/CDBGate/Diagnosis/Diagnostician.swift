import CDBDomain
import CDBPipeline

/// When silence and idleness count. Seconds.
public struct DiagnosisThresholds: Sendable, Hashable {
  /// Without a frame from which on a feed counts as silent.
  public var silentFeed = 5.0
  /// With frames and without a price that moves, from which on prices count as frozen. Live feeds only.
  public var frozenPrices = 8.0
  /// After the start in which no answer is expected.
  public var startUp = 5.0
  /// Since the last fill within which the pipeline counts as trading.
  public var recentFill = 3_600.0
  /// Refusals in a row from which on a pipeline that has traded before counts as blocked.
  public var refusalsInARow: UInt64 = 3
  /// How far event time may be ahead of the clock.
  public var timeAhead = 2.0
  /// How long every signal may be refused before that is zero activity.
  public var zeroActivity = 3_600.0
  public init() {}
}

/// Walks the layers of a pipeline's status and names the first that broke. Pure: the same status and instant
/// give the same answer.
public struct Diagnostician: Sendable {
  let status: PipelineStatus
  let now: EventTime
  let thresholds: DiagnosisThresholds
  let gate: GateReport?
  let clock: ClockMonitor.Jump?

  /// - Parameters:
  ///   - gate: nil where nothing guards the pipeline.
  ///   - clock: a jump of the wall clock that still counts.
  public init(
    _ status: PipelineStatus, at now: EventTime, gate: GateReport? = nil, clock: ClockMonitor.Jump? = nil,
    thresholds: DiagnosisThresholds = DiagnosisThresholds()
  ) {
    self.status = status
    self.now = now
    self.gate = gate
    self.clock = clock
    self.thresholds = thresholds
  }

  /// The answer.
  public func diagnose() -> Diagnosis {
    broken() ?? ended() ?? stopped() ?? gated() ?? signal() ?? risk() ?? execution() ?? trading()
  }

  /// What keeps a layer from its work, whatever the gate says; nil where nothing does.
  public func broken() -> Diagnosis? { system() ?? marketData() ?? stalled() }

  /// What must trip the gate now: a layer that does not do its work, or a market that lives while everything is
  /// refused for too long, which is zero activity however healthy the stages are.
  public func condition() -> ReasonCode? {
    if let broken = broken() { return broken.reason.flatMap(ReasonCode.init(code:)) ?? .stageFailed }
    guard let blocked = risk(), let since = blocked.sinceNs,
      age(of: EventTime(nanoseconds: since)) >= thresholds.zeroActivity
    else { return nil }
    return .zeroActivity
  }

  // MARK: The layers, in order

  private func system() -> Diagnosis? {
    for stage in status.stages {
      guard let failure = stage.failure else { continue }
      return answer(
        .broken, en: "\(stage.stage.rawValue) does not work: \(failure)",
        de: "\(stage.stage.rawValue) arbeitet nicht: \(failure)", layer: stage.stage.layer,
        reason: .stageFailed, since: stage.lastEventWall)
    }
    if let flow = status.flow, let imbalance = flow.imbalances.first {
      return answer(
        .broken, en: "the flow does not balance: \(imbalance)",
        de: "der Ereignisfluss geht nicht auf: \(imbalance)", layer: .system, reason: .flowImbalance,
        evidence: [Evidence("barrier", "\(flow.barrier)")])
    }
    return clockTrouble()
  }

  private func clockTrouble() -> Diagnosis? {
    if let clock {
      return answer(
        .broken, en: "the clock jumped by \(Self.rounded(clock.seconds)) s",
        de: "die Uhr ist um \(Self.rounded(clock.seconds)) s gesprungen", layer: .system, reason: .clockJump,
        since: clock.at,
        evidence: [Evidence("jump_seconds", Self.rounded(clock.seconds), ageSeconds: age(of: clock.at))])
    }
    guard status.feed.isLive, let time = status.stages.compactMap(\.lastEventTime).max() else { return nil }
    let ahead = Double(time.nanoseconds &- now.nanoseconds) / 1e9
    guard ahead >= thresholds.timeAhead else { return nil }
    return answer(
      .broken,
      en: "the clock is \(Self.rounded(ahead)) s behind what was journaled; time stands still until then",
      de: "die Uhr geht \(Self.rounded(ahead)) s hinter dem Journal; bis dahin steht die Zeit",
      layer: .system, reason: .clockJump, evidence: [Evidence("seconds_behind", Self.rounded(ahead))])
  }

  private func marketData() -> Diagnosis? {
    guard let ws = status.stage(.ws) else { return nil }
    if let failure = status.feed.failure {
      return answer(
        .broken, en: "no market data: \(failure)", de: "keine Marktdaten: \(failure)", layer: .marketData,
        reason: .feedFailed, since: status.feed.lastFrameWall)
    }
    return undecodable(ws) ?? silent() ?? frozen()
  }

  private func undecodable(_ ws: StageStatus) -> Diagnosis? {
    let decoded = ws.sinceStart.emittedByKind
    let events = decoded[.trade] + decoded[.quote] + decoded[.book] + decoded[.kline]
    guard
      ws.health == .failed || ws.health == .degraded
        || (ws.sinceStart.dropped.total > 0 && events == 0)
    else { return nil }
    let worst = ws.sinceStart.dropped.byReason.max { $0.count < $1.count }
    return answer(
      .broken,
      en: "frames arrive and \(events == 0 ? "none" : "too few") become market data: "
        + (worst?.reason.explanation(in: .en) ?? "unknown"),
      de: "es kommen Daten an, und \(events == 0 ? "keine" : "zu wenige") davon werden Marktdaten: "
        + (worst?.reason.explanation(in: .de) ?? "unbekannt"),
      layer: .marketData, reasonCode: worst?.reason.code ?? ws.health.rawValue, since: ws.lastEventWall,
      evidence: [
        Evidence("frames", "\(status.feed.frames)"),
        Evidence("frames_dropped", "\(ws.sinceStart.dropped.total)"),
      ])
  }

  private func silent() -> Diagnosis? {
    if !status.feed.isConnected, status.feed.frames > 0, !status.feed.isLive { return nil }
    guard let last = status.feed.lastFrameWall else {
      guard age(of: status.startedAt) >= thresholds.silentFeed else { return nil }
      return answer(
        .broken, en: "the feed has delivered nothing", de: "der Feed hat nichts geliefert",
        layer: .marketData,
        reason: .silentFeed, since: status.startedAt)
    }
    guard age(of: last) >= thresholds.silentFeed else { return nil }
    return answer(
      .broken, en: "the feed is silent", de: "der Feed schweigt", layer: .marketData, reason: .silentFeed,
      since: last, evidence: [Evidence("frames", "\(status.feed.frames)", ageSeconds: age(of: last))])
  }

  private func frozen() -> Diagnosis? {
    guard status.feed.isLive, let moved = status.feed.lastMoveWall, age(of: moved) >= thresholds.frozenPrices
    else { return nil }
    return answer(
      .broken, en: "frames come and no price moves", de: "es kommen Daten, aber kein Preis bewegt sich",
      layer: .marketData, reason: .frozenPrices, since: moved,
      evidence: [
        Evidence("last_price_move", "any instrument", ageSeconds: age(of: moved)),
        Evidence("frames", "\(status.feed.frames)", ageSeconds: status.feed.lastFrameWall.map(age)),
      ])
  }

  private func stalled() -> Diagnosis? {
    for stage in status.stages where stage.health == .stalled {
      return answer(
        .broken, en: "\(stage.stage.rawValue) has input and does not work on it",
        de: "\(stage.stage.rawValue) hat Eingaben und arbeitet nicht daran", layer: stage.stage.layer,
        reason: .stageStalled, since: stage.lastEventWall,
        evidence: [Evidence("waiting_events", "\(UInt64(stage.backlog) + stage.inFlight)")])
    }
    return nil
  }

  private func ended() -> Diagnosis? {
    guard !status.feed.isConnected, status.feed.frames > 0, !status.feed.isLive else {
      return status.feed.frames == 0 ? starting() : nil
    }
    return answer(
      .ended, en: "the input has ended", de: "die Eingabe ist zu Ende", since: status.feed.lastFrameWall)
  }

  private func stopped() -> Diagnosis? {
    let reason = status.account?.killSwitch
    guard reason != nil || status.gate?.state == .stopped else { return nil }
    let words = reason ?? gate?.reason ?? ""
    return answer(
      .stopped, en: "the emergency stop is in force: \(words)", de: "der Not-Halt gilt: \(words)",
      layer: .risk, reason: .killSwitch, since: gate.map { EventTime(nanoseconds: $0.sinceNs) },
      evidence: [Evidence("refused_in_a_row", "\(status.tally.refusalsInARow)")])
  }

  private func gated() -> Diagnosis? {
    guard let gate, gate.state != .open else { return nil }
    let since = EventTime(nanoseconds: gate.sinceNs)
    if gate.state == .verifying || (gate.state == .closed && gate.reason == "restart" && !gate.waitsForPerson)
    {
      let at = gate.running?.rawValue ?? gate.firstMissing?.check.rawValue ?? "-"
      return answer(
        .gated, en: "the gate is verifying before anything trades: \(at)",
        de: "das Gate prüft, bevor gehandelt wird: \(at)", reason: .gateVerifying, since: since,
        evidence: evidence(of: gate))
    }
    // What a person must see to is the answer, whatever came after it.
    let awaited = gate.awaitsPerson.flatMap(ReasonCode.init(code:))
    let code = awaited ?? ReasonCode(code: String(gate.reason.prefix { $0 != ":" }))
    // The answer to zero activity is what refuses.
    if code == .zeroActivity, let blocked = risk() { return blocked }
    let person = gate.awaitsPerson != nil || !gate.opensByItself
    return answer(
      .gated,
      en: "the gate is \(gate.state.rawValue): \(code?.explanation(in: .en) ?? gate.reason)"
        + (person ? "; a person must open it" : gate.isHeld ? "; it was closed by hand" : ""),
      de: "das Gate ist \(Self.german(gate.state)): \(code?.explanation(in: .de) ?? gate.reason)"
        + (person ? "; ein Mensch muss es öffnen" : gate.isHeld ? "; es wurde von Hand geschlossen" : ""),
      layer: awaited?.layer
        ?? gate.firstMissing.flatMap { $0.outcome == .fail ? $0.check.layer : nil } ?? code?.layer ?? .system,
      reasonCode: code?.code ?? (gate.state == .tripped ? ReasonCode.gateTripped : .gateClosed).code,
      since: since, evidence: evidence(of: gate))
  }

  private func evidence(of gate: GateReport) -> [Evidence] {
    let passed = gate.checks.count { $0.outcome == .pass }
    var evidence = [Evidence("checks_passed", "\(passed) of \(gate.checks.count)")]
    if let missing = gate.checks.first(where: { $0.outcome == .fail }) ?? gate.firstMissing {
      evidence.append(
        Evidence(
          missing.check.rawValue, "\(missing.outcome.rawValue) \(missing.reason)",
          ageSeconds: missing.ageSeconds))
      evidence += missing.evidence.prefix(3).map { Evidence($0.name, $0.value) }
    }
    return evidence
  }

  private func signal() -> Diagnosis? {
    guard status.tally.signals.isEmpty else { return nil }
    if age(of: status.startedAt) < thresholds.startUp { return starting() }
    return answer(
      .quiet, en: "no strategy has had reason to signal", de: "keine Strategie hatte Anlass zu einem Signal",
      reasonCode: "no_signal", since: status.startedAt,
      evidence: [
        Evidence("market_events", "\(status.stage(.core)?.sinceStart.received ?? 0)"),
        Evidence("signals", "0"),
      ])
  }

  private func risk() -> Diagnosis? {
    let tally = status.tally
    let isRecent = tally.lastFillWall.map { age(of: $0) < thresholds.recentFill } ?? false
    // After fills, a few refusals are how limits work; in a row without end they are a block.
    let enough =
      isRecent ? thresholds.refusalsInARow * 10 : tally.orders.isEmpty ? 1 : thresholds.refusalsInARow
    guard tally.refusalsInARow >= enough else { return nil }
    let worst = tally.decisions.filter { !$0.key.approved && !$0.key.reason.isHarmlessRefusal }
      .max { $0.value < $1.value }
    return answer(
      .blocked,
      en: "every signal is refused: \(worst?.key.reason.explanation(in: .en) ?? "no decision")",
      de: "jedes Signal wird abgelehnt: \(worst?.key.reason.explanation(in: .de) ?? "keine Entscheidung")",
      layer: .risk, reasonCode: worst?.key.reason.code, since: tally.refusedSince,
      evidence: [Evidence("refused_in_a_row", "\(tally.refusalsInARow)")])
  }

  private func execution() -> Diagnosis? {
    let tally = status.tally
    guard tally.fills.isEmpty else { return nil }
    guard !tally.orders.isEmpty else {
      return answer(
        .quiet, en: "signals came, and none asked for an order that could be placed",
        de: "es kamen Signale, aber keines verlangte eine Order, die möglich war", reasonCode: "no_order",
        since: status.startedAt)
    }
    let waiting = status.account?.openOrders ?? 0
    let finals = tally.results.filter { $0.key.isFinal }.values.reduce(0, +)
    if waiting > 0, finals == 0 { return starting() }
    let results = tally.results.map { "\($0.key.code) \($0.value)" }.sorted().joined(separator: ", ")
    return answer(
      .broken, en: "orders go out and none is filled", de: "Orders gehen hinaus, aber keine wird ausgeführt",
      layer: .execution, reasonCode: "no_fill",
      evidence: [Evidence("results", results.isEmpty ? "none" : results)])
  }

  private func trading() -> Diagnosis {
    let fills = status.tally.fills.values.reduce(0, +)
    guard let last = status.tally.lastFillWall, age(of: last) < thresholds.recentFill else {
      return answer(
        .quiet, en: "orders were filled before, and nothing has asked for one since",
        de: "früher wurden Orders ausgeführt, seither hat nichts eine verlangt", reasonCode: "no_signal",
        since: status.tally.lastFillWall, evidence: [Evidence("fills", "\(fills)")])
    }
    return answer(
      .trading, en: "trading on paper: \(fills) fills, the last \(Int(age(of: last))) s ago",
      de: "es wird auf Papier gehandelt: \(fills) Ausführungen, die letzte vor \(Int(age(of: last))) s",
      since: status.startedAt, evidence: [Evidence("fills", "\(fills)", ageSeconds: age(of: last))])
  }

  private func starting() -> Diagnosis {
    answer(
      .starting, en: "the pipeline has only begun", de: "die Pipeline hat eben erst begonnen",
      since: status.startedAt)
  }
}
