import RedisTransport

/// Where the edges between processes are, and how they behave.
public struct BusOptions: Sendable {
  public var address: RedisAddress
  public var redis: RedisOptions
  public var edge: EdgeOptions

  public init(address: RedisAddress, redis: RedisOptions = RedisOptions(), edge: EdgeOptions = EdgeOptions())
  {
    self.address = address
    self.redis = redis
    self.edge = edge
  }

  /// A client of its own: whoever waits for entries keeps nobody else from being answered.
  func client(_ name: String) -> RedisClient {
    var options = redis
    options.clientName = name
    return RedisClient(
      address, options: options, clock: ContinuousClock(),
      random: { UInt64.random(in: .min ... .max) })
  }
}

/// Why a stage cannot take part.
public enum ServiceError: Error, Sendable, CustomStringConvertible {
  /// The streams are another journal's.
  case otherJournal(prefix: String, streams: UInt64, own: UInt64)
  /// A stage of this name takes no frames, or the one that does was given none.
  case noSource
  /// The stage keeps its rows in a store, and was given none.
  case noStore
  /// It was told to end, and has no bus to give away over what it holds, or never had one.
  case busAway(String)
  /// A share of partitions that there are not, or of a stage that is not shared.
  case noSuchPartitions(String, of: Int)

  public var description: String {
    switch self {
    case .otherJournal(let prefix, let streams, let own):
      "the streams \(prefix):… on the bus follow from the journal \(String(streams, radix: 16)), and what is kept here from "
        + "\(own == 0 ? "none yet" : String(own, radix: 16)): give one of the pipelines another bus.prefix"
    case .noSource: "ws needs a source of frames, and no other stage takes one"
    case .noStore: "db_writer needs a store"
    case .busAway(let cause): "it ends without its bus: \(cause)"
    case .noSuchPartitions(let asked, let count):
      "core alone is shared, by its partitions 0 to \(count - 1): there is no share \(asked)"
    }
  }
}
