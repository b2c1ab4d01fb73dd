import CDBDomain
import Glibc

/// The process's clocks, as integers of nanoseconds. Only the runtime reads them; no stage does.
public enum ProcessClock {
  /// Monotonic time.
  @inline(__always)
  public static func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

  /// CPU time of the calling thread.
  @inline(__always)
  public static func threadCPU() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Wall-clock time.
  public static func wall() -> EventTime { EventTime(nanoseconds: Int64(read(CLOCK_REALTIME))) }

  @inline(__always)
  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
