/// What a bridge needs beside its configuration.
public struct BridgeOptions: Sendable {
  /// Where its state is; one bridge at a time.
  public var directory: String
  /// What it calls itself to targets and receivers.
  public var userAgent: String
  /// Of each endpoint's queue; beyond it the oldest samples are dropped, and counted.
  public var queueBytes: Int
  public var segmentBytes: Int
  /// Nanoseconds between two `fdatasync` of a queue: what a loss of power can take.
  public var fsyncInterval: UInt64
  /// How long it goes on sending after ``Bridge/stop()``.
  public var flushDeadline: Duration

  public init(
    directory: String, userAgent: String = "RemoteWrite", queueBytes: Int = 4 << 30,
    segmentBytes: Int = 16 << 20, fsyncInterval: UInt64 = 1_000_000_000,
    flushDeadline: Duration = .seconds(10)
  ) {
    self.directory = directory
    self.userAgent = userAgent
    self.queueBytes = queueBytes
    self.segmentBytes = segmentBytes
    self.fsyncInterval = fsyncInterval
    self.flushDeadline = flushDeadline
  }
}

/// How a bridge is.
public struct BridgeStatistics: Sendable, Equatable {
  /// In the order of the configuration.
  public let targets: [TargetStatistics]
  public let endpoints: [EndpointStatistics]
  /// The counters of targets that have left, one for each job.
  public let departed: [TargetStatistics]
  /// What rules drop of what was found, as much as the jobs show.
  public let dropped: [DroppedTarget]
  /// How many addresses rules drop, by job.
  public let droppedCounts: [String: Int]
  /// How the searches for targets are.
  public let searches: [DiscoveryStatistics]
  /// Why there is no target for an address that was found.
  public let targetFaults: [ConfigurationFault]
  /// What senders have pushed.
  public internal(set) var received = ReceivedStatistics()
}
