import CDBDomain

/// Why events of an edge are not where they must be, with the edge, the partition and the numbers.
public struct EdgeLoss: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Cause: Sendable, Hashable {
    /// Somebody shortened the stream beyond what was consumed.
    case trimmed
    /// The server evicts keys when its memory is full (`maxmemory-policy`), and the stream's began anew.
    case evicted(policy: String)
    /// The stream was there and is not any more: emptied with `FLUSHALL`, deleted, or lost with the server's disk.
    case vanished
    /// Entries are missing in the middle.
    case deleted
    /// The server lost its newest entries, and the producer has them no longer.
    case tailLost
  }

  public var stream: StreamName
  public var partition: UInt16
  public var cause: Cause
  /// The first and the last event that are missing.
  public var missing: ClosedRange<UInt64>

  public init(stream: StreamName, partition: UInt16, cause: Cause, missing: ClosedRange<UInt64>) {
    self.stream = stream
    self.partition = partition
    self.cause = cause
    self.missing = missing
  }

  public var description: String {
    let events =
      missing.count == 1
      ? "event \(missing.lowerBound)" : "events \(missing.lowerBound) to \(missing.upperBound)"
    let place = "edge \(stream.rawValue), partition \(partition)"
    return switch cause {
    case .trimmed:
      "\(place): \(events) were trimmed from the stream before they were consumed; nobody but the pipeline may XTRIM "
        + "it. Start the producer from a snapshot before them"
    case .evicted(let policy):
      "\(place): \(events) are gone: the server evicts keys (maxmemory-policy \(policy)). Set noeviction, and start "
        + "the producer from a snapshot before them"
    case .vanished:
      "\(place): \(events) are gone with the whole stream (FLUSHALL, DEL, or a disk). Start the producer from a "
        + "snapshot before them"
    case .deleted:
      "\(place): \(events) are missing inside of the stream; nobody may XDEL there. Start the producer from a snapshot "
        + "before them"
    case .tailLost:
      "\(place): the server lost \(events), and the producer keeps them no longer. Start the producer from a snapshot "
        + "before them"
    }
  }
}

/// The server knows nothing of a stream that was there: what has to be made again only the stage behind can tell.
public struct ForgottenStream: Error, Equatable, Sendable, CustomStringConvertible {
  public var stream: StreamName
  public var partition: UInt16

  public var description: String {
    "edge \(stream.rawValue), partition \(partition): the server has forgotten the stream; \(stream.ends.to.rawValue) has to "
      + "say what it has of it"
  }
}

/// Somebody else owns the partition.
public struct PartitionOwned: Error, Equatable, Sendable, CustomStringConvertible {
  public var stream: StreamName
  public var partition: UInt16
  /// The other owner's token, as far as it is known.
  public var owner: String

  public var description: String {
    "edge \(stream.rawValue), partition \(partition): \(owner) owns it; it is taken over when its lease has run out"
  }
}

/// An entry of a stream that is none of the pipeline's.
public struct ForeignEntry: Error, Equatable, Sendable, CustomStringConvertible {
  public var key: String
  public var id: String
  public var problem: String

  public var description: String {
    "stream \(key), entry \(id): \(problem). Something else writes there: give the pipeline a prefix of its own"
  }
}
