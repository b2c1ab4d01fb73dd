/// Everything that the stages decide by. It travels through the pipeline as an event, so that a journal
/// alone rebuilds every decision.
public struct PipelineConfiguration: Sendable, Hashable, Codable {
  /// `default`, or the name of a profile that changes how the pipeline acts, such as `demo`.
  public var profile: String
  public var instruments: InstrumentCatalogue
  public var feed: FeedRules
  /// The strategies that are switched on, each once.
  public var strategies: [StrategyName]
  public var momentum: MomentumParameters
  public var emaCross: EMACrossParameters
  public var account: AccountRules
  public var risk: RiskLimits
  public var orders: OrderRules
  public var exchange: PaperExchangeRules
  public var gate: GateRules
  /// The length of a market summary, nanoseconds.
  public var summaryInterval: Int64

  public init(
    profile: String, instruments: InstrumentCatalogue, feed: FeedRules = FeedRules(),
    strategies: [StrategyName] = [.momentum],
    momentum: MomentumParameters = MomentumParameters(),
    emaCross: EMACrossParameters = EMACrossParameters(), account: AccountRules = AccountRules(),
    risk: RiskLimits = RiskLimits(), orders: OrderRules = OrderRules(),
    exchange: PaperExchangeRules = PaperExchangeRules(),
    gate: GateRules = GateRules(), summaryInterval: Int64 = 60_000_000_000
  ) {
    self.profile = profile
    self.instruments = instruments
    self.feed = feed
    self.strategies = strategies
    self.momentum = momentum
    self.emaCross = emaCross
    self.account = account
    self.risk = risk
    self.orders = orders
    self.exchange = exchange
    self.gate = gate
    self.summaryInterval = summaryInterval
  }

  /// Reads what earlier versions wrote too: what they did not have is as they did it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      profile: try container.decode(String.self, forKey: .profile),
      instruments: try container.decode(InstrumentCatalogue.self, forKey: .instruments),
      feed: try container.decode(FeedRules.self, forKey: .feed),
      strategies: try container.decodeIfPresent([StrategyName].self, forKey: .strategies) ?? [.momentum],
      momentum: try container.decode(MomentumParameters.self, forKey: .momentum),
      emaCross: try container.decodeIfPresent(EMACrossParameters.self, forKey: .emaCross)
        ?? EMACrossParameters(),
      account: try container.decode(AccountRules.self, forKey: .account),
      risk: try container.decode(RiskLimits.self, forKey: .risk),
      orders: try container.decodeIfPresent(OrderRules.self, forKey: .orders) ?? OrderRules(),
      exchange: try container.decode(PaperExchangeRules.self, forKey: .exchange),
      gate: try container.decodeIfPresent(GateRules.self, forKey: .gate) ?? GateRules(),
      summaryInterval: try container.decode(Int64.self, forKey: .summaryInterval))
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
