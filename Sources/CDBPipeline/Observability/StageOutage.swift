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
    /// No process that is asked is to take some of its partitions.
    case untaken
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
  /// Which of several processes it is, with its address and its symbols; nil where the stage has one alone, or none of several
  /// does its work.
  public var process: String?

  public init(
    kind: Kind, since: EventTime, cause: String? = nil, miss: Miss? = nil, process: String? = nil
  ) {
    self.kind = kind
    self.since = since
    self.cause = cause
    self.miss = miss
    self.process = process
  }

  /// For logs, health checks and pages, in one sentence without a full stop.
  public var text: String {
    let cause = cause.map { ": \($0)" } ?? ""
    let process = "its process" + (process.map { " at \($0)" } ?? "")
    return switch kind {
    case .away: "\(process) does not answer since \(since.rfc3339Seconds)\(cause)"
    case .restarted: "\(process) has begun anew at \(since.rfc3339Seconds)"
    case .waiting: "\(process) waits for its streams\(cause)"
    case .bus: "\(process) has no bus\(cause)"
    case .untaken: "no process that is asked takes all of its partitions\(cause)"
    }
  }
}

/// One of the processes of a stage, as whoever gathers sees it.
public struct ProcessStatus: Sendable, Hashable, Codable {
  public enum State: String, Sendable, Codable, CaseIterable {
    /// It answers; or nothing is known of it yet.
    case answers
    case away, restarted, waiting, bus
    /// It waits for streams whose owner works: it is there to take over.
    case standsBy = "stands_by"
    /// It ended with the end of what it takes in, and nothing has begun anew since.
    case ended

    init(_ kind: StageOutage.Kind) {
      self =
        switch kind {
        case .away: .away
        case .restarted: .restarted
        case .waiting: .waiting
        case .bus: .bus
        case .untaken: .answers
        }
    }
  }

  /// Where it is asked.
  public var address: String
  /// The partitions that it is to take, where processes share the stage by them; nil for all, or while nothing is heard of it.
  public var partitions: [UInt16]?
  public var state: State

  public init(address: String, partitions: [UInt16]?, state: State) {
    self.address = address
    self.partitions = partitions
    self.state = state
  }
}
