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
  public var recentFill = Double(OrderPathTally.longestPause) / 1e9
  /// Refusals in a row from which on a pipeline that has traded before counts as blocked.
  public var refusalsInARow: UInt64 = 3
  /// How far market data may fall behind, of a live feed.
  public var lateFeed = 5.0
  /// How far event time may be ahead of the clock.
  public var timeAhead = 2.0
  /// After the start in which it has not looked for long enough to say how near a signal was.
  public var shortLook = 60.0
  /// After the start, until the first strategy can have seen as much of the market as it judges by.
  public var warmUp = 0.0
  /// How long every signal may be refused before that is zero activity.
  public var zeroActivity = 3_600.0
  /// The share of a minute's input from which on it is told that it could not be used. A frame that the way has damaged comes
  /// now and then, one in a hundred does not; from a half on the layer is broken anyhow.
  public var unusableShare = 0.01
  /// Fewer than this in a minute are nothing, whatever their share.
  public var fewestUnusable: UInt64 = 10
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
  let lateness: Double

  /// - Parameters:
  ///   - gate: nil where nothing guards the pipeline.
  ///   - clock: a jump of the wall clock that still counts.
  ///   - lateness: how far the newest market data are behind, seconds.
  public init(
    _ status: PipelineStatus, at now: EventTime, gate: GateReport? = nil, clock: ClockMonitor.Jump? = nil,
    lateness: Double = 0, thresholds: DiagnosisThresholds = DiagnosisThresholds()
  ) {
    self.status = status
    self.now = now
    self.gate = gate
    self.clock = clock
    self.lateness = lateness
    self.thresholds = thresholds
  }

  /// The answer. A stop belongs to the layer of risk: what is broken up to there comes first, since risk must work for a
  /// stop to be lifted, and the stop comes before what is broken behind it, which it names too.
  public func diagnose() -> Diagnosis {
    // A resume that is still under way to the stages is no stop any more: what holds it up is the answer.
    let isResumed = gate.map { $0.state != .stopped } ?? false
    let isOver = status.feed.hasEnded || isResumed
    var diagnosis =
      broken(.system) ?? broken(.marketData) ?? broken(.signal) ?? broken(.risk)
      ?? (isOver ? nil : stopped()) ?? broken(.execution) ?? broken(.database) ?? ended() ?? stopped()
      ?? gated() ?? signal() ?? risk() ?? execution() ?? trading()
    let cause = cause(of: diagnosis)
    diagnosis.cause = cause?[.en]
    diagnosis.causeDe = cause?[.de]
    diagnosis.isCauseKnown = cause != nil || Self.isCauseKnown(diagnosis)
    if diagnosis.verdict == .quiet { sayHowShort(&diagnosis) }
    if diagnosis.verdict == .stopped { diagnosis.behind = behind() }
    diagnosis.hypotheses = Array(hypotheses(of: diagnosis).prefix(Self.mostHypotheses))
    diagnosis.layers = layers(in: diagnosis)
    diagnosis.remarks = remarks(beside: diagnosis)
    return diagnosis
  }

  /// What keeps a layer from its work, whatever the gate says: the first in their order; nil where nothing does.
  public func broken() -> Diagnosis? { Layer.allCases.lazy.compactMap(broken).first }

  func broken(_ layer: Layer) -> Diagnosis? {
    switch layer {
    case .system: pipeline() ?? bus() ?? flow() ?? heldUp() ?? clockTrouble() ?? cutOff()
    case .marketData: failed(layer) ?? marketData() ?? stalled(layer)
    case .signal, .risk, .execution, .database: failed(layer) ?? stalled(layer)
    }
  }

  /// What must trip the gate now: a layer that does not do its work, or a market that lives while everything is
  /// refused for too long, which is zero activity however healthy the stages are.
  public func condition() -> GateCondition? {
    if let broken = broken() {
      return GateCondition(
        reason: broken.reason.flatMap(ReasonCode.init(code:)) ?? .stageFailed, layer: broken.layer)
    }
    guard let blocked = risk(), let since = blocked.sinceNs,
      age(of: EventTime(nanoseconds: since)) >= thresholds.zeroActivity
    else { return nil }
    return GateCondition(reason: .zeroActivity, layer: .risk)
  }

  // MARK: The layers, in order

  /// A pipeline that has ended takes nothing in: what the stage is that ended it comes before all that follows from it.
  private func pipeline() -> Diagnosis? {
    guard status.failure != nil else { return nil }
    return Layer.allCases.lazy.compactMap(failed).first
  }

  private func failed(_ layer: Layer) -> Diagnosis? {
    for stage in status.stages where stage.stage.layer == layer {
      guard let failure = stage.failure else { continue }
      if let outage = stage.outage, outage.kind != .bus { return lost(stage, outage) }
      return answer(
        .broken, en: "\(stage.stage.rawValue) does not work: \(failure)",
        de: "\(stage.stage.rawValue) arbeitet nicht: \(failure)", layer: layer, reason: .stageFailed,
        since: stage.lastEventWall)
    }
    return nil
  }

  private func flow() -> Diagnosis? {
    guard let flow = status.flow, let imbalance = flow.imbalances.first else { return nil }
    return answer(
      .broken, en: "the flow does not balance: \(imbalance)",
      de: "der Ereignisfluss geht nicht auf: \(imbalance)", layer: .system, reason: .flowImbalance,
      evidence: [Evidence("barrier", "\(flow.barrier)")])
  }

  /// A pause of the whole process, for a while after it: ages that were read then say nothing. What a stage fails by is no
  /// age, and is likely what held the process up.
  private func heldUp() -> Diagnosis? {
    guard let clock, clock.kind == .heldUp else { return nil }
    let failing = Layer.allCases.lazy.compactMap(failed).first { $0.reason == ReasonCode.stageFailed.code }
    if let failing {
      // A feed that was silent for longer than the pause explains comes before it.
      let silence = status.feed.lastFrameWall.map(age) ?? 0
      return silence - clock.seconds < thresholds.silentFeed ? failing : nil
    }
    let seconds = Self.rounded(clock.seconds)
    return answer(
      .broken, en: "the process was held up for \(seconds) s, or got no processor time",
      de: "der Prozess stand \(Self.roundedDe(clock.seconds)) s lang still oder bekam keine Rechenzeit",
      layer: .system,
      reason: .processHeldUp, since: clock.at.advanced(by: -Int64(clock.seconds * 1e9)),
      evidence: [Evidence("held_up_seconds", seconds, ageSeconds: age(of: clock.at))])
  }

  private func clockTrouble() -> Diagnosis? {
    if let clock, clock.kind == .clock {
      return answer(
        .broken, en: "the clock jumped by \(Self.rounded(clock.seconds)) s",
        de: "die Uhr ist um \(Self.roundedDe(clock.seconds)) s gesprungen", layer: .system,
        reason: .clockJump,
        since: clock.at,
        evidence: [Evidence("jump_seconds", Self.rounded(clock.seconds), ageSeconds: age(of: clock.at))])
    }
    guard status.feed.isLive, let time = status.stages.compactMap(\.lastEventTime).max() else { return nil }
    let ahead = Double(time.nanoseconds &- now.nanoseconds) / 1e9
    guard ahead >= thresholds.timeAhead else { return nil }
    return answer(
      .broken,
      en: "the clock is \(Self.rounded(ahead)) s behind what was journaled; time stands still until then",
      de: "die Uhr geht \(Self.roundedDe(ahead)) s hinter dem Journal; bis dahin steht die Zeit",
      layer: .system, reason: .clockJump, evidence: [Evidence("seconds_behind", Self.rounded(ahead))])
  }

  private func marketData() -> Diagnosis? {
    guard let ws = status.stage(.ws) else { return nil }
    if let failure = status.feed.failure {
      // A book whose snapshot cannot be had is missing while all else comes.
      let isInPart =
        status.feed.isConnected
        && status.feed.lastFrameWall.map { age(of: $0) < thresholds.silentFeed } == true
      return answer(
        .broken, en: "\(isInPart ? "not all" : "no") market data: \(failure)",
        de: "\(isInPart ? "nicht alle" : "keine") Marktdaten: \(failure)", layer: .marketData,
        reason: .feedFailed, since: isInPart ? nil : status.feed.lastFrameWall)
    }
    return undecodable(ws) ?? silent() ?? frozen() ?? late()
  }

  private func undecodable(_ ws: StageStatus) -> Diagnosis? {
    let decoded = ws.sinceStart.emittedByKind
    let events = decoded[.trade] + decoded[.quote] + decoded[.book] + decoded[.kline]
    // Where nothing was dropped, the stage failed for another reason, and has not been judged anew since that is over.
    // The first frames of a start may be of no use; what comes behind them counts.
    let isUseless = events == 0 && age(of: status.startedAt) >= thresholds.startUp
    guard ws.sinceStart.dropped.total > 0, ws.health == .failed || ws.health == .degraded || isUseless
    else { return nil }
    // What was dropped for another reason an hour ago says nothing of now.
    let dropped = ws.recentlyDropped.total > 0 ? ws.recentlyDropped : ws.sinceStart.dropped
    let worst = dropped.byReason.max { $0.count < $1.count }
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
    if status.feed.hasEnded { return nil }
    // Frames that wait have come: the silence is not the feed's.
    if let ws = status.stage(.ws), ws.backlog > 0 { return nil }
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
    guard status.feed.isLive, let moved = status.feed.lastMoveWall else { return nil }
    // Frames that wait may have moves in them: only those that were looked at say that there was none.
    let isBehind = status.stage(.ws).map { $0.backlog > 0 } ?? false
    let looked = isBehind ? status.feed.lastFrameWall ?? moved : now
    // What ws has not looked at for long says nothing: it stands still itself.
    guard !isBehind || age(of: looked) < thresholds.silentFeed else { return nil }
    // After a silence a price must have the time to move.
    let since = max(moved, status.feed.flowingSinceWall ?? moved)
    guard Double(looked.nanoseconds &- since.nanoseconds) / 1e9 >= thresholds.frozenPrices else { return nil }
    return answer(
      .broken, en: "frames come and no price moves", de: "es kommen Daten, aber kein Preis bewegt sich",
      layer: .marketData, reason: .frozenPrices, since: moved,
      evidence: [
        Evidence("last_price_move", "any instrument", ageSeconds: age(of: moved)),
        Evidence("frames", "\(status.feed.frames)", ageSeconds: status.feed.lastFrameWall.map(age)),
      ])
  }

  private func late() -> Diagnosis? {
    guard status.feed.isLive, lateness >= thresholds.lateFeed else { return nil }
    let seconds = Self.rounded(lateness)
    return answer(
      .broken, en: "market data come \(seconds) s late",
      de: "die Marktdaten kommen \(Self.roundedDe(lateness)) s zu spät",
      layer: .marketData, reason: .staleData,
      evidence: [
        Evidence("late_seconds", seconds, ageSeconds: status.feed.lastFrameWall.map(age)),
        Evidence("frames", "\(status.feed.frames)"),
      ])
  }

  private func stalled(_ layer: Layer) -> Diagnosis? {
    // What waits for the stage behind it is not what stands still.
    for stage in status.stages
    where stage.stage.layer == layer && stage.health == .stalled && !stage.isHeldUp {
      return answer(
        .broken, en: "\(stage.stage.rawValue) has input and does not work on it",
        de: "\(stage.stage.rawValue) hat Eingaben und arbeitet nicht daran", layer: layer,
        reason: .stageStalled, since: stage.lastEventWall,
        evidence: [Evidence("waiting_events", "\(UInt64(stage.backlog) + stage.inFlight)")])
    }
    return nil
  }

  private func ended() -> Diagnosis? {
    guard status.feed.hasEnded else {
      return status.feed.frames == 0 ? starting() : nil
    }
    return answer(
      .ended, en: "the input has ended", de: "die Eingabe ist zu Ende", since: status.feed.lastFrameWall)
  }

  func starting() -> Diagnosis {
    answer(
      .starting, en: "the pipeline has only begun", de: "die Pipeline hat eben erst begonnen",
      since: status.startedAt)
  }
}
