/// Counters and sizes of a queue since it was opened; taking them never waits for the disk.
public struct DurableQueueStatistics: Sendable, Equatable {
  /// Records that did not enter or did not stay, by reason.
  public struct Dropped: Sendable, Equatable {
    /// Removed to make room under `.dropOldest`, counted by sequence.
    public internal(set) var oldest: UInt64 = 0
    /// Refused because the queue was full.
    public internal(set) var full: UInt64 = 0
    /// Refused because the operating system failed the write.
    public internal(set) var failed: UInt64 = 0
  }

  /// Bytes of all segments.
  public internal(set) var bytes = 0
  public internal(set) var segments = 0
  public internal(set) var firstSequence: UInt64 = 1
  public internal(set) var nextSequence: UInt64 = 1
  /// Records appended.
  public internal(set) var appended: UInt64 = 0
  public internal(set) var dropped = Dropped()
  /// Successful rounds of `fdatasync`.
  public internal(set) var fsyncs: UInt64 = 0
  /// How long the last of them took.
  public internal(set) var lastFsyncNanoseconds: UInt64 = 0
}
