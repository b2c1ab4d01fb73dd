import CDBDomain

/// What the checkpoint loop is told.
enum CheckpointMessage: Sendable {
  /// A barrier was put behind this record of the journal.
  case barrier(CheckpointManifest)
  case stage(StageCheckpoint)
  /// What the stages behind have covered may have changed.
  case look
}

/// Gathers the stages' cuts and snapshots of each barrier, and balances the ledger when the last one has come.
struct CheckpointAssembly: Sendable {
  /// A barrier that every stage has passed.
  struct Complete: Sendable {
    var report: FlowReport
    /// What a checkpoint consists of; nil where there can be none: books that do not balance would carry the loss on.
    var checkpoint: (manifest: CheckpointManifest, stages: [StageName: StageCheckpoint])?
  }

  private var audit = FlowAudit()
  private var manifests: [UInt64: CheckpointManifest] = [:]
  private var parts: [UInt64: [StageName: StageCheckpoint]] = [:]

  mutating func take(_ message: CheckpointMessage) -> Complete? {
    switch message {
    case .look: return nil
    case .barrier(let manifest):
      manifests[manifest.barrier] = manifest
      return nil
    case .stage(let part):
      let barrier = part.cut.barrier
      parts[barrier, default: [:]][part.cut.stage] = part
      guard let report = audit.add(part.cut) else { return nil }
      let stages = parts[barrier] ?? [:]
      let manifest = manifests[barrier]
      parts = parts.filter { $0.key > barrier }
      manifests = manifests.filter { $0.key > barrier }
      guard report.isBalanced, let manifest else { return Complete(report: report) }
      return Complete(report: report, checkpoint: (manifest, stages))
    }
  }
}
