import CDBDomain
import CDBGate
import CDBPipeline
import Logging
import ServiceLifecycle

/// Asks *why* all the time, and keeps the answers: each goes into the pipeline's input, so that journal and store have
/// it as they have everything else. What holds when is ``CDBGate/AnswerTimeline``'s to say.
actor AnswerKeeper: Service {
  static let interval = Duration.milliseconds(500)
  /// The most intervals that a report has.
  static let maximumIntervals = 10_000
  /// Answers of this process that are kept for reports while the store has them not yet, or cannot be read.
  private static let kept = 1_000

  private var timeline: AnswerTimeline
  private let board: PipelineBoard
  private let gateBoard: GateBoard
  private let controls: IntakeControls
  private let store: any PipelineStore
  private let logger: Logger
  /// Begun, and not yet taken by the input.
  private var waiting: [Answer] = []
  private var own: [Answer] = []

  init(
    after past: AnswerTimeline.Past?, board: PipelineBoard, gateBoard: GateBoard, controls: IntakeControls,
    store: any PipelineStore, logger: Logger
  ) {
    timeline = AnswerTimeline(after: past)
    self.board = board
    self.gateBoard = gateBoard
    self.controls = controls
    self.store = store
    self.logger = logger
  }

  func run() async throws {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      look()
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
    }
  }

  private func look() {
    let begun = timeline.look(gateBoard.diagnosis(of: board.status()), at: ProcessClock.wall())
    for answer in begun { note(answer) }
    waiting += begun
    own = (own + begun).suffix(Self.kept)
    while let first = waiting.first, controls.submit(.answer(first)) != nil { waiting.removeFirst() }
    // An input that takes nothing any more has ended.
    waiting = waiting.suffix(Self.kept)
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
