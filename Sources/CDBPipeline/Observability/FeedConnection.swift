import CDBDomain

/// How the connection behind a live feed stands. Counts begin with the process.
public struct FeedConnection: Sendable, Hashable, Codable {
  /// Whether every subscription is acknowledged and the connection is up.
  public var isStreaming = false
  /// `connecting`, `subscribing`, `streaming`, or `waiting` for the next attempt.
  public var state = "waiting"
  public var attempts: UInt64 = 0
  /// Connections that ended or were replaced, by the reason.
  public var reconnects: [String: UInt64] = [:]
  /// Book snapshots that came, and requests for one that failed.
  public var snapshots: UInt64 = 0
  public var failedSnapshots: UInt64 = 0
  /// Messages that could not be journaled, by the reason.
  public var discarded: [String: UInt64] = [:]
  /// When anything last came in.
  public var lastMessage: EventTime?
  /// What keeps the feed from working, in words; nil while nothing does.
  public var failure: String?

  public init() {}
}
