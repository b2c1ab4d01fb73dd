import CDBDomain

/// Why events of an edge are not where they must be, with the edge, the partition and the numbers.
public struct EdgeLoss: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Cause: Sendable, Hashable {
    /// Somebody shortened the stream beyond what was consumed.
    case trimmed
    /// The consumer had read them in an earlier life, and said that a durable snapshot covers them: it has gone on without that.
    case consumed
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
    case .consumed:
      "\(place): \(events) were let go of, since a snapshot of \(stream.ends.to.rawValue) had them: it has gone on without that "
        + "one. Start it over the data directory that has its snapshots"
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

/// Somebody else has the partition: another instance of the same stage.
public struct PartitionOwned: Error, Equatable, Sendable, CustomStringConvertible {
  public var stream: StreamName
  public var partition: UInt16
  /// The other owner's token, as far as it is known.
  public var owner: String
  /// Whether it was this producer's before, and its lease ran out.
  public var wasHeld = false

  public var description: String {
    let place = "edge \(stream.rawValue), partition \(partition): another instance (\(owner))"
    return wasHeld
      ? "\(place) has taken over, as this one was not heard of for longer than bus.lease; this one steps back"
      : "\(place) has it, or has died with it; it is taken over when that one's lease has run out"
  }
}

/// Entries were refused, as the partition is this producer's no longer: it takes it anew, or hears who has it.
struct LeaseLost: Error, Equatable, CustomStringConvertible {
  var stream: StreamName
  var partition: UInt16
  /// The owner's token; nil where nobody has it.
  var owner: String?

  /// - Parameter refusal: of ``AppendScript``, with its code and the owner.
  init(_ refusal: String, stream: StreamName, partition: UInt16) {
    self.stream = stream
    self.partition = partition
    owner = refusal.split(separator: " ").dropFirst().first.map(String.init)
      .flatMap { $0 == AppendScript.nobody ? nil : $0 }
  }

  var description: String {
    guard let owner else {
      return
        "edge \(stream.rawValue), partition \(partition): this instance was not heard of for longer than bus.lease; nobody "
        + "has taken over, and it takes it again. Where this recurs the machine is too busy for so short a lease"
    }
    return "\(PartitionOwned(stream: stream, partition: partition, owner: owner, wasHeld: true))"
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
