import CDBDomain
import CDBPipeline

/// What a ``LiveFeed`` receives, as the pipeline's source.
public struct LiveSource: FrameSource {
  /// An empty answer keeps time going.
  static let longestWait = Duration.milliseconds(250)

  public let name: String
  public let isLive = true
  private let inbox: FrameInbox
  private let base: UInt16
  private let status: @Sendable () -> FeedConnection

  init(name: String, inbox: FrameInbox, base: UInt16, status: @escaping @Sendable () -> FeedConnection) {
    self.name = name
    self.inbox = inbox
    self.base = base
    self.status = status
  }

  public var connection: FeedConnection? { status() }

  /// An exchange does not send again what it has sent.
  public func resume(after frames: UInt64) {}

  public func next(maximum: Int, into batch: inout IngestBatch) async throws -> FrameSourceStatus {
    for frame in await inbox.take(maximum: maximum, waiting: Self.longestWait) {
      batch.append(
        .frame, source: base &+ frame.instrument, time: frame.time,
        payload: frame.bytes)
    }
    return .more
  }
}
