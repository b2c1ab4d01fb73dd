/// Why an event was absorbed, dropped or refused: a code, never a sentence.
///
/// One catalogue for the whole pipeline. A code's text is a contract with dashboards, searches and
/// playbooks; its number is stored in snapshots, so codes are added at the end and never reused. What a person
/// is told of each stands in ``ReasonCatalogue``.
public enum ReasonCode: UInt8, Sendable, Hashable, CaseIterable, Codable {
  case none = 0

  // Absorbed: the event did its work here and goes no further.
  case marketState = 1
  case tick = 2
  case acknowledgement = 3
  case heartbeat = 4
  case duplicateTrade = 5
  case staleBookUpdate = 6
  case applied = 7
  case awaitingSnapshot = 8
  case unfinishedKline = 9

  // Dropped by ws: the frame could not become market data.
  case malformedFrame = 20
  case unknownStream = 21
  case unknownSymbol = 22
  case invalidDecimal = 23
  case absurdPrice = 24
  case crossedQuote = 25
  case bookGap = 26
  case oversizedFrame = 27
  case exchangeError = 28
  case invalidTime = 29
  case ambiguousSource = 30

  // Refused by risk.
  case killSwitch = 40
  case exposureLimit = 41
  case positionSizeLimit = 42
  case nothingToReduce = 43
  case belowMinimumNotional = 44
  case noReferencePrice = 45
  case arithmeticOverflow = 46
  case openOrderPending = 47
  case drawdownDaily = 48
  case drawdownTotal = 49
  case abnormalSpread = 50
  case abnormalSlippage = 51
  case staleData = 52
  case orderRateLimit = 53
  case stopLoss = 54

  // Results of the paper exchange.
  case noMarket = 60
  case slippageBound = 61
  case insufficientLiquidity = 62
  case fillOutOfBounds = 63
  case invalidOrder = 64
  case filledCompletely = 65
  case lotSize = 66
  case tickSize = 67
  case minimumNotional = 68
  case patienceExhausted = 69

  // Anywhere.
  case unexpectedEvent = 80
  case riskSelfTestFailed = 81

  // The gate: what it refuses orders by.
  case gateClosed = 90
  case gateVerifying = 91
  case gateTripped = 92
  case gateStopped = 93
  // Why its checks fail.
  case logPathSilent = 94
  case errorsLogged = 95
  case canaryLate = 96
  case flowImbalance = 97
  case storeInconsistent = 99
  case probeRefused = 100
  case probeLost = 101
  case checkUnavailable = 102
  case checkExpired = 103
  case stopUnverified = 110
  // What breaks a layer.
  case silentFeed = 104
  case frozenPrices = 105
  case clockJump = 106
  case stageStalled = 107
  case stageFailed = 108
  case feedFailed = 109
  case zeroActivity = 111
  case incidentOpen = 112
  case processHeldUp = 113
  case processLost = 114
  case busFailed = 115

  /// The code as metrics, logs, stores and people see it.
  public var code: String { ReasonCatalogue[self].code }

  /// The code with that text.
  public init?(code: String) {
    guard let found = ReasonCatalogue.entries.first(where: { $0.code == code }) else { return nil }
    self = found.reason
  }

  /// What the code means, in one sentence, for a person.
  public var explanation: String { explanation(in: .en) }

  /// What the code means, in one sentence without a full stop.
  public func explanation(in language: Language) -> String {
    ReasonCatalogue[self].explanation[language]
  }

  /// What a person does about it, in one sentence without a full stop.
  public func remedy(in language: Language) -> String { ReasonCatalogue[self].remedy[language] }
}
