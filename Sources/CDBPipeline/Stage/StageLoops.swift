import CDBDomain

// The tasks around the workers: receive, let them work, publish. Each is one loop; what it does is elsewhere.

/// ws: journaled inputs in, one batch a partition out.
struct FeedLoop: Sendable {
  let input: Mailbox<IngestBatch>
  let output: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>

  func run(_ worker: FeedWorker) async throws {
    var worker = worker
    while let batch = await input.receive() {
      let (out, cut) = try worker.work(batch, backlog: input.backlog)
      if let cut { try await checkpoints.send(.stage(cut), weight: 1) }
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

  func run(_ worker: CoreWorker) async throws {
    var worker = worker
    while let group = await input.receive() {
      let (out, cut, isEnd) = try worker.work(group, backlog: input.backlog)
      if let cut { try await checkpoints.send(.stage(cut), weight: 1) }
      try await output.send(out, weight: out.weight)
      if isEnd { return }
    }
  }
}

/// execution: one ordered log in; the order path out, and results back.
struct ExecutionLoop<Matching: MatchingModel>: Sendable {
  let input: Mailbox<[Batch]>
  let output: Mailbox<[Batch]>
  let feedback: Mailbox<[Batch]>
  let checkpoints: Mailbox<CheckpointMessage>

  func run(_ worker: ExecutionWorker<Matching>) async throws {
    var worker = worker
    feedback.sendPriority([worker.firstWord])
    while let group = await input.receive() {
      var out: [Batch] = []
      for batch in group {
        let (results, next, cut) = try worker.work(batch, backlog: input.backlog)
        feedback.sendPriority([results])
        if let next { out.append(next) }
        if let cut { try await checkpoints.send(.stage(cut), weight: 1) }
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
