import CDBDomain
import CDBGate
import CDBPipeline
import Logging
import ServiceLifecycle

/// Asks *why* all the time, and keeps the answers: each goes into the pipeline's input, so that journal and store have
/// it as they have everything else. What holds when is ``CDBGate/AnswerTimeline``'s to say, and for how long nothing has
/// happened ``CDBGate/ZeroActivity``'s.
actor AnswerKeeper: Service {
  static let interval = Duration.milliseconds(500)
  /// After the start, and then again and again, the restarts are counted in the store: this many looks.
  private static let looksToCount = 4
  private static let looksBetweenCounts = 120
  /// The most intervals that a report has.
  static let maximumIntervals = 10_000
  /// Answers of this process that are kept for reports while the store has them not yet, or cannot be read.
  private static let kept = 1_000

  /// The controls that only a living gate makes; it probes at least every few seconds.
  private static let traces = ["answer", "gate", "incident", "probe", "verdict"]
  /// Newer ones than the process are among them.
  private static let mostTraces = 100

  private var timeline: AnswerTimeline
  private var activity: ZeroActivity
  private let beginning: Beginning
  private let board: PipelineBoard
  private let gateBoard: GateBoard
  private let controls: IntakeControls
  private let store: any StoreView
  private let logger: Logger
  /// Begun, and not yet taken by the input.
  private var waiting: [Answer] = []
  private var own: [Answer] = []
  private var remarks = RemarkNews()

  init(
    of pipeline: GuardedPipeline, tiers: ZeroActivityTiers, gateBoard: GateBoard, logger: Logger
  ) {
    beginning = pipeline.beginning
    timeline = AnswerTimeline(after: beginning.past)
    activity = ZeroActivity(tiers: tiers)
    board = pipeline.board
    self.gateBoard = gateBoard
    controls = pipeline.controls
    store = pipeline.store
    self.logger = logger
  }

  func run() async throws {
    await goOn()
    var looks = 0
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      look()
      looks += 1
      if looks == Self.looksToCount || looks.isMultiple(of: Self.looksBetweenCounts) { await countRestarts() }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
  }

  /// Takes over what was before this process.
  private func goOn() async {
    switch beginning {
    case .run(_, let past, _):
      if let past { await takeOverIdle(before: past.end) }
    case .joining(let begun, let process):
      // What a process before this one has kept is in the store, and so is when it last lived.
      while !Task.isCancelled, !Task.isShuttingDownGracefully {
        if let past = try? await store.controls(Self.traces, limit: Self.mostTraces) {
          let end = Self.end(of: past, before: begun, closedBy: process)
          timeline = AnswerTimeline(goingOnFrom: end)
          if let end { await takeOverIdle(before: end) }
          return
        }
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
      }
    }
  }

  /// When a gate before this one last lived.
  ///
  /// - Parameters:
  ///   - past: what a living gate makes, newest first.
  ///   - process: this one, whose closing of the gate everything of before lies behind.
  static func end(of past: [ControlRecord], before begun: EventTime, closedBy process: String) -> EventTime? {
    let own = past.firstIndex { GateStateMachine.isClosing($0, begunAt: begun, as: process) }
    return past.dropFirst(own.map { $0 + 1 } ?? 0).first { $0.time < begun }?.time
  }

  private func takeOverIdle(before end: EventTime) async {
    guard let idle = try? await idle(before: end) else { return }
    activity = ZeroActivity(
      tiers: activity.tiers, idle: idle.mapValues(\.idle), unexplained: idle.mapValues(\.unexplained))
  }

  /// For how long nothing had happened when the process before ended, as the store has it: a restart begins nothing anew.
  private func idle(
    before end: EventTime
  ) async throws -> [ActivityKind: (idle: Int64, unexplained: Int64)] {
    let last = try await store.lastActivity()
    let answers = try await store.answers(since: .distantPast, limit: Self.maximumIntervals)
    let times: [ActivityKind: EventTime?] = [.signals: last.signal, .orders: last.order, .fills: last.fill]
    return times.mapValues { ZeroActivity.idle(since: $0 ?? .distantPast, in: answers, now: end) }
  }

  private func countRestarts() async {
    guard let byReason = try? await store.restarts() else { return }
    gateBoard.update(
      restarts: Dictionary(
        byReason.map { (AnswerTimeline.restartKinds[$0.key] ?? "unknown", $0.value) }, uniquingKeysWith: +))
  }

  private func look() {
    let status = board.status()
    let diagnosis = gateBoard.diagnosis(of: status)
    if let level = activity.look(
      ZeroActivity.counts(of: status.tally), isAlive: diagnosis.isMarketAlive,
      isQuiet: diagnosis.isMarketQuiet, monotonic: ProcessClock.monotonic())
    {
      note(level, diagnosis)
    }
    gateBoard.update(activity.report)
    for remark in remarks.news(in: diagnosis.remarks, at: ProcessClock.monotonic()) {
      logger.warning(
        "\(remark.line(in: .en))",
        metadata: ["event.action": "remark", "event.reason": "\(remark.kind.rawValue)"])
    }
    let begun = timeline.look(diagnosis, at: ProcessClock.wall())
    for answer in begun { note(answer) }
    waiting += begun
    own = (own + begun).suffix(Self.kept)
    while let first = waiting.first, controls.submit(.answer(first)) != nil { waiting.removeFirst() }
    // An input that takes nothing any more has ended.
    waiting = waiting.suffix(Self.kept)
  }

  private func note(_ level: ZeroActivityLevel, _ diagnosis: Diagnosis) {
    // An error would close the gate by the check of the logs, and nothing could end it then.
    logger.log(
      level: level >= .warning ? .warning : .notice, "zero activity: \(level.rawValue); \(diagnosis.summary)",
      metadata: [
        "event.action": "zero_activity", "event.reason": "\(diagnosis.reason ?? "")",
        "labels.level": "\(level.rawValue)",
      ])
  }

  private func note(_ answer: Answer) {
    var metadata: Logger.Metadata = [
      "event.action": "answer", "labels.verdict": "\(answer.verdict.rawValue)",
    ]
    if let reason = answer.reason { metadata["event.reason"] = "\(reason)" }
    if let layer = answer.layer { metadata["labels.layer"] = "\(layer.rawValue)" }
    logger.info("\(answer.verdict.rawValue): \(answer.summary)", metadata: metadata)
  }

  /// The answers of a span that ends now.
  func report(since: EventTime) async -> TimelineReport {
    var stored: [Answer] = []
    var failure: String?
    do {
      stored = try await store.answers(since: since, limit: Self.maximumIntervals)
    } catch {
      failure = "\(error)"
    }
    let isCut = stored.count >= Self.maximumIntervals
    let begins = stored.last?.since ?? .distantPast
    let known = Set(stored)
    let more = own.filter { $0.since >= begins && !known.contains($0) }
    return TimelineReport(
      stored + more, since: since, now: ProcessClock.wall(), isCut: isCut, storeFailure: failure)
  }
}

extension AnswerTimeline.Past {
  /// What ran before, as the journal and the checkpoints have it; nil where nothing did.
  init?(_ pipeline: Pipeline<BookMatching>) throws {
    guard let resumption = pipeline.resumption, let end = try pipeline.journal.lastTime() else { return nil }
    let wasPlanned: Bool? =
      switch resumption.previousEnd {
      case .planned: true
      case .unplanned: false
      case .unknown: nil
      }
    self.init(end: end, wasPlanned: wasPlanned)
  }
}
