import CDBDomain

/// What keeps a stage from its work though nothing of the stage itself failed. Only a stage that runs in a process of its
/// own can have one.
public struct StageOutage: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Nothing is heard of its process, or nothing new.
    case away
    /// Its process has begun anew a moment ago.
    case restarted
    /// Its process waits for the streams of another, which may have died with them.
    case waiting
    /// Its process has no bus.
    case bus
  }

  /// What an attempt to ask a process came to.
  public enum Miss: String, Sendable, Codable {
    /// Nobody listens at its address, or there is no way to it.
    case unreachable
    /// It took the connection or the question, and did not answer in time.
    case silent
    /// Something else answered, or nothing that can be read.
    case strange
  }

  public var kind: Kind
  /// By the clock of whoever gathers; of what a process says of itself by the process's.
  public var since: EventTime
  /// What was met, in words; nil where nothing is known of it.
  public var cause: String?
  /// Of ``Kind/away``: how the newest question failed; nil where it was answered, with old news.
  public var miss: Miss?

  public init(kind: Kind, since: EventTime, cause: String? = nil, miss: Miss? = nil) {
    self.kind = kind
    self.since = since
    self.cause = cause
    self.miss = miss
  }

  /// For logs, health checks and pages, in one sentence without a full stop.
  public var text: String {
    let cause = cause.map { ": \($0)" } ?? ""
    return switch kind {
    case .away: "its process does not answer since \(since.rfc3339Seconds)\(cause)"
    case .restarted: "its process has begun anew at \(since.rfc3339Seconds)"
    case .waiting: "its process waits for its streams\(cause)"
    case .bus: "its process has no bus\(cause)"
    }
  }
}
