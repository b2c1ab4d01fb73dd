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
  /// Is done before a snapshot is written: what it follows from is on the disk first.
  let force: @Sendable (CheckpointManifest) throws -> Void
  let step: @Sendable (ServiceStep) -> Void
  /// Is asked before a snapshot is written whether it may be by now; where not, it is given up.
  let mayBeSaved: @Sendable (UInt64) async throws -> Bool
  /// Hears of the barriers of snapshots that are durable, and of nil where time has passed.
  let saved: @Sendable (UInt64?) async -> Void
  /// Is done when a store's input was let go of at a barrier.
  let afterCover: @Sendable () async -> Void

  /// Between two looks at what the server has confirmed.
  static let pause = Duration.milliseconds(5)

  func run() async {
    let disk = BlockingQueue(label: "cdb.snapshot")
    var manifests: [UInt64: CheckpointManifest] = [:]
    var state = State()
    while let message = await mailbox.receive() {
      do {
        switch message {
        case .barrier(let manifest): manifests[manifest.barrier] = manifest
        case .stage(let part):
          let barrier = part.cut.barrier
          let manifest = manifests[barrier] ?? self.manifest(of: barrier)
          manifests = manifests.filter { $0.key > barrier }
          try await save(part, manifest, disk, &state)
        case .look: try await look(disk, &state)
        }
      } catch is CancellationError {
        return
      } catch {
        logger.error(
          "checkpoint failed", metadata: ["event.reason": "checkpoint_failed", "error.message": "\(error)"])
        board.checkpointFailed("\(error)")
      }
    }
  }

  /// What the loop knows from the time before.
  private struct State {
    var covered: [StreamName: [UInt16: UInt64]] = [:]
    /// What the input is to be covered up to, where the server has not heard it yet.
    var unsaid: StageCut?
  }

  private func save(
    _ part: StageCheckpoint, _ manifest: CheckpointManifest, _ disk: BlockingQueue, _ state: inout State
  ) async throws {
    cuts.note(part.cut)
    guard let snapshots else {
      board.checkpointed(manifest)
      await cover(part.cut, &state)
      // A server that has not heard the one is not waited for with the other.
      if state.unsaid == nil { await afterCover() }
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
    guard try await mayBeSaved(part.cut.barrier) else { return }
    let covered = await covered()
    step(.saving)
    let oldest = try await disk.run {
      try force(manifest)
      try snapshots.save(part, manifest)
      let oldest = snapshots.shed(covered: covered)
      if let oldest { try trim(oldest.manifest) }
      return oldest
    }
    step(.saved)
    await saved(part.cut.barrier)
    state.covered = covered
    board.checkpointed(manifest)
    if let oldest { await cover(oldest.cut, &state) }
  }

  /// Lets go of what the stages behind have covered since. They may have done so after the last barrier, and no other comes
  /// while the streams are full.
  private func look(_ disk: BlockingQueue, _ state: inout State) async throws {
    for writer in writers { await writer.askWhatIsCovered() }
    await saved(nil)
    let covered = await covered()
    if let snapshots, covered != state.covered {
      let oldest = try await disk.run {
        let oldest = snapshots.shed(covered: covered)
        if let oldest { try trim(oldest.manifest) }
        return oldest
      }
      state.covered = covered
      if let oldest { return await cover(oldest.cut, &state) }
    }
    if let unsaid = state.unsaid { await cover(unsaid, &state) }
  }

  private func covered() async -> [StreamName: [UInt16: UInt64]] {
    var covered: [StreamName: [UInt16: UInt64]] = [:]
    for writer in writers { covered[writer.stream] = await writer.covered }
    return covered
  }

  private func cover(_ cut: StageCut, _ state: inout State) async {
    step(.covering)
    defer { step(.covered) }
    state.unsaid = nil
    for reader in readers {
      let numbers = (cut.accepted[reader.stream] ?? []).enumerated().map { (UInt16($0.offset), $0.element) }
      let barrier = reader.stream == .feedback ? nil : cut.barrier
      do {
        try await reader.cover(Dictionary(numbers) { first, _ in first }, barrier: barrier)
      } catch {
        state.unsaid = cut
        logger.debug("a stream was not shortened", metadata: ["error.message": "\(error)"])
      }
    }
  }

  private func manifest(of barrier: UInt64) -> CheckpointManifest {
    CheckpointManifest(
      barrier: barrier, journalSequence: 0, framesAccepted: 0,
      configurationFingerprint: board.status().fingerprint, journalIdentity: journal.identity, madeAt: wall())
  }
}
