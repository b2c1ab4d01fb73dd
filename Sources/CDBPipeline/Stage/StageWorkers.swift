import CDBDomain

// What the tasks of ws, core and execution do with what they receive, without the receiving: values that know neither
// tasks nor mailboxes.

/// ws: journaled inputs in, one batch a partition out.
struct FeedWorker: Sendable {
  private(set) var runner: StageRunner<FeedStage>
  private var watermark: EventTime
  private let board: PipelineBoard
  private let instruments: InstrumentCatalogue

  init(
    _ runner: StageRunner<FeedStage>, watermark: EventTime, board: PipelineBoard,
    instruments: InstrumentCatalogue
  ) {
    self.runner = runner
    self.watermark = watermark
    self.board = board
    self.instruments = instruments
  }

  /// - Parameter backlog: the weight that waits behind the batch.
  mutating func work(_ batch: IngestBatch, backlog: Int) throws -> (out: [Batch], cut: StageCheckpoint?) {
    runner.begin(backlog: backlog)
    runner.run(batch)
    runner.finish(inFlight: 0)
    watermark = batch.records.last?.time ?? watermark
    let feed = runner.stages[0].feed
    let frames = batch.records.count { $0.kind == .frame }
    let wall = runner.clock.wall()
    board.updateFeed { [instruments] in $0.note(feed, frames: frames, instruments: instruments, wall: wall) }
    var out: [Batch] = []
    for lane in 0..<runner.outbox.partitions {
      if let next = runner.takeBatch(
        lane: lane, watermark: watermark, marker: batch.marker, evenIfEmpty: true)
      {
        out.append(next)
      }
    }
    guard case .barrier(let number) = batch.marker else { return (out, nil) }
    return (out, try runner.cut(barrier: number, watermark: watermark, accepted: [:]))
  }
}

/// core: partition by partition, in the order of each.
struct CoreWorker: Sendable {
  private(set) var runner: StageRunner<CoreStage>
  private var acceptance: GaplessAcceptance
  private let board: PipelineBoard
  private let share: PartitionShare?

  /// - Parameter share: the partitions that come in here; nil for all.
  init(
    _ runner: StageRunner<CoreStage>, acceptance: GaplessAcceptance, board: PipelineBoard,
    share: PartitionShare? = nil
  ) {
    self.runner = runner
    self.acceptance = acceptance
    self.board = board
    self.share = share
  }

  /// - Throws: ``SequenceGap`` where events are missing.
  mutating func work(
    _ group: [Batch], backlog: Int
  ) throws -> (out: [Batch], cut: StageCheckpoint?, isEnd: Bool) {
    runner.begin(backlog: backlog)
    var out: [Batch] = []
    var markers: [Marker] = []
    var watermark = EventTime.distantFuture
    for batch in group {
      runner.run(batch, skipping: try acceptance.accept(batch))
      watermark = min(watermark, batch.watermark)
      if let marker = batch.marker { markers.append(marker) }
      if let next = runner.takeBatch(
        lane: Int(batch.partition), watermark: batch.watermark, marker: batch.marker, evenIfEmpty: true)
      {
        out.append(next)
      }
    }
    runner.finish(inFlight: 0)
    board.noteNearness(
      group.lazy.filter { !$0.envelopes.isEmpty }.map { [runner] in runner.stages[Int($0.partition)] })
    var cut: StageCheckpoint?
    // ws puts a marker into all partitions at once.
    if case .barrier(let number) = markers.first,
      markers.count == share?.partitions.count ?? runner.outbox.partitions
    {
      let positions = (0..<runner.outbox.partitions).map { acceptance.position(of: UInt16($0)) }
      cut = try runner.cut(
        barrier: number, watermark: watermark, accepted: [.marketData: positions],
        partitions: share?.partitions)
    }
    return (out, cut, markers.contains(.end))
  }
}

/// execution: one ordered log in; the order path out, and results back.
struct ExecutionWorker<Matching: MatchingModel>: Sendable {
  private(set) var runner: StageRunner<ExecutionStage<Matching>>
  private var acceptance: GaplessAcceptance
  private var retained: [Envelope]
  private var gate: GateStatus
  private let board: PipelineBoard
  /// What goes back before anything comes in: what risk had not taken at the barrier, under its old numbers.
  let firstWord: Batch

  init(
    _ runner: StageRunner<ExecutionStage<Matching>>, acceptance: GaplessAcceptance, undelivered: [Envelope],
    watermark: EventTime, board: PipelineBoard
  ) {
    self.runner = runner
    self.acceptance = acceptance
    self.board = board
    retained = undelivered
    gate = runner.stages[0].gateStatus
    firstWord = Batch(
      stream: .feedback, partition: 0,
      firstSequence: runner.outbox.feedback.sequence + 1 - UInt64(undelivered.count),
      envelopes: undelivered, watermark: watermark, marker: nil, ingestedAt: 0, feedDelay: 0)
    board.updateGate(gate)
  }

  /// - Returns: what goes back to risk, what goes on, and the cut where the batch ends with a barrier.
  /// - Throws: ``SequenceGap`` where events are missing.
  mutating func work(
    _ batch: Batch, backlog: Int
  ) throws -> (results: Batch, next: Batch?, cut: StageCheckpoint?) {
    runner.begin(backlog: backlog)
    runner.run(batch, skipping: try acceptance.accept(batch))
    runner.advance(to: batch.watermark)
    runner.finish(inFlight: 0)
    if runner.stages[0].gateStatus != gate {
      gate = runner.stages[0].gateStatus
      board.updateGate(gate)
    }
    let results = runner.takeFeedback(watermark: batch.watermark)
    retained.removeAll { $0.time <= batch.watermark }
    retained.append(contentsOf: results.envelopes.lazy.filter { $0.time > batch.watermark })
    let next = runner.takeBatch(
      lane: 0, watermark: batch.watermark, marker: batch.marker, evenIfEmpty: false)
    guard case .barrier(let number) = batch.marker else { return (results, next, nil) }
    let cut = try runner.cut(
      barrier: number, watermark: batch.watermark, accepted: [.orders: [acceptance.position(of: 0)]],
      feedbackOutput: true, undelivered: retained)
    return (results, next, cut)
  }
}

extension [Batch] {
  /// What the batches take of a mailbox's capacity: their events, and at least one each.
  var weight: Int { reduce(0) { $0 + Swift.max(1, $1.envelopes.count) } }
}
