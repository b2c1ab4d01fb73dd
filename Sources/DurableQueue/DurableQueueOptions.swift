/// When appended records are forced to the disk, which is to say: what a power loss can take.
///
/// The death of the process takes nothing under any policy: an append has returned only when the kernel
/// has the bytes.
public enum FsyncPolicy: Sendable, Equatable {
  /// `append` returns after `fdatasync`. A power loss takes nothing that was acknowledged. Appenders that
  /// wait at the same time share one `fdatasync`.
  case everyAppend
  /// ``DurableQueue/synchronizeIfDue(now:)`` syncs when this long has passed since it last did. A power
  /// loss takes at most what was appended in the interval, plus the time between two calls.
  case interval(nanoseconds: UInt64)
  /// Only ``DurableQueue/synchronize()`` and ``DurableQueue/close()`` sync. A power loss takes what was
  /// appended since; the kernel usually writes back within 30 seconds by itself.
  case onRequest
}

/// What happens to an append that would exceed the bound.
public enum WhenFull: Sendable, Equatable {
  /// It throws ``DurableQueueError/full(bytes:maximumBytes:batchBytes:)`` and is counted as refused.
  case refuse
  /// The oldest segments are removed, and their records counted as dropped.
  case dropOldest
}

public struct DurableQueueOptions: Sendable {
  /// A segment is closed before it would exceed this many bytes; a batch larger than that gets its own.
  public var segmentBytes: Int
  /// The bound of all segments together, in bytes.
  public var maximumBytes: Int
  public var whenFull: WhenFull
  public var fsync: FsyncPolicy
  /// Whether a block of the disk is kept for the header of the next segment. On a full disk the newest segment can then go too
  /// when all of it is consumed; without, a queue that has no other segment takes nothing until somebody else makes room.
  public var keepsSpare: Bool

  /// - Parameters:
  ///   - segmentBytes: at least 4096 (4 KiB) and at most half of `maximumBytes` are used, whatever is asked.
  ///   - maximumBytes: at least 8192 is used, whatever is asked.
  public init(
    segmentBytes: Int = 64 << 20, maximumBytes: Int = 4 << 30, whenFull: WhenFull = .refuse,
    fsync: FsyncPolicy = .interval(nanoseconds: 1_000_000_000), keepsSpare: Bool = false
  ) {
    self.maximumBytes = max(maximumBytes, 8192)
    self.segmentBytes = max(4096, min(segmentBytes, self.maximumBytes / 2))
    self.whenFull = whenFull
    self.fsync = fsync
    self.keepsSpare = keepsSpare
  }
}
