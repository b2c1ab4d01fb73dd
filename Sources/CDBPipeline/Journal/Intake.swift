import CDBDomain
import DurableQueue
import Logging

/// The way in: reads the source, gives every input its time and its number, and journals it before anything
/// acts on it. First it replays what an earlier run had accepted and not covered by a checkpoint.
struct Intake: Sendable {
  let journal: Journal
  let output: Mailbox<IngestBatch>
  let checkpoints: Mailbox<CheckpointMessage>
  let controls: IntakeControls
  let board: PipelineBoard
  let logger: Logger
  let clock: PipelineClock
  /// Inputs a batch.
  let batchRecords: Int
  /// Records to put in front of the source's: the configuration, where it is new.
  let opening: [Control]
  /// Where the barriers are noted before anybody sees them; nil where those who see them end with this process.
  var barriers: BarrierLog?

  /// A source that fails so often without delivering anything is given up.
  static let failuresInARow = 3

  func run(_ source: any FrameSource, _ worker: IntakeWorker) async throws {
    var source = source
    var worker = worker
    if source.deliversJournal { controls.close() }
    board.updateFeed { [isLive = source.isLive] in $0.isLive = isLive }
    defer { controls.close() }
    let isWhole = try await replay(&worker)
    try await source.resume(after: source.deliversJournal ? worker.sequence : worker.frames)
    var waiting = opening
    var ended = false
    var failures = 0
    var frames = IngestBatch()
    while !ended, !controls.isStopping {
      frames = IngestBatch()
      frames.reserve(records: batchRecords, bytes: batchRecords * 320)
      do {
        ended = try await source.next(maximum: batchRecords, into: &frames) == .ended
        let connection = source.connection
        board.updateFeed {
          $0.isConnected = !ended
          $0.connection = connection
          $0.failure = connection?.failure
        }
        failures = 0
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        // What was delivered before the fault counts, and a source may go on behind it, as with the next of
        // several files. One that fails again and again has ended.
        logger.error(
          "the feed failed", metadata: ["event.reason": "feed_failed", "error.message": "\(error)"])
        board.updateFeed {
          $0.isConnected = false
          $0.failure = "\(error)"
          $0.faults += 1
        }
        board.notice("\(error)")
        failures += 1
        ended = failures >= Self.failuresInARow
      }
      let commands = controls.takeControls()
      waiting += commands
      var batch =
        source.deliversJournal
        ? frames : worker.stamped(frames, controls: waiting, isLive: source.isLive)
      waiting = []
      try await accept(&batch, commands: commands.count, &worker, atEnd: ended)
    }
    // A stop may come while a batch is being passed on.
    if worker.sequence > 0, !worker.hasEnded, isWhole {
      try await pass(IngestBatch(), &worker, atEnd: true)
    }
    // A stream outlives its processes: an end in it would end whoever reads on from there.
    if barriers == nil || ended { try await output.send(worker.end(), weight: 1) } else { output.close() }
  }

  /// Journals a batch and passes it on. A journal that takes nothing (a full disk) holds the feed up, says
  /// so, and is tried again: what is not journaled is not accepted.
  ///
  /// - Parameter commands: how many of the records were submitted from outside.
  private func accept(
    _ batch: inout IngestBatch, commands: Int, _ worker: inout IntakeWorker, atEnd: Bool
  ) async throws {
    var pause = Duration.milliseconds(100)
    while true {
      // A disk may neither take nor refuse it.
      board.journals(.init(records: batch.count, since: clock.monotonic()))
      do throws(DurableQueueError) {
        defer { board.journals(nil) }
        try worker.append(&batch)
        break
      } catch {
        board.updateFeed { $0.failure = "the journal takes nothing: \(error)" }
        board.monitor(.ws).setFailure("the journal takes nothing: \(error)")
        // The gate knows by the failure; an error would keep it shut for a while after the cure.
        logger.warning(
          "the journal takes nothing; the feed waits",
          metadata: ["event.reason": "journal_failed", "error.message": "\(error)"])
        if controls.isStopping { return }
        try await controls.rest(for: pause)
        pause = min(pause * 2, .seconds(5))
      }
    }
    controls.noteJournaled(commands)
    if pause > .milliseconds(100) {
      board.updateFeed { $0.failure = nil }
      board.monitor(.ws).setFailure(nil)
    }
    try await pass(batch, &worker, atEnd: atEnd)
  }

  private func pass(_ batch: IngestBatch, _ worker: inout IntakeWorker, atEnd: Bool) async throws {
    var batch = batch
    if let manifest = try worker.mark(&batch, isAsked: controls.takeBarrierRequest(), atEnd: atEnd) {
      try await note(manifest)
      try await checkpoints.send(.barrier(manifest), weight: 1)
    }
    guard !batch.isEmpty || batch.marker != nil else { return }
    try await output.send(batch, weight: max(1, batch.count))
  }

  /// Notes where a barrier is, before anybody sees it; a disk that takes nothing holds the feed up.
  private func note(_ manifest: CheckpointManifest) async throws {
    guard let barriers else { return }
    var isHeldUp = false
    while true {
      do {
        try barriers.append(manifest)
        if isHeldUp { board.monitor(.ws).setFailure(nil) }
        return
      } catch {
        isHeldUp = true
        board.monitor(.ws).setFailure("the barrier log takes nothing: \(error)")
        logger.warning(
          "the barrier log takes nothing; the feed waits",
          metadata: ["event.reason": "journal_failed", "error.message": "\(error)"])
        if controls.isStopping { throw error }
        try await controls.rest(for: .seconds(1))
      }
    }
  }

  /// Passes on what is journaled and not covered by the checkpoint.
  ///
  /// - Returns: false where it was told to end before every barrier was put where it had been.
  private func replay(_ worker: inout IntakeWorker) async throws -> Bool {
    let last = journal.lastSequence
    var noted = (try barriers?.manifests(after: worker.barrier) ?? [])[...]
    let reader = try worker.unread(to: last)
    while !controls.isStopping {
      // Whoever reads the streams may have passed it on one partition and not on another.
      while let earlier = noted.first, earlier.journalSequence <= worker.sequence {
        noted.removeFirst()
        guard earlier.journalSequence == worker.sequence else { continue }
        var batch = IngestBatch()
        worker.mark(&batch, as: earlier)
        try await checkpoints.send(.barrier(earlier), weight: 1)
        try await output.send(batch, weight: 1)
      }
      guard let reader, worker.sequence < last else { break }
      let batch = try worker.again(reader, upTo: noted.first?.journalSequence ?? .max)
      guard !batch.isEmpty else { break }
      if noted.isEmpty {
        try await pass(batch, &worker, atEnd: false)
      } else {
        var batch = batch
        batch.ingestedAt = clock.monotonic()
        try await output.send(batch, weight: max(1, batch.count))
      }
    }
    return noted.isEmpty
  }
}
