/// risk: the task around a ``RiskWorker``, which takes the events of core and the answers of execution.
struct RiskLoop: Sendable {
  let input: Mailbox<[Batch]>
  let output: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>

  func run(_ worker: RiskWorker) async throws {
    var worker = worker
    while let group = await next(worker.needsAnswer) {
      worker.begin(backlog: input.backlog)
      try worker.take(group)
      while worker.takesMore, let more = input.poll() { try worker.take(more) }
      let (out, cuts) = try worker.finish()
      try await give(out, cuts)
      if worker.hasEnded { return }
    }
  }

  /// Gives the events away up to each barrier, and then its cut: a snapshot waits until the bus has what was emitted before it,
  /// and a round may have more cuts than may wait at once.
  private func give(_ out: [Batch], _ cuts: [StageCheckpoint]) async throws {
    var cuts = cuts[...]
    var group: [Batch] = []
    for batch in out {
      group.append(batch)
      guard case .barrier = batch.marker else { continue }
      try await output.send(group, weight: group.weight)
      group = []
      if let cut = cuts.popFirst() { try await checkpoints.send(.stage(cut), weight: 1) }
    }
    if !group.isEmpty { try await output.send(group, weight: group.weight) }
    for cut in cuts { try await checkpoints.send(.stage(cut), weight: 1) }
  }

  private func next(_ needsAnswer: Bool) async -> [Batch]? {
    needsAnswer ? await input.receivePriority() : await input.receive()
  }
}
