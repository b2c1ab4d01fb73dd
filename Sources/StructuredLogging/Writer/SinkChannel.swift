import Glibc
import Logging
import Synchronization

/// One sink with its pending lines and its counts. Producers and the sink's own thread meet here.
final class SinkChannel: Sendable {
  /// What producers change, under a lock that is held for the copy of one line.
  struct Intake {
    var isClosed = false
    var accepted: UInt64 = 0
    var dropped: [LogDropReason: UInt64] = [:]
  }

  /// What the draining thread reports, once a write.
  struct Progress {
    var linesWritten: UInt64 = 0
    var bytesWritten: UInt64 = 0
    var linesDiscarded: UInt64 = 0
    var lastError: String?
    var lastWriteNanoseconds: Int64?
  }

  let sink: LogSink
  let options: LogWriterOptions
  let wakeUp: WakeUp
  let intake = Mutex(Intake())
  let progress = Mutex(Progress())
  let isFailing = Atomic<Bool>(false)
  let isStopping = Atomic<Bool>(false)
  let isFinished = Atomic<Bool>(false)
  /// Lines before this position should not wait for the flush interval.
  let urgent = Atomic<Int>(0)

  /// Safe to share: the pointer never changes, it lives as long as the channel, and ``PendingLines`` is made of
  /// atomics whose protocol is described there.
  nonisolated(unsafe) let lines: UnsafeMutablePointer<PendingLines>

  init(_ sink: LogSink, options: LogWriterOptions) throws(LogWriterError) {
    self.sink = sink
    self.options = options
    self.wakeUp = try WakeUp()
    self.lines = .allocate(capacity: 1)
    self.lines.initialize(to: PendingLines(capacity: options.capacityBytes))
  }

  deinit {
    lines.deinitialize(count: 1)
    lines.deallocate()
  }

  /// Takes a line or counts it as dropped; never waits for the sink.
  func enqueue(_ line: UnsafeRawBufferPointer, isUrgent: Bool) -> Bool {
    let isAccepted = intake.withLock { intake in
      if intake.isClosed {
        intake.dropped[.shutDown, default: 0] += 1
        return false
      }
      guard lines.pointee.append(line) else {
        let reason: LogDropReason = isFailing.load(ordering: .relaxed) ? .sinkFailed : .bufferFull
        intake.dropped[reason, default: 0] += 1
        return false
      }
      intake.accepted += 1
      return true
    }
    guard isAccepted else { return false }
    let tail = lines.pointee.tail.load(ordering: .relaxed)
    let isHurried = isUrgent || tail - lines.pointee.head.load(ordering: .relaxed) > options.capacityBytes / 4
    if isHurried { urgent.store(tail, ordering: .sequentiallyConsistent) }
    wakeUp.wake(isUrgent: isHurried)
    return true
  }

  func drop(_ reason: LogDropReason) {
    intake.withLock { $0.dropped[reason, default: 0] += 1 }
  }

  /// Asks for everything so far to be written at once, and returns the position that ends it.
  func hurry() -> Int {
    let tail = lines.pointee.tail.load(ordering: .sequentiallyConsistent)
    urgent.store(tail, ordering: .sequentiallyConsistent)
    wakeUp.wake(isUrgent: true)
    return tail
  }

  func isDelivered(upTo position: Int) -> Bool {
    lines.pointee.head.load(ordering: .acquiring) >= position
  }

  /// Refuses later lines and lets the thread end once the pending ones are written.
  func stop() {
    intake.withLock { $0.isClosed = true }
    isStopping.store(true, ordering: .sequentiallyConsistent)
    wakeUp.wake(isUrgent: true)
  }

  var statistics: LogSinkStatistics {
    // Progress first: what is written was accepted before, so nothing comes out negative.
    let progress = progress.withLock { $0 }
    let intake = intake.withLock { $0 }
    var dropped = intake.dropped
    if progress.linesDiscarded > 0 { dropped[.sinkFailed, default: 0] += progress.linesDiscarded }
    let head = lines.pointee.head.load(ordering: .acquiring)
    let tail = lines.pointee.tail.load(ordering: .acquiring)
    return LogSinkStatistics(
      sink: sink,
      linesWritten: progress.linesWritten,
      bytesWritten: progress.bytesWritten,
      linesPending: intake.accepted - progress.linesWritten - progress.linesDiscarded,
      bytesPending: UInt64(tail - head),
      linesDropped: dropped,
      lastError: progress.lastError,
      lastWriteNanoseconds: progress.lastWriteNanoseconds)
  }
}
