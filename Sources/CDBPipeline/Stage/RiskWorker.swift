import CDBDomain

/// risk: merges the partitions into the account's one log, and weaves in the results of its own orders at
/// their event times.
///
/// It runs ahead of execution until a result could be due of something that execution may not have come to: an
/// order's arrival, or market data that may have touched a waiting order. Then every result that an event could
/// depend on is known when the event is decided, and an order that only waits holds nothing up. The watermark that
/// it sends along tells execution how far it may let time go, so that the two never wait for each other: each
/// round gets past what was waited for.
///
/// A round: ``begin(backlog:)``, ``take(_:)`` of what has come, ``finish()``.
struct RiskWorker: Sendable {
  /// While this many events wait for a result, no more are taken in.
  static let mergeBound = 16_384

  private(set) var runner: StageRunner<RiskStage>
  private let board: PipelineBoard
  private var acceptance: GaplessAcceptance
  private var merge: WatermarkMerge
  private var answers: [Envelope] = []
  private var answersHead = 0
  private var answersAccepted: UInt64
  private var answersApplied: UInt64
  private var executionWatermark: EventTime
  private var sentWatermark: EventTime
  private var out: [Batch] = []
  /// The end has passed.
  private(set) var hasEnded = false
  /// The next event may only be decided when execution has come further.
  private var isHeldUp = false

  private var waitingAnswers: Int { answers.count - answersHead }

  init(
    _ runner: StageRunner<RiskStage>, snapshot: StageSnapshot<RiskStage>, partitions: Int,
    board: PipelineBoard
  ) {
    self.runner = runner
    self.board = board
    let positions = snapshot.accepted[.signals] ?? Array(repeating: 0, count: partitions)
    let applied = snapshot.accepted[.feedback]?.first ?? 0
    acceptance = GaplessAcceptance()
    for (partition, position) in positions.enumerated() {
      acceptance.restore(position, partition: UInt16(partition))
    }
    merge = WatermarkMerge(positions: positions, watermark: snapshot.watermark)
    answersAccepted = applied
    answersApplied = applied
    // What execution had answered and risk not taken at the barrier comes again with execution's first word:
    // before it, nothing is known.
    executionWatermark = .distantPast
    sentWatermark = snapshot.watermark
  }

  /// Whether there is room for more events; answers are always taken.
  var takesMore: Bool { merge.waiting < Self.mergeBound }

  /// Whether nothing but an answer can bring it on.
  var needsAnswer: Bool { !takesMore && isHeldUp }

  mutating func begin(backlog: Int) { runner.begin(backlog: backlog) }

  /// - Throws: ``SequenceGap`` where events are missing.
  mutating func take(_ group: [Batch]) throws {
    for batch in group {
      runner.note(ingestedAt: batch.ingestedAt, feedDelay: batch.feedDelay)
      if batch.stream == .feedback {
        try takeAnswers(batch)
      } else {
        let skipping = try acceptance.accept(batch)
        runner.redelivered(skipping)
        guard merge.insert(batch, skipping: skipping) else {
          throw SequenceGap(
            stream: batch.stream, partition: batch.partition, expected: 0, found: batch.firstSequence)
        }
      }
    }
  }

  /// Works off all that may be decided now.
  mutating func finish() throws -> (out: [Batch], cuts: [StageCheckpoint]) {
    let cuts = try drain()
    runner.finish(inFlight: merge.waiting + waitingAnswers)
    board.updateAccount(runner.stages[0].status)
    board.monitor(.risk).setAwaitsAnswer(needsAnswer)
    defer { out = [] }
    return (out, cuts)
  }

  private mutating func takeAnswers(_ batch: Batch) throws {
    executionWatermark = max(executionWatermark, batch.watermark)
    guard !batch.envelopes.isEmpty else { return }
    let expected = answersAccepted + 1
    guard batch.firstSequence <= expected else {
      throw SequenceGap(stream: .feedback, partition: 0, expected: expected, found: batch.firstSequence)
    }
    let skipping = min(Int(expected - batch.firstSequence), batch.envelopes.count)
    runner.redelivered(skipping)
    answers.append(contentsOf: batch.envelopes[skipping...])
    answersAccepted = max(answersAccepted, batch.lastSequence)
  }

  private mutating func drain() throws -> [StageCheckpoint] {
    var cuts: [StageCheckpoint] = []
    isHeldUp = false
    while true {
      let head = merge.head()
      if waitingAnswers > 0, answers[answersHead].time <= head.reaches {
        runner.step(answers[answersHead], partition: 0)
        answersHead += 1
        answersApplied += 1
        if waitingAnswers == 0 {
          answers.removeAll(keepingCapacity: true)
          answersHead = 0
        }
        continue
      }
      guard case .none = head else {
        let horizon = horizon()
        guard head.reaches <= horizon else {
          isHeldUp = true
          flush(watermark: min(head.reaches.advanced(by: -1), horizon), marker: nil)
          return cuts
        }
        switch head {
        case .event(_, let partition):
          runner.step(merge.take(partition), partition: partition)
        case .barrier(let number, let watermark):
          flush(watermark: watermark, marker: .barrier(number))
          runner.finish(inFlight: 0)
          cuts.append(
            try runner.cut(
              barrier: number, watermark: watermark,
              accepted: [.signals: merge.processed, .feedback: [answersApplied]]))
          merge.takeMarker()
        case .end(let watermark):
          flush(watermark: watermark, marker: .end)
          hasEnded = true
          return cuts
        case .none: break
        }
        continue
      }
      flush(watermark: min(head.reaches, horizon()), marker: nil)
      return cuts
    }
  }

  /// How far events may be decided: up to the last instant at which no unknown answer can have come, without end
  /// while none is awaited.
  private mutating func horizon() -> EventTime {
    guard let cause = runner.awaitsAnswer(after: executionWatermark) else { return .distantFuture }
    return cause.advanced(by: runner.smallestFeedbackLatency - 1)
  }

  private mutating func flush(watermark: EventTime, marker: Marker?) {
    let watermark = max(watermark, sentWatermark)
    let isNews = watermark > sentWatermark && runner.awaitsAnswer(after: executionWatermark) != nil
    if let batch = runner.takeBatch(lane: 0, watermark: watermark, marker: marker, evenIfEmpty: isNews) {
      out.append(batch)
      sentWatermark = watermark
    }
  }
}

extension WatermarkMerge.Head {
  /// The event time that the log has come to with this head.
  var reaches: EventTime {
    switch self {
    case .event(let time, _): time
    case .barrier(_, let watermark), .end(let watermark), .none(let watermark): watermark
    }
  }
}
