/// The times and limits that a session keeps.
///
/// The exchange's own: https://github.com/binance/binance-spot-api-docs, web-socket-streams.md, "General WSS
/// information" and "Websocket Limits".
public struct SessionTiming: Sendable, Hashable {
  /// Messages to the server in any second, pongs included; the server takes five.
  public var messagesPerSecond = 4
  /// Streams that one request names, so that requests stay short.
  public var streamsPerRequest = 100
  /// The server's limit on the streams of a connection.
  public static let streamsPerConnection = 1_024
  /// Attempts to connect in any five minutes; the server takes 300 of an address.
  public var attemptsPerFiveMinutes = 60
  public var fiveMinutes = Duration.seconds(300)
  public var second = Duration.seconds(1)

  /// The wait behind the first failure; it doubles up to the cap.
  public var firstWait = Duration.milliseconds(500)
  public var longestWait = Duration.seconds(30)
  /// Streaming for so long is healthy: the next failure is a first one again.
  public var healthy = Duration.seconds(60)

  /// From the request to its acknowledgement.
  public var acknowledgement = Duration.seconds(10)
  /// Without any message; the server pings every 20 seconds.
  public var silence = Duration.seconds(60)
  /// Without market data, pings or not.
  public var dataSilence = Duration.seconds(120)
  /// From an attempt's start to an open connection; the transport's own limits are shorter.
  public var opening = Duration.seconds(30)
  /// The age at which a connection is replaced, before the server ends it at 24 hours…
  public var age = Duration.seconds(23 * 3_600 + 1_800)
  /// …less a share of this by chance, so that not everyone reconnects at once.
  public var ageSpread = Duration.seconds(1_800)

  public init() {}

  /// The same with all times divided: for a market whose time runs faster.
  public func compressed(by factor: Double) -> SessionTiming {
    var result = self
    for path: WritableKeyPath<SessionTiming, Duration> in [
      \.fiveMinutes, \.second, \.firstWait, \.longestWait, \.healthy, \.acknowledgement, \.silence,
      \.dataSilence,
      \.opening, \.age, \.ageSpread,
    ] {
      result[keyPath: path] = self[keyPath: path] / factor
    }
    return result
  }
}
