/// What a feed has seen, for metrics and reports.
public struct FeedStatistics: Sendable, Hashable, Codable {
  /// By ``InstrumentID/index``.
  public var instruments: [Instrument]
  /// Announcements that the server is about to close the connection: reconnect at once.
  public var shutdownAnnouncements: Int64 = 0

  public subscript(_ id: InstrumentID) -> Instrument { instruments[Int(id.index)] }

  /// One instrument's share. A frame counts here once its kind and its instrument are known, whatever
  /// became of it.
  public struct Instrument: Sendable, Hashable, Codable {
    public var trades: Int64 = 0
    public var aggregateTrades: Int64 = 0
    public var quotes: Int64 = 0
    public var bookUpdates: Int64 = 0
    public var bookSnapshots: Int64 = 0
    public var klines: Int64 = 0
    /// How often trade ids were skipped, and how many ids in all.
    public var tradeGaps: Int64 = 0
    public var missingTrades: Int64 = 0
    /// How often the book lost its continuity.
    public var bookGaps: Int64 = 0
    /// Whether the book follows from a snapshot without a gap.
    public var isBookSynchronised = false
    /// Local minus exchange clock, nanoseconds; zero unless the local clock is behind.
    public var skew: Int64 = 0
    /// How long the last message with a time of the exchange's was on its way, skew corrected,
    /// nanoseconds; never negative.
    public var latestDelay: Int64 = 0
    public var lastExchangeTime: EventTime?
    public var lastReceiveTime: EventTime?
    /// When a price last differed from the one before.
    public var lastPriceChange: EventTime?

    public init() {}

    /// Frames of all kinds.
    public var frames: Int64 {
      trades + aggregateTrades + quotes + bookUpdates + bookSnapshots + klines
    }
  }
}
