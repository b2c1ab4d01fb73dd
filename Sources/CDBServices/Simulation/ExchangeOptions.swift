import CDBDomain

/// What a simulated exchange trades, where it listens and what it does wrong.
public struct ExchangeOptions: Sendable {
  /// Where its market comes from.
  public enum Market: Sendable {
    case seeded(UInt64, MarketSimulator.Profile)
    case recorded([String], loops: Int)
  }

  /// A server's certificate and key, in PEM.
  public struct TLSFiles: Sendable {
    public var certificate: String
    public var privateKey: String
    public init(certificate: String, privateKey: String) {
      self.certificate = certificate
      self.privateKey = privateKey
    }
  }

  public var market: Market
  public var instruments: InstrumentCatalogue
  public var host = "127.0.0.1"
  /// 0 is any that is free.
  public var port = 0
  public var tls: TLSFiles?
  /// How many times as fast as real time its time passes; infinity is as fast as its clients take it.
  public var speed = 1.0
  public var plan = FaultPlan()
  /// Of the faults' own chances.
  public var faultSeed: UInt64 = 1
  /// What a seeded market's numbers begin above; see `MarketSimulator`.
  public var numberedFrom: Int64 = 0
  /// Of the market's time.
  public var pingInterval = Duration.seconds(20)
  /// How long a ping may stay unanswered, of the market's time.
  public var pongTimeout = Duration.seconds(60)

  public init(market: Market, instruments: InstrumentCatalogue) {
    self.market = market
    self.instruments = instruments
  }

  /// A duration of the market's time in real time.
  func real(_ duration: Duration) -> Duration { speed.isFinite ? duration / speed : duration }

  func makeMarket(start: EventTime) throws -> any ExchangeMarket {
    switch market {
    case .seeded(let seed, let profile):
      SimulatedMarket(
        MarketSimulator(
          seed: seed, instruments: instruments, start: start, profile: profile, numberedFrom: numberedFrom))
    case .recorded(let paths, let loops):
      try RecordedMarket(paths: paths, loops: loops, instruments: instruments, start: start)
    }
  }
}
