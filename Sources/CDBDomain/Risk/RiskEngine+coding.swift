extension RiskEngine: Codable {
  private enum CodingKeys: String, CodingKey {
    case limits, instruments, market, killSwitch, accounts
    /// Of snapshots that knew one account, with its marks in it.
    case account
  }

  private struct EarlierMarks: Decodable {
    var marks: [Price?]
  }

  /// The layers are always the standard ones. A snapshot of before the layers had a memory begins theirs: the
  /// peak at the starting cash, and the age of the market not known until data comes.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    limits = try fields.decode(RiskLimits.self, forKey: .limits)
    instruments = try fields.decode(InstrumentCatalogue.self, forKey: .instruments)
    killSwitch = try fields.decodeIfPresent(String.self, forKey: .killSwitch)
    chain = .standard
    bounds = Self.bounds(of: chain, limits)
    let count = instruments.instruments.count
    if let market = try fields.decodeIfPresent(RiskMarket.self, forKey: .market) {
      self.market = market
      accounts = try fields.decode([RiskAccount].self, forKey: .accounts)
    } else {
      let account = try fields.decode(Account.self, forKey: .account)
      market = RiskMarket(marks: try fields.decode(EarlierMarks.self, forKey: .account).marks)
      accounts = [
        RiskAccount(account, instruments: count), Self.canary(account.startingCash, instruments: count),
      ]
    }
    let isWhole = accounts.count == AccountRole.allCases.count && market.instruments == count
    guard isWhole, accounts.allSatisfy({ $0.fits(instruments: count) }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "accounts of other instruments"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(limits, forKey: .limits)
    try fields.encode(instruments, forKey: .instruments)
    try fields.encode(market, forKey: .market)
    try fields.encodeIfPresent(killSwitch, forKey: .killSwitch)
    try fields.encode(accounts, forKey: .accounts)
  }
}

extension RiskAccount {
  /// Whether all that is kept by instrument is kept for that many.
  fileprivate func fits(instruments: Int) -> Bool {
    account.positions.count == instruments && slippages.count == instruments && exits.count == instruments
      && latches.instruments == instruments
  }
}
