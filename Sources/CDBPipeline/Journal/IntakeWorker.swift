import CDBDomain
import DurableQueue

/// What the intake does with what the source delivers: gives every input its time and its number, journals it, and
/// says where barriers go. A value that waits for nothing.
struct IntakeWorker: Sendable {
  struct Settings: Sendable {
    var batchRecords: Int
    var tickInterval: Int64
    /// Nanoseconds between barriers.
    var barrierInterval: UInt64
    /// Records after which a barrier follows, however little time passed.
    var barrierRecords: UInt64
    /// Batches after which a barrier follows: a stream has room for so many more.
    var barrierBatches = Int.max
  }

  private let journal: Journal
  private let settings: Settings
  private let clock: PipelineClock
  private var ticks: TickPolicy
  /// The last barrier that was put.
  private(set) var barrier: UInt64
  /// How many frames were accepted since the data directory began.
  private(set) var frames: UInt64
  /// The last record that was passed on.
  private(set) var sequence: UInt64
  private var lastBarrierAt: UInt64
  private var recordsSinceBarrier: UInt64 = 0
  private var batchesSinceBarrier = 0
  /// Whether the last barrier was the end's: a checkpoint that says so tells the next run of a planned end.
  private(set) var hasEnded = false
  /// Of the last configuration that was passed on; what is asked for is not in force before that.
  private var fingerprint: String
  private var scratch = RecordBatch()

  /// - Parameters:
  ///   - manifest: the checkpoint that the stages were restored from.
  ///   - earlier: the last barrier that there is a checkpoint of, fitting or not: the newest checkpoint is that of the highest
  ///     number.
  init(
    journal: Journal, settings: Settings, clock: PipelineClock, from manifest: CheckpointManifest?,
    above earlier: UInt64 = 0
  ) throws {
    self.journal = journal
    self.settings = settings
    self.clock = clock
    ticks = TickPolicy(interval: settings.tickInterval, last: try journal.lastTime() ?? .distantPast)
    barrier = max(manifest?.barrier ?? 0, earlier)
    frames = manifest?.framesAccepted ?? 0
    sequence = manifest?.journalSequence ?? 0
    lastBarrierAt = clock.monotonic()
    fingerprint = manifest?.configurationFingerprint ?? ""
  }

  /// Gives frames and commands their times, with the ticks between them.
  mutating func stamped(_ frames: IngestBatch, controls: [Control], isLive: Bool) -> IngestBatch {
    var batch = IngestBatch()
    batch.reserve(records: frames.count + 8, bytes: frames.bytes.count)
    // A recording's commands take the time of its first frame.
    let now = isLive ? clock.wall() : frames.records.first?.time ?? ticks.last.advanced(by: 1)
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
    if isLive, frames.isEmpty, let tick = ticks.idle(at: clock.wall()) {
      batch.append(.tick, time: tick)
    }
    return batch
  }

  /// Appends a batch to the journal. What is not journaled is not accepted.
  mutating func append(_ batch: inout IngestBatch) throws(DurableQueueError) {
    try journal.append(&batch, using: &scratch)
    count(batch)
  }

  /// Counts a batch that is in the journal already.
  mutating func count(_ batch: IngestBatch) {
    frames += UInt64(batch.records.count { $0.kind == .frame })
    if !batch.isEmpty { sequence = batch.firstSequence + UInt64(batch.count) - 1 }
  }

  /// Puts a barrier behind a batch where one is due.
  ///
  /// - Parameter isAsked: whether somebody wants one sooner than it is due.
  /// - Returns: what a checkpoint of that barrier says of the input; nil where there is none.
  mutating func mark(_ batch: inout IngestBatch, isAsked: Bool, atEnd: Bool) throws -> CheckpointManifest? {
    let now = clock.monotonic()
    batch.ingestedAt = now
    recordsSinceBarrier += UInt64(batch.count)
    batchesSinceBarrier += 1
    if let configuration = batch.configurations.last { fingerprint = try configuration.fingerprint() }
    let isDue =
      isAsked || now &- lastBarrierAt >= settings.barrierInterval
      || recordsSinceBarrier >= settings.barrierRecords
      || batchesSinceBarrier >= settings.barrierBatches
    guard isDue || atEnd else { return nil }
    barrier += 1
    lastBarrierAt = now
    recordsSinceBarrier = 0
    batchesSinceBarrier = 0
    hasEnded = atEnd
    batch.marker = .barrier(barrier)
    return CheckpointManifest(
      barrier: barrier, journalSequence: sequence, framesAccepted: frames,
      configurationFingerprint: fingerprint, journalIdentity: journal.identity, madeAt: clock.wall(),
      isLast: atEnd)
  }

  /// Puts a barrier where an earlier process has put it.
  mutating func mark(_ batch: inout IngestBatch, as earlier: CheckpointManifest) {
    batch.ingestedAt = clock.monotonic()
    barrier = earlier.barrier
    lastBarrierAt = batch.ingestedAt
    recordsSinceBarrier = 0
    batchesSinceBarrier = 0
    batch.marker = .barrier(barrier)
  }

  /// The last batch of all.
  func end() -> IngestBatch {
    var last = IngestBatch()
    last.marker = .end
    last.ingestedAt = clock.monotonic()
    return last
  }
}

extension IntakeWorker {
  /// A reader of the records up to `last` that were not passed on; nil where all were.
  ///
  /// - Throws: ``JournalError/startMissing(needed:first:)`` where the first of them is gone.
  func unread(to last: UInt64) throws -> JournalReader? {
    guard last > sequence else { return nil }
    let first = journal.queue.statistics.firstSequence
    guard first <= sequence + 1 else { throw JournalError.startMissing(needed: sequence + 1, first: first) }
    return try journal.reader(from: sequence + 1)
  }

  /// The next of them, none beyond `limit`; empty behind the last.
  mutating func again(_ reader: JournalReader, upTo limit: UInt64 = .max) throws -> IngestBatch {
    do {
      let room = limit > sequence ? limit - sequence : 0
      guard room > 0 else { return IngestBatch() }
      let batch = try reader.read(maximum: min(settings.batchRecords, Int(clamping: room)))
      count(batch)
      if let configuration = batch.configurations.last { fingerprint = try configuration.fingerprint() }
      return batch
    } catch let fault as DurableQueueError {
      throw JournalError.damaged("\(fault)")
    }
  }
}
