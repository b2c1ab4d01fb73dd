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
    var waits: (what: String, isBus: Bool)?
    var areOpen = false
  }
  private let ends = Mutex(Ends())
  /// Rings when the edges are opened, and when what holds the bus up comes or goes.
  let bell = Bell()

  func close() {
    intake.close()
    input.close()
    output.close()
    feedback.close()
    checkpoints.close()
  }

  func use(_ writers: [RedisEdgeWriter]) {
    ends.withLock { $0.writers = writers }
    bell.ring()
  }
  func use(_ readers: [RedisEdgeReader]) { ends.withLock { $0.readers = readers } }
  /// What is waited for before the edges can be opened, and whether that is the bus; nil when it has come.
  func waits(for what: String?, isBus: Bool = false) {
    ends.withLock { $0.waits = what.map { (what: $0, isBus: isBus) } }
    bell.ring()
  }
  /// Events go through from now on: what was taken on is worked off before the end.
  func opened() {
    ends.withLock { $0.areOpen = true }
    bell.ring()
  }
  var areOpen: Bool { ends.withLock { $0.areOpen } }

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
      if let waits = ends.waits { return waits.what }
      for writer in ends.writers { if let trouble = await writer.trouble { return trouble } }
      for reader in ends.readers { if let trouble = await reader.trouble { return trouble } }
      return nil
    }
  }

  /// Why nothing can go out over the bus, in words; nil where it can, or where something else is waited for.
  var busTrouble: String? {
    get async {
      let ends = ends.withLock { $0 }
      if let waits = ends.waits, waits.isBus { return waits.what }
      for writer in ends.writers { if let trouble = await writer.trouble { return trouble } }
      return nil
    }
  }

  /// Returns what holds the bus up, once something does; nil where the task is cancelled.
  func untilBusTrouble() async -> String? {
    while !Task.isCancelled {
      let heard = bell.count
      if let trouble = await busTrouble { return trouble }
      await bell.rings(after: heard)
    }
    return nil
  }

  /// Waits until nothing holds the bus up.
  ///
  /// - Returns: what still does after `patience`; nil where nothing does any more, or the task is cancelled.
  func busTrouble(after patience: Duration) async -> String? {
    let passes = await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        while !Task.isCancelled {
          let heard = self.bell.count
          if await self.busTrouble == nil { return true }
          await self.bell.rings(after: heard)
        }
        return true
      }
      group.addTask {
        do { try await Task.sleep(for: patience) } catch { return true }
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? true
    }
    return passes ? nil : await busTrouble
  }
}
