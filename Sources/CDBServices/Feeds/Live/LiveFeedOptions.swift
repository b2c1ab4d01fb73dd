import CDBDomain
import WebSocketTransport

/// Where a live feed connects and how it behaves.
public struct LiveFeedOptions: Sendable {
  /// The feed's name on every surface.
  public var name: String
  /// Such as `wss://data-stream.binance.vision`; the path of the combined streams is added.
  public var webSocketURL: String
  /// Such as `https://data-api.binance.vision`.
  public var restURL: String
  public var instruments: InstrumentCatalogue
  /// The number of the first instrument's frames; see ``sourceBase(after:instruments:)``.
  public var sourceBase: UInt16
  public var timing = SessionTiming()
  public var snapshots = SnapshotSchedule.Limits()
  /// Levels a side that a snapshot is asked for.
  public var snapshotLevels = 1_000
  /// From a request for a snapshot to its whole answer.
  public var snapshotTimeout = Duration.seconds(10)
  public var transport = WebSocketOptions()
  /// Certificates to trust instead of the system's, in PEM.
  public var authoritiesFile: String?

  public init(
    name: String, webSocketURL: String, restURL: String, instruments: InstrumentCatalogue, sourceBase: UInt16
  ) {
    self.name = name
    self.webSocketURL = webSocketURL
    self.restURL = restURL
    self.instruments = instruments
    self.sourceBase = sourceBase
    // A snapshot of the book does not come this way; an update of 5,000 levels a side has about 320 KB.
    transport.maximumFrameBytes = 1 << 20
    transport.maximumMessageBytes = 4 << 20
  }

  /// The streams of an instrument that are subscribed to.
  static let streamKinds = ["trade", "bookTicker", "depth@100ms"]

  /// The most instruments that one connection has streams for.
  public static let maximumInstruments = SessionTiming.streamsPerConnection / streamKinds.count

  var streams: [String] {
    instruments.instruments.flatMap { instrument in
      Self.streamKinds.map { "\(instrument.symbol.lowercased())@\($0)" }
    }
  }

  /// Where a process's source numbers begin, behind those of the one before: numbers of trades that go on are one
  /// sequence all the same, and those that fall back are a new one. After the last number comes zero again, which
  /// is the newer one to whoever compares them.
  ///
  /// - Parameter last: of the data directory's last frame; nil where there is none.
  public static func sourceBase(after last: UInt16?, instruments: Int) -> UInt16 {
    guard let last, instruments > 0 else { return 0 }
    let processes = 65_536 / instruments
    return UInt16((Int(last) / instruments + 1) % max(1, processes) * instruments)
  }
}
