import CDBDomain
import Logging

/// Makes a stage's cuts durable as they come, and lets go of what nobody needs any more.
///
/// A snapshot is durable only after the server has confirmed everything that the snapshot says was emitted: otherwise
/// a stage could go on behind events that are nowhere.
struct SnapshotLoop: Sendable {
  let mailbox: Mailbox<CheckpointMessage>
  /// Nil where a store keeps the position, with the rows.
  let snapshots: StageSnapshots?
  let writers: [RedisEdgeWriter]
  let readers: [RedisEdgeReader]
  let cuts: CutRecord
  let board: PipelineBoard
  let journal: any JournalIdentity
  let logger: Logger
  let wall: @Sendable () -> EventTime
  /// Is told the oldest snapshot that may be gone on from.
  let trim: @Sendable (CheckpointManifest) throws -> Void
  let step: @Sendable (ServiceStep) -> Void

  /// Between two looks at what the server has confirmed.
  static let pause = Duration.milliseconds(5)

  func run() async {
    let disk = BlockingQueue(label: "cdb.snapshot")
    var manifests: [UInt64: CheckpointManifest] = [:]
    while let message = await mailbox.receive() {
      switch message {
      case .barrier(let manifest): manifests[manifest.barrier] = manifest
      case .stage(let part):
        let barrier = part.cut.barrier
        let manifest = manifests[barrier] ?? self.manifest(of: barrier)
        manifests = manifests.filter { $0.key > barrier }
        do {
          try await save(part, manifest, disk)
        } catch is CancellationError {
          return
        } catch {
          logger.error(
            "checkpoint failed",
            metadata: ["event.reason": "checkpoint_failed", "error.message": "\(error)"])
          board.checkpointFailed("\(error)")
        }
      }
    }
  }

  private func save(
    _ part: StageCheckpoint, _ manifest: CheckpointManifest, _ disk: BlockingQueue
  ) async throws {
    cuts.note(part.cut)
    guard let snapshots else {
      board.checkpointed(manifest)
      for reader in readers { await cover(reader, part.cut) }
      return
    }
    for writer in writers {
      let emitted = part.cut.emitted[writer.stream] ?? []
      while true {
        let confirmed = await writer.confirmed
        if emitted.enumerated().allSatisfy({ $0.element <= confirmed[UInt16($0.offset)] ?? 0 }) { break }
        try await Task.sleep(for: Self.pause)
      }
    }
    var covered: [StreamName: [UInt16: UInt64]] = [:]
    for writer in writers { covered[writer.stream] = await writer.covered }
    let known = covered
    step(.saving)
    let oldest = try await disk.run {
      try snapshots.save(part, manifest)
      let oldest = snapshots.shed(covered: known)
      if let oldest { try trim(oldest.manifest) }
      return oldest
    }
    step(.saved)
    board.checkpointed(manifest)
    guard let oldest else { return }
    for reader in readers { await cover(reader, oldest.cut) }
  }

  /// What the server does not hear now it hears at the next barrier.
  private func cover(_ reader: RedisEdgeReader, _ cut: StageCut) async {
    step(.covering)
    defer { step(.covered) }
    let numbers = (cut.accepted[reader.stream] ?? []).enumerated().map { (UInt16($0.offset), $0.element) }
    let barrier = reader.stream == .feedback ? nil : cut.barrier
    do {
      try await reader.cover(Dictionary(numbers) { first, _ in first }, barrier: barrier)
    } catch {
      logger.debug("a stream was not shortened", metadata: ["error.message": "\(error)"])
    }
  }

  private func manifest(of barrier: UInt64) -> CheckpointManifest {
    CheckpointManifest(
      barrier: barrier, journalSequence: 0, framesAccepted: 0,
      configurationFingerprint: board.status().fingerprint, journalIdentity: journal.identity, madeAt: wall())
  }
}
