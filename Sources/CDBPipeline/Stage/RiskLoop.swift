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
      // A snapshot waits until the bus has what was emitted before it, and a round may have more cuts than may wait at once.
      if !out.isEmpty { try await output.send(out, weight: out.weight) }
      for cut in cuts { try await checkpoints.send(.stage(cut), weight: 1) }
      if worker.hasEnded { return }
    }
  }

  private func next(_ needsAnswer: Bool) async -> [Batch]? {
    needsAnswer ? await input.receivePriority() : await input.receive()
  }
}
