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
