import CDBDomain
import Logging

/// db_writer: the order path into the store, with the position that it brings the sink to.
///
/// Commits gather what came in meanwhile. A commit never gets ahead of the journal: what it holds follows
/// from records that are on the disk.
struct SinkLoop: Sendable {
  let input: Mailbox<[Batch]>
  let store: any PipelineStore
  let journal: any JournalIdentity
  /// Forces what the rows follow from to the disk.
  let force: @Sendable () throws -> Void
  let checkpoints: Mailbox<CheckpointMessage>
  let controls: IntakeControls
  let board: PipelineBoard
  let logger: Logger
  let configuration: PipelineConfiguration
  /// The shortest time between two commits.
  let commitInterval: Duration
  /// The last record of the journal that this process did not write.
  let earlier: UInt64
  let times: PipelineClock
  /// Is told when rows are in the store.
  var step: @Sendable (ServiceStep) -> Void = { _ in }
  /// Hears what the store has, after each commit.
  var stored: @Sendable (SinkPosition) -> Void = { _ in }

  static let rowsPerCommit = 1_000

  /// How long a store that takes no rows is tried again once the pipeline is told to end: the drain has a deadline, and
  /// the journal has everything.
  static let patienceAtTheEnd = Duration.seconds(2)

  func run(_ worker: SinkWorker) async throws {
    var worker = worker
    let disk = BlockingQueue(label: "cdb.journal.sync")
    let clock = ContinuousClock()
    var lastCommit = clock.now - commitInterval

    while let group = await input.receive() {
      var marked = try worker.take(group, backlog: input.backlog)
      if marked == nil, !worker.rows.isEmpty {
        let due = lastCommit + commitInterval
        if clock.now < due { try await clock.sleep(until: due) }
        while marked == nil, worker.rows.count < Self.rowsPerCommit, let more = input.poll() {
          marked = try worker.take(more, backlog: input.backlog)
        }
      }
      if !worker.rows.isEmpty || marked != nil {
        var position = worker.position(board.monitor(.dbWriter).ledger)
        position.journal = journal.identity
        try await commit(worker.rows, at: position, disk)
        stored(position)
        worker.committed(at: times.monotonic())
        lastCommit = clock.now
      }
      if let marked, let part = try worker.cut(marked) {
        try await checkpoints.send(.stage(part), weight: 1)
      }
      if marked?.marker == .end { return }
    }
  }

  /// Commits, and tries again until it succeeds: a store that is full or locked holds the pipeline up and
  /// says so; nothing is passed over.
  ///
  /// - Throws: ``StoreGaveUp`` where the pipeline is told to end and the store still takes nothing.
  private func commit(_ rows: [Envelope], at position: SinkPosition, _ disk: BlockingQueue) async throws {
    let monitor = board.monitor(.dbWriter)
    let clock = ContinuousClock()
    var pause = Duration.milliseconds(100)
    var deadline: ContinuousClock.Instant?
    while true {
      do {
        // A result follows from the market that its order met too, which came in behind the order.
        try await disk.run(force)
        let receipt = try await store.commit(rows, position: position, configuration: configuration)
        step(.committed)
        monitor.setFailure(nil)
        monitor.used(cpu: receipt.cpuNanoseconds)
        if receipt.newEvents < rows.count {
          logger.debug(
            "events were in the store already",
            metadata: ["cdb.events": .stringConvertible(rows.count - receipt.newEvents)])
        }
        board.committed(rows, wall: times.wall().nanoseconds, after: earlier)
        return
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        monitor.setFailure("the store does not take rows: \(error)")
        // The gate knows by the failure; an error would keep it shut for a while after the cure.
        logger.warning(
          "the store does not take rows; trying again",
          metadata: ["event.reason": "store_failed", "error.message": "\(error)"])
        try await controls.rest(for: pause)
        pause = min(pause * 2, .seconds(5))
        guard controls.isStopping else { continue }
        deadline = deadline ?? clock.now + Self.patienceAtTheEnd
        if let deadline, clock.now >= deadline { throw StoreGaveUp(reason: "\(error)") }
        pause = min(pause, .milliseconds(500))
      }
    }
  }
}

/// The pipeline was told to end, and the store has taken no rows since. What it lacks is in the journal.
public struct StoreGaveUp: Error, CustomStringConvertible {
  public var reason: String

  public var description: String {
    "ended before the store had everything; what it lacks is in the journal, and the next start takes it from there: "
      + reason
  }
}
