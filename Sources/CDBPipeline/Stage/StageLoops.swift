import CDBDomain

// The tasks around the runners: receive, run, publish. Each is one loop; what it decides is elsewhere.

/// ws: journaled inputs in, one batch a partition out.
struct FeedLoop: Sendable {
  let input: Mailbox<IngestBatch>
  let output: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>
  let board: PipelineBoard
  let instruments: InstrumentCatalogue

  func run(_ runner: StageRunner<FeedStage>, watermark start: EventTime) async throws {
    var runner = runner
    var watermark = start
    while let batch = await input.receive() {
      runner.begin(backlog: input.backlog)
      runner.run(batch)
      runner.finish(inFlight: 0)
      watermark = batch.records.last?.time ?? watermark
      let feed = runner.stages[0].feed
      let frames = batch.records.count { $0.kind == .frame }
      let wall = ProcessClock.wall()
      board.updateFeed { $0.note(feed, frames: frames, instruments: instruments, wall: wall) }
      var out: [Batch] = []
      for lane in 0..<runner.outbox.partitions {
        if let next = runner.takeBatch(
          lane: lane, watermark: watermark, marker: batch.marker, evenIfEmpty: true)
        {
          out.append(next)
        }
      }
      if case .barrier(let number) = batch.marker {
        let part = try runner.cut(barrier: number, watermark: watermark, accepted: [:])
        try await checkpoints.send(.stage(part), weight: 1)
      }
      try await output.send(out, weight: out.weight)
      if batch.marker == .end { return }
    }
  }
}

/// core: partition by partition, in the order of each.
struct PartitionedLoop: Sendable {
  let input: Mailbox<[Batch]>
  let output: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>
  let board: PipelineBoard

  func run(_ runner: StageRunner<CoreStage>, acceptance: GaplessAcceptance) async throws {
    var runner = runner
    var acceptance = acceptance
    while let group = await input.receive() {
      runner.begin(backlog: input.backlog)
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
        group.lazy.filter { !$0.envelopes.isEmpty }.map { runner.stages[Int($0.partition)] })
      // ws puts a marker into all partitions at once.
      if case .barrier(let number) = markers.first, markers.count == runner.outbox.partitions {
        let positions = (0..<runner.outbox.partitions).map { acceptance.position(of: UInt16($0)) }
        let part = try runner.cut(
          barrier: number, watermark: watermark, accepted: [.marketData: positions])
        try await checkpoints.send(.stage(part), weight: 1)
      }
      try await output.send(out, weight: out.weight)
      if markers.contains(.end) { return }
    }
  }
}

/// execution: one ordered log in; the order path out, and results back.
struct ExecutionLoop<Matching: MatchingModel>: Sendable {
  let input: Mailbox<[Batch]>
  let output: Mailbox<[Batch]>
  let feedback: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>
  let board: PipelineBoard

  func run(
    _ runner: StageRunner<ExecutionStage<Matching>>, acceptance: GaplessAcceptance,
    undelivered: [Envelope], watermark start: EventTime
  ) async throws {
    var runner = runner
    var acceptance = acceptance
    var retained = undelivered
    var gate = runner.stages[0].gateStatus
    board.updateGate(gate)
    // What risk had not taken at the barrier is emitted again, under its old numbers.
    feedback.sendPriority([
      Batch(
        stream: .feedback, partition: 0,
        firstSequence: runner.outbox.feedback.sequence + 1 - UInt64(undelivered.count),
        envelopes: undelivered, watermark: start, marker: nil, ingestedAt: 0, feedDelay: 0)
    ])
    while let group = await input.receive() {
      var out: [Batch] = []
      for batch in group {
        runner.begin(backlog: input.backlog)
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
        feedback.sendPriority([results])
        if let next = runner.takeBatch(
          lane: 0, watermark: batch.watermark, marker: batch.marker, evenIfEmpty: false)
        {
          out.append(next)
        }
        if case .barrier(let number) = batch.marker {
          let part = try runner.cut(
            barrier: number, watermark: batch.watermark,
            accepted: [.orders: [acceptance.position(of: 0)]], feedbackOutput: true, undelivered: retained)
          try await checkpoints.send(.stage(part), weight: 1)
        }
        // A marker is the last of its group, so that the sink commits there.
        if batch.marker != nil {
          try await output.send(out, weight: out.weight)
          out = []
        }
      }
      if !out.isEmpty { try await output.send(out, weight: out.weight) }
      if group.last?.marker == .end { return }
    }
  }
}

extension [Batch] {
  /// What the batches take of a mailbox's capacity: their events, and at least one each.
  var weight: Int { reduce(0) { $0 + Swift.max(1, $1.envelopes.count) } }
}
