import Glibc
import Synchronization

/// The thread of one sink: writes whole lines as they come, waits while there are none or the sink is not ready.
struct SinkDrainer {
  private let channel: SinkChannel
  private var target: SinkTarget

  private enum Step {
    case written
    /// The stream takes nothing now.
    case busy
    case failed
    /// A crash is being handled: nothing is to be touched any more.
    case crashed
  }

  /// Carries a drainer to its thread.
  private final class Start {
    var drainer: SinkDrainer

    init(_ drainer: SinkDrainer) { self.drainer = drainer }
  }

  private init(_ channel: SinkChannel) {
    self.channel = channel
    self.target = SinkTarget(channel.sink)
    // Before there is a thread, so that a crash soon after the start finds the file open. Should it fail, the
    // thread tries again.
    _ = target.prepare(isLineBegun: false) { 0 }
    channel.lines.pointee.descriptor.store(target.descriptor, ordering: .releasing)
  }

  /// Opens the sink and starts its thread. All signals are blocked in it: a crash handler must find it outside of a write that it
  /// cannot see the result of, so it must not run on this thread; and a closed pipe shall be an error, not a
  /// SIGPIPE.
  static func start(_ channel: SinkChannel) throws(LogWriterError) {
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Start(SinkDrainer(channel)))
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().drainer.run()
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      throw .system(operation: "pthread_create", errorNumber: status)
    }
    pthread_detach(thread)
  }

  private mutating func run() {
    let flush = channel.options.flushInterval.pollMilliseconds
    let retry = channel.options.retryInterval.pollMilliseconds
    var deadline = Int64.max
    while true {
      let isStopping = channel.isStopping.load(ordering: .sequentiallyConsistent)
      if isStopping {
        let now = MonotonicTime.now()
        deadline = min(deadline, now + channel.options.shutdownTimeout.clampedNanoseconds)
        if channel.lines.pointee.isEmpty || now >= deadline { break }
      } else if channel.lines.pointee.isEmpty {
        wait(-1, idle: true)
        continue
      }
      switch step() {
      case .written:
        if !isStopping, channel.lines.pointee.isEmpty { wait(flush) }
      case .busy:
        wait(isStopping ? min(flush, 20) : flush, stream: target.descriptor, isStopping: isStopping)
      case .failed:
        wait(isStopping ? min(retry, 20) : retry, isStopping: isStopping, hurries: false)
      case .crashed:
        while true { pause() }
      }
    }
    finish()
  }

  private func wait(
    _ milliseconds: Int32,
    idle: Bool = false,
    stream: Int32? = nil,
    isStopping: Bool = false,
    hurries: Bool = true
  ) {
    channel.wakeUp.wait(milliseconds: milliseconds, idle: idle, stream: stream) {
      if !isStopping, channel.isStopping.load(ordering: .sequentiallyConsistent) { return true }
      if idle { return !channel.lines.pointee.isEmpty }
      guard hurries, stream == nil else { return false }
      return !channel.isDelivered(upTo: channel.urgent.load(ordering: .sequentiallyConsistent))
    }
  }

  /// One write.
  private mutating func step() -> Step {
    guard channel.lines.pointee.takeOwnership(as: PendingLines.Owner.drainer) else { return .crashed }
    defer { channel.lines.pointee.ownership.store(PendingLines.Owner.none, ordering: .releasing) }
    let head = channel.lines.pointee.head.load(ordering: .relaxed)
    var partial = channel.lines.pointee.partial.load(ordering: .relaxed)
    let readiness = target.prepare(isLineBegun: partial > 0) {
      channel.lines.pointee.firstLineEnd(from: head) - head
    }
    channel.lines.pointee.descriptor.store(target.descriptor, ordering: .releasing)
    switch readiness {
    case .ready: break
    case .reopened:
      partial = 0
      channel.lines.pointee.partial.store(0, ordering: .releasing)
    case .failed(let operation, let number):
      return fail(operation, number)
    }
    if target.isStream, !isWritable(target.descriptor) { return .busy }
    if target.owesNewline {
      guard Glibc.write(target.descriptor, "\n", 1) == 1 else { return fail("writing", errno) }
      target.owesNewline = false
    }
    let position = head + partial
    // A begun line is finished by itself, so that a file does not grow past its maximum for others' sake.
    let end =
      partial == 0
      ? channel.lines.pointee.end(of: target.batchLimit, from: position)
      : min(
        channel.lines.pointee.firstLineEnd(from: position), position + (target.isStream ? 4096 : 256 << 10))
    let written = channel.lines.pointee.write(from: position, to: end, into: target.descriptor)
    guard written >= 0 else {
      switch errno {
      case EINTR: return .written
      case EAGAIN: return .busy
      case let number: return fail("writing", number)
      }
    }
    advance(from: head, position: position, by: written)
    return written > 0 ? .written : .busy
  }

  private mutating func advance(from head: Int, position: Int, by written: Int) {
    target.noteWritten(written)
    let reached = position + written
    let boundary = channel.lines.pointee.lastLineEnd(from: position, to: reached) ?? head
    let lines = boundary > head ? channel.lines.pointee.countLines(from: head, to: boundary) : 0
    channel.isFailing.store(false, ordering: .relaxed)
    // Reported before `head` moves: who has seen a flush return also sees the lines counted.
    channel.progress.withLock {
      $0.linesWritten += lines
      $0.bytesWritten += UInt64(written)
      $0.lastError = nil
      $0.lastWriteNanoseconds = TimestampCache.now()
    }
    channel.lines.pointee.partial.store(reached - boundary, ordering: .releasing)
    channel.lines.pointee.head.store(boundary, ordering: .releasing)
  }

  /// A file keeps its lines for the next attempt; a stream that fails has lost its reader, and keeps none.
  private mutating func fail(_ operation: String, _ number: Int32) -> Step {
    channel.isFailing.store(true, ordering: .relaxed)
    channel.progress.withLock { $0.lastError = "\(operation): \(systemMessage(number))" }
    if !target.sink.isFile { discardPending() }
    return .failed
  }

  private mutating func discardPending() {
    let head = channel.lines.pointee.head.load(ordering: .relaxed)
    let tail = channel.lines.pointee.tail.load(ordering: .acquiring)
    if channel.lines.pointee.partial.load(ordering: .relaxed) > 0 { target.owesNewline = true }
    let lines = channel.lines.pointee.countLines(from: head, to: tail)
    channel.progress.withLock { $0.linesDiscarded += lines }
    channel.lines.pointee.partial.store(0, ordering: .releasing)
    channel.lines.pointee.head.store(tail, ordering: .releasing)
  }

  private mutating func finish() {
    guard channel.lines.pointee.takeOwnership(as: PendingLines.Owner.drainer) else {
      while true { pause() }
    }
    if channel.lines.pointee.partial.load(ordering: .relaxed) > 0 {
      // Best effort to close the torn line; a file is also mended when it is next opened.
      _ = Glibc.write(target.descriptor, "\n", target.isStream && !isWritable(target.descriptor) ? 0 : 1)
    }
    discardPending()
    target.closeFile()
    channel.lines.pointee.descriptor.store(-1, ordering: .releasing)
    channel.lines.pointee.ownership.store(PendingLines.Owner.none, ordering: .releasing)
    channel.isFinished.store(true, ordering: .releasing)
  }

  /// Whether a write of up to `PIPE_BUF` bytes would not block; true on errors, which the write then reports.
  private func isWritable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, 0) != 0
  }
}
