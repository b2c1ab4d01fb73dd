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
    while let message = await mailbox.receive() {
      guard let complete = assembly.take(message) else { continue }
      announce(complete.report)
      guard let (manifest, stages) = complete.checkpoint else { continue }
      do {
        try await disk.run {
          try journal?.synchronize(through: manifest.journalSequence)
          try store.save(manifest, stages)
          // Any of those that are kept may be the one that the next start goes on from.
          let kept = store.barriers().compactMap { try? store.manifest(of: $0).journalSequence }
          if let journal, let covered = kept.min() {
            try Self.trim(journal, upTo: covered, keeping: journalRetention)
          }
        }
        board.checkpointed(manifest)
      } catch {
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

  /// Shortens a journal to about as many bytes, and not beyond what is covered.
  static func trim(_ journal: Journal, upTo covered: UInt64, keeping retention: Int) throws {
    let statistics = journal.queue.statistics
    guard statistics.bytes > retention, statistics.nextSequence > statistics.firstSequence else { return }
    let excess = Double(statistics.bytes - retention) / Double(statistics.bytes)
    let records = Double(statistics.nextSequence - statistics.firstSequence)
    let target = statistics.firstSequence + UInt64(excess * records)
    try journal.queue.trim(through: min(covered, target))
  }
}
