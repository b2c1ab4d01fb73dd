import Glibc

/// The calls whose failure the writer must survive, so that a test can make them fail.
struct SystemCalls: Sendable {
  /// The number of bytes written, or a negative error number.
  var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int
  /// 0 or an error number.
  var sync: @Sendable (_ descriptor: Int32) -> Int32
  /// 0 or an error number.
  var truncate: @Sendable (_ descriptor: Int32, _ length: Int) -> Int32

  static let live = SystemCalls(
    write: { descriptor, bytes, offset in
      let written = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
      return written < 0 ? -Int(errno) : written
    },
    sync: { fdatasync($0) == 0 ? 0 : errno },
    truncate: { ftruncate($0, off_t($1)) == 0 ? 0 : errno }
  )

  /// Writes all of `bytes`, over interruptions and short writes; returns 0 or an error number.
  func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Int32 {
    var done = 0
    while done < bytes.count {
      let written = write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), offset + done)
      if written > 0 {
        done += written
      } else if written == 0 {
        return EIO  // no progress and no reason: do not spin
      } else if written != -Int(EINTR) {
        return Int32(-written)
      }
    }
    return 0
  }

  /// Syncs, over interruptions; returns 0 or an error number.
  func syncAll(_ descriptor: Int32) -> Int32 {
    while true {
      let code = sync(descriptor)
      if code != EINTR { return code }
    }
  }
}

/// Nanoseconds of the monotonic clock, for measuring how long a call took.
func monotonicNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
