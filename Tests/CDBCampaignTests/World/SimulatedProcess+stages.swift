import CDBDomain
import Logging

@testable import CDBPipeline

// The way of the events, from the feed to the store.
extension SimulatedProcess {
  /// Journals what the connection has received and what was submitted, and passes it on.
  func takeIn(_ exchange: SimulatedExchange) throws {
    askForSnapshots(exchange)
    let status = connection.status
    board.updateFeed {
      $0.isConnected = true
      $0.connection = status
      $0.failure = status.failure
    }
    guard !ingest.isFull else { return }
    var incoming = IngestBatch()
    for frame in connection.take() {
      incoming.append(.frame, source: frame.instrument, time: frame.time, payload: frame.bytes)
    }
    frames += incoming.count
    let commands = pipeline.controls.takeControls()
    var batch = intake.stamped(incoming, controls: waiting + commands, isLive: true)
    waiting = []
    try intake.append(&batch)
    pipeline.controls.noteJournaled(commands.count)
    try pass(&batch, atEnd: false)
  }

  func pass(_ batch: inout IngestBatch, atEnd: Bool) throws {
    if let manifest = try intake.mark(
      &batch, isAsked: pipeline.controls.takeBarrierRequest(), atEnd: atEnd)
    {
      try gather(.barrier(manifest))
    }
    guard !batch.isEmpty || batch.marker != nil else { return }
    ingest.push(batch, weight: max(1, batch.count))
  }

  private func askForSnapshots(_ exchange: SimulatedExchange) {
    guard connection.isStreaming, clock.elapsed >= nextSnapshot else { return }
    nextSnapshot = clock.elapsed + SimulatedClock.second
    let catalogue = pipeline.options.configuration.instruments
    let symbols = board.unsynchronisedSymbols
    let frames = catalogue.ids.filter { symbols.contains(catalogue[$0].symbol) }.compactMap { id in
      exchange.snapshot(of: id).map {
        SimulatedConnection.Frame(instrument: id.index, time: clock.wall, bytes: $0)
      }
    }
    connection.receive(frames, elapsed: clock.elapsed)
  }

  /// Lets every stage work until none has anything that it may work on.
  func runStages(faults: WorldFaults) async throws {
    var isMoving = true
    while isMoving {
      isMoving = false
      for stage in StageName.allCases where !faults.stalled.contains(stage) {
        let isLosing = faults.losing == stage && !hasLost
        do {
          let moved =
            switch stage {
            case .ws: try runWS(isLosing)
            case .core: try runCore(isLosing)
            case .risk: try runRisk(isLosing)
            case .execution: try runExecution(isLosing)
            case .dbWriter: try await runSink(isLosing)
            }
          isMoving = moved || isMoving
        } catch {
          throw StageStopped(stage: stage, cause: error)
        }
      }
    }
    try await commitRows(faults)
  }

  private func runWS(_ isLosing: Bool) throws -> Bool {
    guard !marketData.isFull, let batch = ingest.pop() else { return false }
    let (out, cut) = try feed.work(batch, backlog: ingest.weight)
    if let cut { try gather(.stage(cut)) }
    marketData.push(out, weight: out.weight)
    return true
  }

  private func runCore(_ isLosing: Bool) throws -> Bool {
    guard !signals.isFull, let group = marketData.pop() else { return false }
    if isLosing, loses(group) { return true }
    let (out, cut, _) = try core.work(group, backlog: marketData.weight)
    if let cut { try gather(.stage(cut)) }
    signals.push(out, weight: out.weight)
    return true
  }

  private func runRisk(_ isLosing: Bool) throws -> Bool {
    guard !risk.hasEnded, !orders.isFull, !feedback.isEmpty || (!signals.isEmpty && risk.takesMore) else {
      return false
    }
    risk.begin(backlog: signals.weight)
    for answers in feedback { try risk.take(answers) }
    feedback = []
    while risk.takesMore, let group = signals.pop() {
      if !isLosing || !loses(group) { try risk.take(group) }
    }
    let (out, cuts) = try risk.finish()
    for cut in cuts { try gather(.stage(cut)) }
    if !out.isEmpty { orders.push(out, weight: out.weight) }
    return true
  }

  private func runExecution(_ isLosing: Bool) throws -> Bool {
    guard !results.isFull, let group = orders.pop() else { return false }
    if isLosing, loses(group) { return true }
    var out: [Batch] = []
    for batch in group {
      let (answers, next, cut) = try execution.work(batch, backlog: orders.weight)
      feedback.append([answers])
      if let next { out.append(next) }
      if let cut { try gather(.stage(cut)) }
      if batch.marker != nil {
        results.push(out, weight: out.weight)
        out = []
      }
    }
    if !out.isEmpty { results.push(out, weight: out.weight) }
    return true
  }

  private func runSink(_ isLosing: Bool) async throws -> Bool {
    if commit != nil { return try await tryToCommit() }
    guard let group = results.pop() else { return false }
    if isLosing, loses(group) { return true }
    if let marked = try sink.take(group, backlog: results.weight) {
      commit = PendingCommit(marked: marked, due: clock.elapsed)
    }
    return true
  }

  /// What came in during a step is committed together, as what comes in during the commit interval is.
  private func commitRows(_ faults: WorldFaults) async throws {
    guard !faults.stalled.contains(.dbWriter), commit == nil, !sink.rows.isEmpty else { return }
    commit = PendingCommit(marked: nil, due: clock.elapsed)
    _ = try await tryToCommit()
  }

  /// One attempt, where one is due; a store that takes nothing is tried again, less and less often.
  private func tryToCommit() async throws -> Bool {
    guard var pending = commit, clock.elapsed >= pending.due else { return false }
    if store.condition == .locked {
      let since = pending.lockedSince ?? clock.elapsed
      pending.lockedSince = since
      commit = pending
      guard Double(clock.elapsed - since) / 1e9 >= SimulatedStore.patience else { return false }
    }
    pending.lockedSince = nil
    let monitor = board.monitor(.dbWriter)
    do {
      let receipt = try await store.commit(
        sink.rows, position: sink.position(monitor.ledger), configuration: pipeline.options.configuration)
      monitor.setFailure(nil)
      monitor.used(cpu: receipt.cpuNanoseconds)
      board.committed(sink.rows, wall: clock.wall.nanoseconds, after: pipeline.earlier)
      sink.committed(at: clock.monotonic)
      commit = nil
      if let marked = pending.marked, let part = try sink.cut(marked) { try gather(.stage(part)) }
      return true
    } catch let refusal as SimulatedStore.Refusal {
      monitor.setFailure("the store does not take rows: \(refusal)")
      pipeline.options.logger.warning("the store does not take rows; trying again")
      pending.due = clock.elapsed + pending.pause
      pending.pause = min(pending.pause * 2, 5 * SimulatedClock.second)
      commit = pending
      return false
    }
  }

  /// Whether a group gets lost: the first with events in it, and no other.
  private func loses(_ group: [Batch]) -> Bool {
    guard !hasLost, group.contains(where: { !$0.envelopes.isEmpty }) else { return false }
    hasLost = true
    return true
  }

  private func gather(_ message: CheckpointMessage) throws {
    guard let complete = assembly.take(message) else { return }
    board.balanced(complete.report)
    for imbalance in complete.report.imbalances {
      pipeline.options.logger.error("the flow does not balance: \(imbalance)")
    }
    guard let (manifest, stages) = complete.checkpoint else { return }
    try pipeline.checkpoints.save(manifest, stages)
    board.checkpointed(manifest)
  }
}
