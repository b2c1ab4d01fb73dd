import Glibc

/// Monotonic nanoseconds, for deadlines inside the writer.
enum MonotonicTime {
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Whole nanoseconds, within what an `Int64` holds and never negative.
  var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < 4_000_000_000 else { return 4_000_000_000_000_000_000 }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// Whole milliseconds, at least one.
  var pollMilliseconds: Int32 {
    Int32(clamping: max(1, clampedNanoseconds / 1_000_000))
  }
}
