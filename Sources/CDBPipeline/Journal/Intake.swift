import CDBDomain
import DurableQueue
import Logging
import Synchronization

/// What the intake is asked from outside.
public final class IntakeControls: Sendable {
  private struct State: Sendable {
    var isStopping = false
    var isClosed = false
    var controls: [Control] = []
    var wantsBarrier = false
    var submitted: UInt64 = 0
    var journaled: UInt64 = 0
  }
  private let state = Mutex(State())

  init() {}

  /// Ends the input: what was accepted is worked off, then the pipeline ends.
  public func stop() { state.withLock { $0.isStopping = true } }

  /// Puts a command into the input, in order with the frames.
  ///
  /// - Returns: its number, from 1, for ``journaled(_:within:)``; nil where no command is taken any more, or at
  ///   all: a journal that is replayed has its own.
  public func submit(_ control: Control) -> UInt64? {
    state.withLock { state in
      guard !state.isClosed, !state.isStopping else { return nil }
      state.controls.append(control)
      state.submitted += 1
      return state.submitted
    }
  }

  /// Waits until the command of that number is in the journal: from then on a crash does not lose it. False where
  /// that took too long, or the task was cancelled.
  public func journaled(_ number: UInt64, within limit: Duration) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !state.withLock({ $0.journaled >= number }) {
      guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return true
  }

  func noteJournaled(_ count: Int) { state.withLock { $0.journaled += UInt64(count) } }

  /// Asks for a barrier with the next input, sooner than one is due.
  public func requestBarrier() { state.withLock { $0.wantsBarrier = true } }

  func takeBarrierRequest() -> Bool {
    state.withLock { state in
      defer { state.wantsBarrier = false }
      return state.wantsBarrier
    }
  }

  func close() { state.withLock { $0.isClosed = true } }

  /// Waits before something is tried again, and no longer than a moment once the input is to end.
  func rest(for pause: Duration) async throws {
    let clock = ContinuousClock()
    let end = clock.now + pause
    repeat {
      try await clock.sleep(for: min(.milliseconds(100), max(.zero, end - clock.now)))
    } while clock.now < end && !isStopping
  }

  var isStopping: Bool { state.withLock { $0.isStopping } }
  func takeControls() -> [Control] {
    state.withLock { state in
      defer { state.controls = [] }
      return state.controls
    }
  }
}

/// The way in: reads the source, gives every input its time and its number, and journals it before anything
/// acts on it. First it replays what an earlier run had accepted and not covered by a checkpoint.
struct Intake: Sendable {
  struct Settings: Sendable {
    var batchRecords: Int
    var tickInterval: Int64
    /// Nanoseconds between barriers.
    var barrierInterval: UInt64
    /// Records after which a barrier follows, however little time passed.
    var barrierRecords: UInt64
  }

  let journal: Journal
  let output: Mailbox<IngestBatch>
  let checkpoints: Mailbox<CheckpointMessage>
  let controls: IntakeControls
  let board: PipelineBoard
  let logger: Logger
  let settings: Settings
  /// Records to put in front of the source's: the configuration, where it is new.
  let opening: [Control]

  /// A source that fails so often without delivering anything is given up.
  static let failuresInARow = 3

  private struct Position {
    var barrier: UInt64
    var frames: UInt64
    var sequence: UInt64
    var lastBarrierAt: UInt64
    var recordsSinceBarrier: UInt64 = 0
    /// Whether the last barrier was the end's: a checkpoint that says so tells the next run of a planned end.
    var hasEnded = false
    /// Of the last configuration that was passed on; what is asked for is not in force before that.
    var fingerprint: String
    var scratch = RecordBatch()
  }

  /// - Parameter manifest: the checkpoint that the stages were restored from.
  func run(_ source: any FrameSource, from manifest: CheckpointManifest?) async throws {
    var source = source
    if source.deliversJournal { controls.close() }
    board.updateFeed { [isLive = source.isLive] in $0.isLive = isLive }
    defer { controls.close() }
    var position = Position(
      barrier: manifest?.barrier ?? 0, frames: manifest?.framesAccepted ?? 0,
      sequence: manifest?.journalSequence ?? 0, lastBarrierAt: ProcessClock.monotonic(),
      fingerprint: manifest?.configurationFingerprint ?? "")
    try await replay(&position)
    var ticks = TickPolicy(interval: settings.tickInterval, last: try journal.lastTime() ?? .distantPast)
    try await source.resume(after: source.deliversJournal ? position.sequence : position.frames)
    var waiting = opening
    var ended = false
    var failures = 0
    var frames = IngestBatch()
    while !ended, !controls.isStopping {
      frames = IngestBatch()
      frames.reserve(records: settings.batchRecords, bytes: settings.batchRecords * 320)
      do {
        ended = try await source.next(maximum: settings.batchRecords, into: &frames) == .ended
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
        ? frames : stamped(frames, controls: waiting, isLive: source.isLive, &ticks)
      waiting = []
      try await accept(&batch, commands: commands.count, &position, atEnd: ended)
    }
    // A stop may come while a batch is being passed on.
    if position.sequence > 0, !position.hasEnded {
      try await pass(IngestBatch(), &position, atEnd: true)
    }
    var last = IngestBatch()
    last.marker = .end
    last.ingestedAt = ProcessClock.monotonic()
    try await output.send(last, weight: 1)
  }

  private func stamped(
    _ frames: IngestBatch, controls: [Control], isLive: Bool, _ ticks: inout TickPolicy
  ) -> IngestBatch {
    var batch = IngestBatch()
    batch.reserve(records: frames.count + 8, bytes: frames.bytes.count)
    // A recording's commands take the time of its first frame.
    let now = isLive ? ProcessClock.wall() : frames.records.first?.time ?? ticks.last.advanced(by: 1)
    for control in controls {
      guard let body = try? control.json() else { continue }
      let time = ticks.stamp(now) { batch.append(.tick, time: $0) }
      batch.append(.control, time: time, payload: body)
    }
    frames.bytes.withUnsafeBytes { bytes in
      for record in frames.records {
        let time = ticks.stamp(record.time) { batch.append(.tick, time: $0) }
        batch.append(
          .frame, source: record.source, time: time,
          payload: UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count]))
      }
    }
    if isLive, frames.isEmpty, let tick = ticks.idle(at: ProcessClock.wall()) {
      batch.append(.tick, time: tick)
    }
    return batch
  }

  /// Journals a batch and passes it on. A journal that takes nothing (a full disk) holds the feed up, says
  /// so, and is tried again: what is not journaled is not accepted.
  ///
  /// - Parameter commands: how many of the records were submitted from outside.
  private func accept(
    _ batch: inout IngestBatch, commands: Int, _ position: inout Position, atEnd: Bool
  ) async throws {
    var pause = Duration.milliseconds(100)
    while true {
      do throws(DurableQueueError) {
        try journal.append(&batch, using: &position.scratch)
        break
      } catch {
        board.updateFeed { $0.failure = "the journal takes nothing: \(error)" }
        board.monitor(.ws).setFailure("the journal takes nothing: \(error)")
        logger.error(
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
    position.frames += UInt64(batch.records.count { $0.kind == .frame })
    if !batch.isEmpty { position.sequence = batch.firstSequence + UInt64(batch.count) - 1 }
    try await pass(batch, &position, atEnd: atEnd)
  }

  private func pass(_ batch: IngestBatch, _ position: inout Position, atEnd: Bool) async throws {
    var batch = batch
    let now = ProcessClock.monotonic()
    batch.ingestedAt = now
    position.recordsSinceBarrier += UInt64(batch.count)
    if let configuration = batch.configurations.last {
      position.fingerprint = try configuration.fingerprint()
    }
    let isDue =
      controls.takeBarrierRequest() || now &- position.lastBarrierAt >= settings.barrierInterval
      || position.recordsSinceBarrier >= settings.barrierRecords
    if isDue || atEnd {
      position.barrier += 1
      position.lastBarrierAt = now
      position.recordsSinceBarrier = 0
      position.hasEnded = atEnd
      batch.marker = .barrier(position.barrier)
      try await checkpoints.send(
        .barrier(
          CheckpointManifest(
            barrier: position.barrier, journalSequence: position.sequence, framesAccepted: position.frames,
            configurationFingerprint: position.fingerprint, journalIdentity: journal.identity,
            madeAt: ProcessClock.wall(), isLast: atEnd)), weight: 1)
    }
    guard !batch.isEmpty || batch.marker != nil else { return }
    try await output.send(batch, weight: max(1, batch.count))
  }

  /// Passes on what is journaled and not covered by the checkpoint.
  private func replay(_ position: inout Position) async throws {
    let last = journal.lastSequence
    guard last > position.sequence else { return }
    let first = journal.queue.statistics.firstSequence
    guard first <= position.sequence + 1 else {
      throw JournalError.startMissing(needed: position.sequence + 1, first: first)
    }
    let reader = try journal.reader(from: position.sequence + 1)
    while position.sequence < last, !controls.isStopping {
      let batch: IngestBatch
      do {
        batch = try reader.read(maximum: settings.batchRecords)
      } catch let fault as DurableQueueError {
        throw JournalError.damaged("\(fault)")
      }
      guard !batch.isEmpty else { break }
      position.sequence = batch.firstSequence + UInt64(batch.count) - 1
      position.frames += UInt64(batch.records.lazy.filter { $0.kind == .frame }.count)
      try await pass(batch, &position, atEnd: false)
    }
  }
}
