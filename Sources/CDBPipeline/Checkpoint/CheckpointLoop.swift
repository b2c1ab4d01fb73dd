import CDBDomain
import DurableQueue
import Logging

/// What the checkpoint loop is told.
enum CheckpointMessage: Sendable {
  /// A barrier was put behind this record of the journal.
  case barrier(CheckpointManifest)
  case stage(StageCheckpoint)
}

/// Gathers the stages' cuts and snapshots of each barrier, balances the ledger, and makes the barrier
/// durable.
struct CheckpointLoop: Sendable {
  let mailbox: Mailbox<CheckpointMessage>
  let store: CheckpointStore
  let journal: Journal?
  let board: PipelineBoard
  let logger: Logger
  /// Bytes of journal to keep for replays beyond what recovery needs.
  let journalRetention: Int

  func run() async {
    let disk = BlockingQueue(label: "cdb.checkpoint")
    var audit = FlowAudit()
    var manifests: [UInt64: CheckpointManifest] = [:]
    var parts: [UInt64: [StageName: StageCheckpoint]] = [:]
    while let message = await mailbox.receive() {
      switch message {
      case .barrier(let manifest):
        manifests[manifest.barrier] = manifest
      case .stage(let part):
        let barrier = part.cut.barrier
        parts[barrier, default: [:]][part.cut.stage] = part
        guard let report = audit.add(part.cut) else { continue }
        announce(report)
        let complete = parts[barrier] ?? [:]
        let manifest = manifests[barrier]
        parts = parts.filter { $0.key > barrier }
        manifests = manifests.filter { $0.key > barrier }
        // A checkpoint of books that do not balance would carry the loss on.
        guard report.isBalanced, let manifest else { continue }
        do {
          try await disk.run {
            try journal?.synchronize(through: manifest.journalSequence)
            try store.save(manifest, complete)
            try trim(upTo: manifest.journalSequence)
          }
          board.checkpointed(manifest)
        } catch {
          logger.error(
            "checkpoint failed", metadata: ["event.reason": "checkpoint_failed", "error.message": "\(error)"])
          board.checkpointFailed("\(error)")
        }
      }
    }
  }

  private func announce(_ report: FlowReport) {
    board.balanced(report)
    for imbalance in report.imbalances {
      logger.error(
        "the flow does not balance: \(imbalance)",
        metadata: ["event.reason": "flow_imbalance", "cdb.barrier": .stringConvertible(report.barrier)])
    }
  }

  private func trim(upTo covered: UInt64) throws {
    guard let journal else { return }
    let statistics = journal.queue.statistics
    guard statistics.bytes > journalRetention, statistics.nextSequence > statistics.firstSequence else {
      return
    }
    let excess = Double(statistics.bytes - journalRetention) / Double(statistics.bytes)
    let records = Double(statistics.nextSequence - statistics.firstSequence)
    let target = statistics.firstSequence + UInt64(excess * records)
    try journal.queue.trim(through: min(covered, target))
  }
}
