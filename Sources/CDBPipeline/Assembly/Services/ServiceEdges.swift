import CDBDomain
import Synchronization

/// The mailboxes around the stage of one process, and the ends of the edges that leave it.
final class ServiceEdges: Sendable {
  let intake = Mailbox<IngestBatch>(capacity: 4_096)
  let input = Mailbox<[Batch]>(capacity: 8_192)
  let output = Mailbox<[Batch]>(capacity: 8_192)
  /// Of execution, to risk.
  let feedback = Mailbox<[Batch]>(capacity: 8_192)
  let checkpoints = Mailbox<CheckpointMessage>(capacity: 64)

  private struct Ends: Sendable {
    var writers: [RedisEdgeWriter] = []
    var readers: [RedisEdgeReader] = []
    var waits: String?
  }
  private let ends = Mutex(Ends())

  func close() {
    intake.close()
    input.close()
    output.close()
    feedback.close()
    checkpoints.close()
  }

  func use(_ writers: [RedisEdgeWriter]) { ends.withLock { $0.writers = writers } }
  func use(_ readers: [RedisEdgeReader]) { ends.withLock { $0.readers = readers } }
  /// What is waited for before the edges can be opened; nil when it has come.
  func waits(for what: String?) { ends.withLock { $0.waits = what } }

  /// Whose streams are waited for, in words; nil while none are.
  var awaitedOwner: String? {
    get async {
      for writer in ends.withLock({ $0.writers }) {
        if let owner = await writer.awaitedOwner { return owner }
      }
      return nil
    }
  }

  /// What holds an edge up, in words; nil while all run.
  var trouble: String? {
    get async {
      let ends = ends.withLock { $0 }
      if let waits = ends.waits { return waits }
      for writer in ends.writers { if let trouble = await writer.trouble { return trouble } }
      for reader in ends.readers { if let trouble = await reader.trouble { return trouble } }
      return nil
    }
  }
}
