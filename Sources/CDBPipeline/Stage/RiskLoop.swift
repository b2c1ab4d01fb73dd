import CDBDomain

/// risk: merges the partitions into the account's one log, and weaves in the results of its own orders at
/// their event times.
///
/// It runs ahead of execution until a result could be due of something that execution may not have come to: an
/// order's arrival, or market data that may have touched a waiting order. Then every result that an event could
/// depend on is known when the event is decided, and an order that only waits holds nothing up. The watermark that
/// it sends along tells execution how far it may let time go, so that the two never wait for each other: each
/// round gets past what was waited for.
struct RiskLoop: Sendable {
  let input: Mailbox<[Batch]>
  let output: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>
  let board: PipelineBoard

  /// While this many events wait for a result, no more are taken in.
  static let mergeBound = 16_384

  private struct Position {
    var acceptance: GaplessAcceptance
    var merge: WatermarkMerge
    var answers: [Envelope] = []
    var answersHead = 0
    var answersAccepted: UInt64
    var answersApplied: UInt64
    var executionWatermark: EventTime
    var sentWatermark: EventTime
    var out: [Batch] = []
    var ended = false
    /// The next event may only be decided when execution has come further.
    var isHeldUp = false

    var waitingAnswers: Int { answers.count - answersHead }
  }

  func run(_ runner: StageRunner<RiskStage>, snapshot: StageSnapshot<RiskStage>, partitions: Int) async throws
  {
    var runner = runner
    let positions =
      snapshot.accepted[.signals] ?? Array(repeating: 0, count: partitions)
    let applied = snapshot.accepted[.feedback]?.first ?? 0
    var acceptance = GaplessAcceptance()
    for (partition, position) in positions.enumerated() {
      acceptance.restore(position, partition: UInt16(partition))
    }
    var position = Position(
      acceptance: acceptance, merge: WatermarkMerge(positions: positions, watermark: snapshot.watermark),
      answersAccepted: applied, answersApplied: applied,
      // What execution had answered and risk not taken at the barrier comes again with execution's first word:
      // before it, nothing is known.
      executionWatermark: .distantPast,
      sentWatermark: snapshot.watermark)
    while let group = await next(position) {
      runner.begin(backlog: input.backlog)
      try take(group, &position, &runner)
      while position.merge.waiting < Self.mergeBound, let more = input.poll() {
        try take(more, &position, &runner)
      }
      let cuts = try drain(&runner, &position)
      runner.finish(inFlight: position.merge.waiting + position.waitingAnswers)
      board.updateAccount(runner.stages[0].status)
      for cut in cuts { try await checkpoints.send(.stage(cut), weight: 1) }
      if !position.out.isEmpty {
        let out = position.out
        position.out = []
        try await output.send(out, weight: out.weight)
      }
      if position.ended { return }
    }
  }

  private func next(_ position: Position) async -> [Batch]? {
    let isFull = position.merge.waiting >= Self.mergeBound
    return isFull && position.isHeldUp ? await input.receivePriority() : await input.receive()
  }

  private func take(
    _ group: [Batch], _ position: inout Position, _ runner: inout StageRunner<RiskStage>
  ) throws {
    for batch in group {
      runner.note(ingestedAt: batch.ingestedAt, feedDelay: batch.feedDelay)
      if batch.stream == .feedback {
        try takeAnswers(batch, &position, &runner)
      } else {
        let skipping = try position.acceptance.accept(batch)
        runner.redelivered(skipping)
        guard position.merge.insert(batch, skipping: skipping) else {
          throw SequenceGap(
            stream: batch.stream, partition: batch.partition, expected: 0, found: batch.firstSequence)
        }
      }
    }
  }

  private func takeAnswers(
    _ batch: Batch, _ position: inout Position, _ runner: inout StageRunner<RiskStage>
  ) throws {
    position.executionWatermark = max(position.executionWatermark, batch.watermark)
    guard !batch.envelopes.isEmpty else { return }
    let expected = position.answersAccepted + 1
    guard batch.firstSequence <= expected else {
      throw SequenceGap(stream: .feedback, partition: 0, expected: expected, found: batch.firstSequence)
    }
    let skipping = min(Int(expected - batch.firstSequence), batch.envelopes.count)
    runner.redelivered(skipping)
    position.answers.append(contentsOf: batch.envelopes[skipping...])
    position.answersAccepted = max(position.answersAccepted, batch.lastSequence)
  }

  /// Works off all that may be decided now.
  private func drain(
    _ runner: inout StageRunner<RiskStage>, _ position: inout Position
  ) throws -> [StageCheckpoint] {
    var cuts: [StageCheckpoint] = []
    position.isHeldUp = false
    while true {
      let head = position.merge.head()
      if position.waitingAnswers > 0, position.answers[position.answersHead].time <= head.reaches {
        runner.step(position.answers[position.answersHead], partition: 0)
        position.answersHead += 1
        position.answersApplied += 1
        if position.waitingAnswers == 0 {
          position.answers.removeAll(keepingCapacity: true)
          position.answersHead = 0
        }
        continue
      }
      guard case .none = head else {
        let horizon = horizon(&runner, position)
        guard head.reaches <= horizon else {
          position.isHeldUp = true
          flush(&runner, &position, watermark: min(head.reaches.advanced(by: -1), horizon), marker: nil)
          return cuts
        }
        switch head {
        case .event(_, let partition):
          runner.step(position.merge.take(partition), partition: partition)
        case .barrier(let number, let watermark):
          flush(&runner, &position, watermark: watermark, marker: .barrier(number))
          runner.finish(inFlight: 0)
          cuts.append(
            try runner.cut(
              barrier: number, watermark: watermark,
              accepted: [.signals: position.merge.processed, .feedback: [position.answersApplied]]))
          position.merge.takeMarker()
        case .end(let watermark):
          flush(&runner, &position, watermark: watermark, marker: .end)
          position.ended = true
          return cuts
        case .none: break
        }
        continue
      }
      flush(
        &runner, &position, watermark: min(head.reaches, horizon(&runner, position)), marker: nil)
      return cuts
    }
  }

  /// How far events may be decided: up to the last instant at which no unknown answer can have come, without end
  /// while none is awaited.
  private func horizon(_ runner: inout StageRunner<RiskStage>, _ position: Position) -> EventTime {
    guard let cause = runner.awaitsAnswer(after: position.executionWatermark) else { return .distantFuture }
    return cause.advanced(by: runner.smallestFeedbackLatency - 1)
  }

  private func flush(
    _ runner: inout StageRunner<RiskStage>, _ position: inout Position, watermark: EventTime, marker: Marker?
  ) {
    let watermark = max(watermark, position.sentWatermark)
    let isNews =
      watermark > position.sentWatermark && runner.awaitsAnswer(after: position.executionWatermark) != nil
    if let batch = runner.takeBatch(lane: 0, watermark: watermark, marker: marker, evenIfEmpty: isNews) {
      position.out.append(batch)
      position.sentWatermark = watermark
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
