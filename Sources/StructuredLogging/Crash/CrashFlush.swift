import Glibc
import Synchronization

/// Makes a crash write out what the writer still holds: on SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE and SIGTRAP
/// (what a Swift runtime failure raises), pending lines go to their sinks, and the signal then takes its
/// previous effect: a core dump by default, the Swift backtracer if that is enabled.
///
/// The writer is kept alive for good. Up to eight sinks can be registered in a process; a further one is not
/// flushed on a crash. A stack overflow is only survived on the thread that calls this, which is given an
/// alternate signal stack if it has none.
///
/// - Returns: Whether all sinks of the writer are registered and all handlers are in place.
@discardableResult
public func installCrashFlush(_ writer: LogWriter) -> Bool {
  installation.withLock { isInstalled in
    _ = Unmanaged.passRetained(writer)
    guard crashTable.pointee.register(writer.channels) else { return false }
    if isInstalled { return true }
    rehearse()
    useAlternateStack()
    isInstalled = CrashTable.signals.allSatisfy(installHandler)
    return isInstalled
  }
}

// Why the handler is async-signal-safe (POSIX.1-2024, 2.4.3):
//
// 1. It calls only `write`, `poll`, `nanosleep`, `sigaction` and `raise`, which are on POSIX's list (or bare
//    system calls with no state in the library).
// 2. It takes no lock. What it reads is memory that was allocated before and is never freed: the table, which is
//    filled before the handlers are installed, and each sink's `PendingLines`, whose pointers are constant and
//    whose positions are atomics. A line is published, by `tail`, only after it was copied, so that whatever
//    instruction of whatever thread the signal interrupts, everything between `head` and `tail` is whole lines.
// 3. It does not race with the draining thread: it takes the sink's ownership by compare-and-swap, waits a
//    bounded time for a write under way, and never gives it back. It never runs on the draining thread itself,
//    which blocks all signals, so it never waits for the thread that it interrupts.
// 4. It allocates nothing: its code works on integers, raw pointers and C structures on the stack, in plain
//    loops. What the Swift runtime or the dynamic linker does once on first use (initialising the global,
//    instantiating generic metadata, binding symbols) is done by `rehearse()` beforehand, which runs the same
//    functions on a line of its own.
// 5. Every wait is bounded, so that a crash with a stuck reader still ends. `errno` needs no saving: the
//    handler returns only into the signal that it raised.

private let installation = Mutex(false)

/// What the handler knows. Written under `installation`, read by the handler through atomics.
private struct CrashTable: ~Copyable {
  static let capacity = 8
  static let signals = [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP]

  let sinks = UnsafeMutablePointer<UnsafeMutablePointer<PendingLines>>.allocate(capacity: capacity)
  let count = Atomic<Int>(0)
  /// By signal number; each is written before its handler is installed.
  let previous = UnsafeMutablePointer<sigaction>.allocate(capacity: 32)
  let isCrashing = Atomic<Bool>(false)
  let isFlushed = Atomic<Bool>(false)

  func register(_ channels: [SinkChannel]) -> Bool {
    for channel in channels {
      let index = count.load(ordering: .relaxed)
      guard index < Self.capacity else { return false }
      (sinks + index).initialize(to: channel.lines)
      count.store(index + 1, ordering: .releasing)
    }
    return true
  }
}

/// Safe to share: the pointer is constant, its pointee lives for good, and what changes in it is described there.
nonisolated(unsafe) private let crashTable: UnsafeMutablePointer<CrashTable> = {
  let table = UnsafeMutablePointer<CrashTable>.allocate(capacity: 1)
  table.initialize(to: CrashTable())
  return table
}()

private func installHandler(_ signal: Int32) -> Bool {
  let previous = crashTable.pointee.previous + Int(signal)
  previous.initialize(to: sigaction())
  guard sigaction(signal, nil, previous) == 0 else { return false }
  var action = sigaction()
  action.__sigaction_handler.sa_handler = handleCrash
  action.sa_flags = SA_ONSTACK
  sigemptyset(&action.sa_mask)
  return sigaction(signal, &action, nil) == 0
}

private func handleCrash(_ signal: Int32) {
  if !crashTable.pointee.isCrashing.exchange(true, ordering: .acquiringAndReleasing) {
    flushAll()
    crashTable.pointee.isFlushed.store(true, ordering: .releasing)
  } else {
    // Another thread crashed first. It shall end its flush before this one ends the process.
    var attempts = 0
    while attempts < 3000, !crashTable.pointee.isFlushed.load(ordering: .acquiring) {
      pauseOneMillisecond()
      attempts += 1
    }
  }
  // The signal is blocked while its handler runs: it is delivered, with its previous effect, on return.
  sigaction(signal, crashTable.pointee.previous + Int(signal), nil)
  raise(signal)
}

private func flushAll() {
  let count = crashTable.pointee.count.load(ordering: .acquiring)
  var index = 0
  while index < count {
    drain(crashTable.pointee.sinks[index])
    index += 1
  }
}

private func drain(_ lines: UnsafeMutablePointer<PendingLines>) {
  var attempts = 0
  while !lines.pointee.takeOwnership(as: PendingLines.Owner.crashHandler) {
    attempts += 1
    if attempts > 500 { return }
    pauseOneMillisecond()
  }
  let descriptor = lines.pointee.descriptor.load(ordering: .acquiring)
  if descriptor < 0 { return }
  let tail = lines.pointee.tail.load(ordering: .acquiring)
  var position =
    lines.pointee.head.load(ordering: .acquiring) + lines.pointee.partial.load(ordering: .acquiring)
  attempts = 0
  while position < tail, attempts < 10 {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if poll(&entry, 1, 100) == 0 {
      attempts += 1
      continue
    }
    let place = position % lines.pointee.capacity
    var length = tail - position
    if length > lines.pointee.capacity - place { length = lines.pointee.capacity - place }
    // No more than a pipe takes without blocking once poll has announced room.
    if length > 4096 { length = 4096 }
    let written = write(descriptor, lines.pointee.base + place, length)
    if written > 0 {
      position += written
      attempts = 0
    } else {
      attempts += 1
    }
  }
}

private func pauseOneMillisecond() {
  var time = timespec(tv_sec: 0, tv_nsec: 1_000_000)
  nanosleep(&time, nil)
}

/// Runs what the handler runs, once, on a line of its own that goes to /dev/null.
private func rehearse() {
  let lines = UnsafeMutablePointer<PendingLines>.allocate(capacity: 1)
  lines.initialize(to: PendingLines(capacity: 64))
  let descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
  lines.pointee.descriptor.store(descriptor, ordering: .releasing)
  var text: UInt64 = 0x2020_2020_2020_2020
  withUnsafeBytes(of: &text) { _ = lines.pointee.append($0) }
  drain(lines)
  pauseOneMillisecond()
  if descriptor >= 0 { close(descriptor) }
  lines.deinitialize(count: 1)
  lines.deallocate()
}

/// Gives the calling thread a stack for signal handlers, for crashes by stack overflow.
private func useAlternateStack() {
  var current = stack_t()
  guard sigaltstack(nil, &current) == 0, current.ss_flags & Int32(SS_DISABLE) != 0 else { return }
  let size = 64 << 10
  var replacement = stack_t()
  replacement.ss_sp = .allocate(byteCount: size, alignment: 16)
  replacement.ss_size = size
  sigaltstack(&replacement, nil)
}
