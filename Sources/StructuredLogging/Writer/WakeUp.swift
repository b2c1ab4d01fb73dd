import Glibc
import Synchronization

/// Wakes a thread that sleeps in `poll(2)`: the self-pipe. Waking costs a system call only while the thread
/// really sleeps.
final class WakeUp: Sendable {
  /// What the sleeper wants to be woken for.
  private enum Sleep {
    static let awake = 0
    /// Gathers lines; only something urgent wakes it.
    static let gathering = 1
    static let idle = 2
  }

  private let reading: Int32
  private let writing: Int32
  private let sleep = Atomic<Int>(Sleep.awake)

  init() throws(LogWriterError) {
    var ends: (Int32, Int32) = (-1, -1)
    let status = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
    }
    guard status == 0 else { throw .system(operation: "pipe", errorNumber: errno) }
    for end in [ends.0, ends.1] {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (reading, writing) = ends
  }

  deinit {
    close(reading)
    close(writing)
  }

  @inline(__always)
  func wake(isUrgent: Bool) {
    let state = sleep.load(ordering: .sequentiallyConsistent)
    guard state == Sleep.idle || (isUrgent && state == Sleep.gathering) else { return }
    if sleep.exchange(Sleep.awake, ordering: .sequentiallyConsistent) != Sleep.awake {
      var byte: UInt8 = 1
      _ = write(writing, &byte, 1)
    }
  }

  /// Sleeps until woken, `timeout` milliseconds have passed (-1: never), or `stream` can be written to.
  ///
  /// - Parameter hasWork: Asked after the sleep was announced, so that nothing that comes in between is missed.
  func wait(milliseconds timeout: Int32, idle: Bool, stream: Int32? = nil, unless hasWork: () -> Bool) {
    sleep.store(idle ? Sleep.idle : Sleep.gathering, ordering: .sequentiallyConsistent)
    defer { sleep.store(Sleep.awake, ordering: .sequentiallyConsistent) }
    if hasWork() { return }
    var ends = (
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stream ?? -1, events: Int16(POLLOUT), revents: 0)
    )
    _ = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, timeout) }
    }
    var bytes: (UInt64, UInt64) = (0, 0)
    while read(reading, &bytes, 16) == 16 {}
  }
}
