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
  public var gate: GateRules
  /// The length of a market summary, nanoseconds.
  public var summaryInterval: Int64

  public init(
    profile: String, instruments: InstrumentCatalogue, feed: FeedRules = FeedRules(),
    momentum: MomentumParameters = MomentumParameters(), account: AccountRules = AccountRules(),
    risk: RiskLimits = RiskLimits(), exchange: PaperExchangeRules = PaperExchangeRules(),
    gate: GateRules = GateRules(), summaryInterval: Int64 = 60_000_000_000
  ) {
    self.profile = profile
    self.instruments = instruments
    self.feed = feed
    self.momentum = momentum
    self.account = account
    self.risk = risk
    self.exchange = exchange
    self.gate = gate
    self.summaryInterval = summaryInterval
  }

  /// Reads configurations of earlier versions too: what they did not know has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    profile = try container.decode(String.self, forKey: .profile)
    instruments = try container.decode(InstrumentCatalogue.self, forKey: .instruments)
    feed = try container.decode(FeedRules.self, forKey: .feed)
    momentum = try container.decode(MomentumParameters.self, forKey: .momentum)
    account = try container.decode(AccountRules.self, forKey: .account)
    risk = try container.decode(RiskLimits.self, forKey: .risk)
    exchange = try container.decode(PaperExchangeRules.self, forKey: .exchange)
    gate = try container.decodeIfPresent(GateRules.self, forKey: .gate) ?? GateRules()
    summaryInterval = try container.decode(Int64.self, forKey: .summaryInterval)
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
