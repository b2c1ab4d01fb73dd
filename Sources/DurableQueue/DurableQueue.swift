import Synchronization

/// A segmented, checksummed, append-only log on disk, with gapless sequence numbers from 1.
///
/// One process writes; any number of readers in it follow what is appended. Opening always succeeds, whatever
/// the files hold: a torn end is cut, what is damaged is kept and named in ``openReport``. See
/// ``FsyncPolicy`` for what a power loss can take.
///
/// ```swift
/// let queue = try DurableQueue.open(directory: "journal", options: DurableQueueOptions())
/// var batch = RecordBatch()
/// batch.append(Array("hello".utf8))
/// try queue.append(batch)  // 1...1
/// ```
public final class DurableQueue: Sendable {
  /// What opening found and did.
  public let openReport: OpenReport

  private let options: DurableQueueOptions
  private let system: SystemCalls
  private let catalog: SegmentCatalog
  private let writer: Mutex<SegmentWriter>
  /// Held during `fdatasync`, and never while `writer` is: appends go on meanwhile.
  private let syncGate = Mutex<Void>(())
  private let schedule: Mutex<SyncSchedule>
  private let durable: Atomic<UInt64>

  /// Opens the queue in `directory`, which is made if it is missing, for writing.
  ///
  /// - Throws: ``DurableQueueError/locked(directory:holder:)`` if it is open already, here or elsewhere;
  ///   ``DurableQueueError/system(operation:path:errno:)`` if the operating system refuses. Never because
  ///   of what the files hold.
  public static func open(
    directory: String, options: DurableQueueOptions = DurableQueueOptions()
  ) throws(DurableQueueError) -> DurableQueue {
    try DurableQueue(directory: QueueDirectory(path: directory), options: options, system: .live)
  }

  /// Opens the queue in `directory` for reading only: no lock, no repair, also while somebody writes it.
  public static func openForReading(directory: String) throws(DurableQueueError) -> ReadOnlyQueue {
    try ReadOnlyQueue(directory: QueueDirectory(path: directory))
  }

  init(
    directory: QueueDirectory, options: DurableQueueOptions, system: SystemCalls
  ) throws(DurableQueueError) {
    try directory.create()
    let lock = try directory.lock()
    var recovery = Recovery(directory: directory, system: system)
    let log = try recovery.run()
    let next = log.report.nextSequence
    openReport = log.report
    self.options = options
    self.system = system
    catalog = SegmentCatalog(directory: directory, state: .init(entries: log.entries, nextSequence: next))
    writer = Mutex(
      SegmentWriter(
        directory: directory, options: options, system: system, catalog: catalog, active: log.active,
        nextSequence: next, lock: lock))
    schedule = Mutex(SyncSchedule(policy: options.fsync))
    durable = Atomic(next - 1)
  }

  /// Appends all records of `batch`, or none.
  ///
  /// If the operating system fails the write (a full disk, say), the file is cut back to the last whole
  /// record, and a later append may succeed. Under `.everyAppend` a failing `fdatasync` throws
  /// ``DurableQueueError/durabilityLost(file:errno:)`` and leaves open whether the records will be there
  /// after the next open.
  ///
  /// - Returns: the sequences the records got.
  @discardableResult
  public func append(_ batch: RecordBatch) throws(DurableQueueError) -> ClosedRange<UInt64> {
    let sequences = try writer.withLock { (writer) throws(DurableQueueError) in try writer.append(batch) }
    if options.fsync == .everyAppend { try synchronize(through: sequences.upperBound) }
    return sequences
  }

  /// Whether a batch of so many bytes can be appended and the queue's files then take no more than `bound`. What is consumed is
  /// freed for it, and nothing is dropped, whatever ``DurableQueueOptions/whenFull`` says.
  ///
  /// It is for those who can let others wait, where appends of somebody else drop what is oldest.
  public func hasRoom(for batchBytes: Int, within bound: Int) -> Bool {
    writer.withLock { writer in
      (try? writer.findRoom(for: batchBytes, within: bound)) != nil
    }
  }

  /// Forces to the disk what was appended before the call. Appends do not wait for it.
  public func synchronize() throws(DurableQueueError) {
    try synchronize(through: catalog.read { $0.nextSequence - 1 })
  }

  /// Under `.interval`: synchronizes if the interval has passed since this last said so. The first call
  /// starts the clock. Under the other policies it does nothing.
  ///
  /// - Parameter now: nanoseconds of a monotonic clock, always the same one.
  /// - Returns: whether it synchronized.
  @discardableResult
  public func synchronizeIfDue(now: UInt64) throws(DurableQueueError) -> Bool {
    guard schedule.withLock({ $0.isDue(now: now) }) else { return false }
    let last = catalog.read { $0.nextSequence - 1 }
    guard last > durableThrough else { return false }
    try synchronize(through: last)
    return true
  }

  /// The last sequence that is known to be on the disk; 0 before there is one.
  public var durableThrough: UInt64 { durable.load(ordering: .acquiring) }

  /// A reader that begins with `sequence`.
  ///
  /// - Throws: ``DurableQueueError/sequenceUnavailable(requested:firstSequence:nextSequence:)`` unless it is
  ///   in the queue or the next to be appended.
  public func makeReader(from sequence: UInt64) throws(DurableQueueError) -> DurableQueueReader {
    let (first, next) = catalog.read { ($0.entries[0].firstSequence, $0.nextSequence) }
    guard first <= sequence, sequence <= next else {
      throw .sequenceUnavailable(requested: sequence, firstSequence: first, nextSequence: next)
    }
    return DurableQueueReader(source: catalog, from: sequence)
  }

  /// Removes the segments that hold only sequences up to and including `sequence`. What is consumed of the
  /// newest segment is freed when an append needs the room.
  public func trim(through sequence: UInt64) throws(DurableQueueError) {
    try writer.withLock { (writer) throws(DurableQueueError) in try writer.trim(through: sequence) }
  }

  /// Reads everything that was appended before the call and names every fault; changes nothing.
  public func verify() throws(DurableQueueError) -> VerificationReport {
    try Verification(source: catalog).run()
  }

  public var statistics: DurableQueueStatistics { catalog.statistics }

  /// Synchronizes as far as the disk allows and gives up the lock. Readers can go on reading.
  public func close() {
    try? synchronize()
    writer.withLock { $0.close() }
  }

  private func synchronize(through sequence: UInt64) throws(DurableQueueError) {
    try syncGate.withLock { (_) throws(DurableQueueError) in
      // Whoever held the gate may have covered this already.
      let pending = try writer.withLock { (writer) throws(DurableQueueError) in try writer.pendingSync() }
      guard durableThrough < sequence else { return }
      let begun = monotonicNanoseconds()
      for file in pending.files {
        let code = system.syncAll(file.descriptor)
        guard code == 0 else {
          let error = DurableQueueError.durabilityLost(file: file.name, errno: code)
          writer.withLock { $0.stop(error) }
          throw error
        }
      }
      let took = monotonicNanoseconds() - begun
      writer.withLock { $0.didSync(pending.files.dropLast()) }
      durable.store(pending.through, ordering: .releasing)
      catalog.update {
        $0.fsyncs += 1
        $0.lastFsyncNanoseconds = took
      }
    }
  }
}
