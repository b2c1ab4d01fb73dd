import CDBDomain
import DurableQueue
import Logging

/// The task around a ``CheckpointAssembly``: says what does not balance, and makes balanced barriers durable.
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
    var assembly = CheckpointAssembly()
    // Of the checkpoints that are kept, by barrier: the journal's last record before it.
    var known: [UInt64: UInt64] = [:]
    var hasFailed = false
    while let message = await mailbox.receive() {
      guard let complete = assembly.take(message) else { continue }
      announce(complete.report)
      guard let (manifest, stages) = complete.checkpoint else { continue }
      do {
        known[manifest.barrier] = manifest.journalSequence
        known = try await disk.run { [known] in
          try journal?.synchronize(through: manifest.journalSequence)
          try store.save(manifest, stages)
          // Any of those that are kept may be the one that the next start goes on from.
          var kept: [UInt64: UInt64] = [:]
          for barrier in store.barriers() {
            kept[barrier] = known[barrier] ?? (try? store.manifest(of: barrier).journalSequence)
          }
          if let journal, let covered = kept.values.min() {
            try journal.trim(upTo: covered, keeping: journalRetention)
          }
          return kept
        }
        if let journal { board.journalBegins(at: journal.queue.statistics.firstSequence) }
        // In the log before anybody sees that it is over: whoever looks for errors finds that they are.
        if hasFailed {
          logger.notice(
            "checkpoints are made again",
            metadata: ["event.reason": "checkpoint_failed", "event.outcome": "success"])
        }
        hasFailed = false
        board.checkpointed(manifest)
      } catch {
        hasFailed = true
        logger.error(
          "checkpoint failed", metadata: ["event.reason": "checkpoint_failed", "error.message": "\(error)"])
        board.checkpointFailed("\(error)")
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
}
