import CDBDomain
import CDBPipeline

/// When silence and idleness count.
public struct DiagnosisThresholds: Sendable, Hashable {
  /// Seconds without a frame from which on a feed counts as silent.
  public var silentFeed = 10.0
  /// Seconds after the start in which no answer is expected.
  public var startUp = 5.0
  /// Seconds since the last fill within which the pipeline counts as trading.
  public var recentFill = 3_600.0
  public init() {}
}

/// Walks the layers of a pipeline's status and names the first that broke. Pure: the same status and instant
/// give the same answer.
public struct Diagnostician: Sendable {
  private let status: PipelineStatus
  private let now: EventTime
  private let thresholds: DiagnosisThresholds

  public init(
    _ status: PipelineStatus, at now: EventTime, thresholds: DiagnosisThresholds = DiagnosisThresholds()
  ) {
    self.status = status
    self.now = now
    self.thresholds = thresholds
  }

  /// The answer.
  public func diagnose() -> Diagnosis {
    system() ?? marketData() ?? stalled() ?? stopped() ?? signal() ?? risk() ?? execution() ?? trading()
  }

  // MARK: The layers, in order

  private func system() -> Diagnosis? {
    for stage in status.stages where stage.failure != nil {
      return answer(
        .broken, "\(stage.stage.rawValue) does not work: \(stage.failure ?? "")",
        layer: stage.stage.layer, reason: "stage_failed", since: stage.lastEventWall)
    }
    if let flow = status.flow, let imbalance = flow.imbalances.first {
      return answer(
        .broken, "the flow does not balance: \(imbalance)", layer: .system, reason: "flow_imbalance",
        evidence: [Evidence("barrier", "\(flow.barrier)")])
    }
    return nil
  }

  private func marketData() -> Diagnosis? {
    guard let ws = status.stage(.ws) else { return nil }
    if let failure = status.feed.failure {
      return answer(
        .broken, "no market data: \(failure)", layer: .marketData, reason: "feed_failed",
        since: ws.lastEventWall)
    }
    let decoded = ws.sinceStart.emittedByKind
    let events = decoded[.trade] + decoded[.quote] + decoded[.book] + decoded[.kline]
    if ws.health == .failed || ws.health == .degraded || (ws.sinceStart.dropped.total > 0 && events == 0) {
      let worst = ws.sinceStart.dropped.byReason.max { $0.count < $1.count }
      return answer(
        .broken,
        "frames arrive and \(events == 0 ? "none" : "too few") become market data: "
          + "\(worst?.reason.explanation ?? "unknown")",
        layer: .marketData, reason: worst?.reason.code ?? ws.health.rawValue, since: ws.lastEventWall,
        evidence: [
          Evidence("frames", "\(status.feed.frames)"),
          Evidence("frames_dropped", "\(ws.sinceStart.dropped.total)"),
        ])
    }
    if !status.feed.isConnected, status.feed.frames > 0 {
      return answer(.ended, "the input has ended", since: ws.lastEventWall)
    }
    guard let last = ws.lastEventWall, status.feed.frames > 0 else {
      guard age(of: status.startedAt) >= thresholds.silentFeed else { return starting() }
      return answer(
        .broken, "the feed has delivered nothing", layer: .marketData, reason: "silent_feed",
        since: status.startedAt)
    }
    if age(of: last) >= thresholds.silentFeed {
      return answer(
        .broken, "the feed is silent", layer: .marketData, reason: "silent_feed", since: last,
        evidence: [Evidence("frames", "\(status.feed.frames)", ageSeconds: age(of: last))])
    }
    return nil
  }

  private func stalled() -> Diagnosis? {
    for stage in status.stages where stage.health == .stalled {
      return answer(
        .broken, "\(stage.stage.rawValue) has input and does not work on it", layer: stage.stage.layer,
        reason: "stalled", since: stage.lastEventWall,
        evidence: [Evidence("waiting_events", "\(UInt64(stage.backlog) + stage.inFlight)")])
    }
    return nil
  }

  private func stopped() -> Diagnosis? {
    guard let reason = status.account?.killSwitch else { return nil }
    return answer(
      .stopped, "the kill switch is engaged: \(reason)", layer: .risk, reason: ReasonCode.killSwitch.code,
      since: status.tally.refusedSince,
      evidence: [Evidence("refused_in_a_row", "\(status.tally.refusalsInARow)")])
  }

  private func signal() -> Diagnosis? {
    guard status.tally.signals.isEmpty else { return nil }
    if age(of: status.startedAt) < thresholds.startUp { return starting() }
    return answer(
      .quiet, "no strategy has had reason to signal", layer: nil, reason: "no_signal",
      since: status.startedAt,
      evidence: [
        Evidence("market_events", "\(status.stage(.core)?.sinceStart.received ?? 0)"),
        Evidence("signals", "0"),
      ])
  }

  private func risk() -> Diagnosis? {
    let tally = status.tally
    guard tally.refusalsInARow > 0, tally.lastFillWall.map({ age(of: $0) >= thresholds.recentFill }) ?? true,
      tally.orders.isEmpty || tally.lastApproval.map({ $0 < tally.lastSignal ?? $0 }) ?? true
    else { return nil }
    let worst = tally.decisions.filter { !$0.key.approved }.max { $0.value < $1.value }
    return answer(
      .blocked,
      "every signal is refused: \(worst?.key.reason.explanation ?? "no decision")", layer: .risk,
      reason: worst?.key.reason.code, since: tally.refusedSince,
      evidence: [Evidence("refused_in_a_row", "\(tally.refusalsInARow)")])
  }

  private func execution() -> Diagnosis? {
    let tally = status.tally
    guard tally.fills.isEmpty else { return nil }
    guard !tally.orders.isEmpty else { return starting() }
    let results = tally.results.map { "\($0.key.code) \($0.value)" }.sorted().joined(separator: ", ")
    return answer(
      .broken, "orders go out and none is filled", layer: .execution, reason: "no_fill",
      evidence: [Evidence("results", results.isEmpty ? "none" : results)])
  }

  private func trading() -> Diagnosis {
    let fills = status.tally.fills.values.reduce(0, +)
    guard let last = status.tally.lastFillWall, age(of: last) < thresholds.recentFill else {
      return answer(
        .quiet, "orders were filled before, and nothing has asked for one since", reason: "no_signal",
        since: status.tally.lastFillWall, evidence: [Evidence("fills", "\(fills)")])
    }
    return answer(
      .trading, "trading on paper: \(fills) fills, the last \(Int(age(of: last))) s ago",
      since: status.startedAt,
      evidence: [Evidence("fills", "\(fills)", ageSeconds: age(of: last))])
  }

  private func starting() -> Diagnosis {
    answer(.starting, "the pipeline has only begun", since: status.startedAt)
  }

  // MARK: The form of the answer

  private func age(of instant: EventTime) -> Double {
    max(0, Double(now.nanoseconds - instant.nanoseconds) / 1e9)
  }

  private func answer(
    _ verdict: Verdict, _ summary: String, layer: Layer? = nil, reason: String? = nil,
    since: EventTime? = nil, evidence: [Evidence] = []
  ) -> Diagnosis {
    Diagnosis(
      trading: verdict == .trading, verdict: verdict, summary: summary, layer: layer, reason: reason,
      sinceNs: since?.nanoseconds, evidence: evidence, stages: status.stages.map(report),
      refusals: Dictionary(
        status.tally.decisions.filter { !$0.key.approved }.map { ($0.key.reason.code, $0.value) },
        uniquingKeysWith: +),
      profile: status.profile, asOfNs: now.nanoseconds)
  }

  private func report(_ stage: StageStatus) -> StageReport {
    StageReport(
      stage: stage.stage.rawValue, health: stage.health.rawValue, received: stage.sinceStart.received,
      emitted: stage.sinceStart.emittedByKind.total,
      dropped: Dictionary(
        uniqueKeysWithValues: stage.sinceStart.dropped.byReason.map { ($0.reason.code, $0.count) }),
      ageSeconds: stage.lastEventWall.map(age), failure: stage.failure)
  }
}

extension StageName {
  /// The layer that a stage belongs to.
  public var layer: Layer {
    switch self {
    case .ws: .marketData
    case .core: .signal
    case .risk: .risk
    case .execution: .execution
    case .dbWriter: .database
    }
  }
}
