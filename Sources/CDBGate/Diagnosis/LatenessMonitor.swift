import CDBPipeline

/// Notices when market data fall behind: on a line that is too narrow everything still comes, later and later, and what is
/// bought is bought at the prices of long ago.
///
/// Neither clock is to be trusted, so a delay counts by what it grew since it was smallest. It cannot grow faster than time
/// goes; where it did, a clock was set.
public struct LatenessMonitor: Sendable {
  /// How much faster than time a delay may seem to grow, nanoseconds: frames come in batches.
  public static let tolerance: Int64 = 1_000_000_000

  private var smallest: Int64?
  private var last: (delay: Int64, frames: UInt64, monotonic: UInt64)?

  public init() {}

  /// Takes in what a look at the feed has found.
  ///
  /// - Parameter monotonic: nanoseconds of a clock that goes evenly.
  /// - Returns: how far the newest data are behind, seconds; 0 before any came.
  public mutating func observe(_ feed: FeedStatus, monotonic: UInt64) -> Double {
    guard feed.isLive, let delay = feed.delayNanoseconds else { return 0 }
    if let last, last.frames == feed.frames { return Self.seconds(last.delay, beyond: smallest) }
    var base = smallest ?? delay
    if let last {
      let grown = delay &- last.delay
      let passed = Int64(clamping: monotonic &- min(monotonic, last.monotonic))
      if grown > passed.addingReportingOverflow(Self.tolerance).partialValue { base &+= grown }
    }
    smallest = min(base, delay)
    last = (delay, feed.frames, monotonic)
    return Self.seconds(delay, beyond: smallest)
  }

  private static func seconds(_ delay: Int64, beyond smallest: Int64?) -> Double {
    Double(delay &- (smallest ?? delay)) / 1e9
  }
}
