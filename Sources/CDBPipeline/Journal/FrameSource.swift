import CDBDomain

/// Where frames come from: a connection, a recording, a simulator.
public protocol FrameSource: Sendable {
  /// The feed's name in metrics and reports.
  var name: String { get }
  /// Whether silence lets time pass: true for live feeds, false for recordings.
  var isLive: Bool { get }

  /// Whether it delivers a journal's records as they are: with their kinds, times and ticks.
  var deliversJournal: Bool { get }

  /// How the connection behind it stands; nil for a source without one.
  var connection: FeedConnection? { get }

  /// Goes on after the first `count` frames (records, for a journal), which were accepted by an earlier run.
  /// Only a source that can deliver them again has anything to do.
  mutating func resume(after count: UInt64) async throws

  /// Adds what has come in, up to `maximum` frames, as `RecordKind.frame` records with their receive times.
  /// A live source returns within a second or so, with nothing if there is nothing.
  mutating func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus
}

extension FrameSource {
  public var deliversJournal: Bool { false }
  public var connection: FeedConnection? { nil }
}

public enum FrameSourceStatus: Sendable, Hashable {
  case more
  case ended
}
