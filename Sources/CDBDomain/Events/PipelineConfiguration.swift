/// Everything that the stages decide by. It travels through the pipeline as an event, so that a journal
/// alone rebuilds every decision.
public struct PipelineConfiguration: Sendable, Hashable, Codable {
  /// `default`, or the name of a profile that changes how the pipeline acts, such as `demo`.
  public var profile: String
  public var instruments: InstrumentCatalogue
  public var feed: FeedRules
  public var momentum: MomentumParameters
  public var account: AccountRules
  public var risk: RiskLimits
  public var exchange: PaperExchangeRules
  /// The length of a market summary, nanoseconds.
  public var summaryInterval: Int64

  public init(
    profile: String, instruments: InstrumentCatalogue, feed: FeedRules = FeedRules(),
    momentum: MomentumParameters = MomentumParameters(), account: AccountRules = AccountRules(),
    risk: RiskLimits = RiskLimits(), exchange: PaperExchangeRules = PaperExchangeRules(),
    summaryInterval: Int64 = 60_000_000_000
  ) {
    self.profile = profile
    self.instruments = instruments
    self.feed = feed
    self.momentum = momentum
    self.account = account
    self.risk = risk
    self.exchange = exchange
    self.summaryInterval = summaryInterval
  }
}

/// What a frame must satisfy to become market data.
public struct FeedRules: Sendable, Hashable, Codable {
  /// The largest relative change from the last accepted price; beyond it a price is absurd.
  public var maximumPriceChange = Ratio(basisPoints: 2_000)
  /// The longest frame, bytes.
  public var maximumFrameBytes = 4 << 20
  public init() {}
}

/// Whose money it is.
public struct AccountRules: Sendable, Hashable, Codable {
  public var name = "paper"
  public var startingCash = Money(mantissa: 10_000_00000000)
  public init() {}
}
