import CDBDomain
import RedisTransport

/// Why a stage cannot take part. All but ``busAway(_:)`` is for somebody to change: started again it would be the same.
public enum ServiceError: Error, Sendable, CustomStringConvertible {
  /// Where a stage keeps what it goes on from.
  public enum Keeper: Sendable, Hashable {
    /// Its data directory, absolute.
    case directory(String)
    /// The store, as a person knows it.
    case store(String)
  }

  /// The streams are another journal's.
  case otherJournal(prefix: String, streams: UInt64, own: UInt64, keeper: Keeper)
  /// The bus has let go of what a snapshot or the store covered, and this stage has gone on without that one.
  ///
  /// - Parameter isEmpty: whether there is no snapshot at all.
  case keptElsewhere(StageName, Keeper, isEmpty: Bool, prefix: String, EdgeLoss)
  /// The server does not let this process do its work: password, user, rights, or a key of something else's.
  case notAdmitted(RedisError)
  /// The stage takes no frames, or the one that does was given none.
  case noSource
  /// The stage keeps its rows in a store, and was given none.
  case noStore
  /// It was told to end, and has no bus to give away over what it holds, or never had one.
  case busAway(String)
  /// A share of partitions that there are not, or of a stage that is not shared.
  case noSuchPartitions(String, of: Int)

  public var description: String {
    switch self {
    case .otherJournal(let prefix, let streams, let own, let keeper):
      Self.words(prefix, streams: streams, own: own, keeper)
    case .keptElsewhere(let stage, let keeper, let isEmpty, let prefix, let loss):
      Self.words(stage, keeper, isEmpty: isEmpty, prefix, loss)
    case .notAdmitted(let error): Self.words(error)
    case .noSource: "ws needs a source of frames, and no other stage takes one"
    case .noStore: "db_writer needs a store"
    case .busAway(let cause): "it ends without its bus: \(cause)"
    case .noSuchPartitions(let asked, let count):
      "core alone is shared, by its partitions 0 to \(count - 1): there is no share \(asked)"
    }
  }

  private static func words(_ prefix: String, streams: UInt64, own: UInt64, _ keeper: Keeper) -> String {
    let streams = "the streams \(prefix):… on the bus follow from the journal \(String(streams, radix: 16))"
    let own = String(own, radix: 16)
    // Over an empty bus whoever comes first says whose it is, and that may be db-writer with its store.
    let store = "where the bus was empty before, store.url of db-writer names another pipeline's store"
    return switch keeper {
    case .store(let place):
      "\(streams), and the rows of the store \(place) from \(own): store.url names another pipeline's store; name this "
        + "pipeline's, or an empty database"
    case .directory(let path) where own == "0":
      "\(streams), and \(path) has no journal yet: name the data directory that has it (data_dir); a new pipeline takes "
        + "another bus.prefix; \(store)"
    case .directory(let path):
      "\(streams), and what is kept in \(path) from \(own): data_dir names another pipeline's directory, or both take one "
        + "bus.prefix; \(store)"
    }
  }

  private static func words(
    _ stage: StageName, _ keeper: Keeper, isEmpty: Bool, _ prefix: String, _ loss: EdgeLoss
  ) -> String {
    let edge =
      "edge \(loss.stream.rawValue), partition \(loss.partition), to event \(loss.missing.upperBound)"
    let anew =
      "where it is lost, end all services, remove the keys \(prefix):* from Redis and start them again: all is made anew "
      + "from the journal"
    return switch keeper {
    case .store(let place):
      "the store \(place) ends before what the bus has let go of (\(edge)): store.url names another store than before, or an "
        + "older copy. Name or restore the right one; \(anew)"
    case .directory(let path) where isEmpty:
      "\(path) has no snapshot of \(stage.rawValue), and the bus was read with one (\(edge)): its snapshots are elsewhere. Name "
        + "the data directory that has them (data_dir), or restore it; \(anew)"
    case .directory(let path):
      "the snapshots of \(stage.rawValue) in \(path) end before what the bus has let go of (\(edge)): newer ones are elsewhere. "
        + "Name the data directory that has them (data_dir), or restore it; \(anew)"
    }
  }

  private static func words(_ error: RedisError) -> String {
    let answer = "Redis at \(error.address) refuses this service (\(error.detail))"
    return switch error.kind {
    case .notAuthenticated:
      "\(answer): it wants a password, and none is set; name its file with bus.password_file, or set CDB_BUS_PASSWORD"
    case .notPermitted:
      "\(answer): its user (bus.user) may not do that; allow it with ACL SETUSER, or name another user"
    case .wrongType: "\(answer): something else has a key of this name; choose another bus.prefix"
    default: "\(answer): bus.password or bus.user is not what the server knows; correct them, or the server's"
    }
  }
}
