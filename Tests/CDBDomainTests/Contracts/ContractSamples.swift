import Testing
@testable import CDBDomain

/// Events of every kind: one as in daily life, which the documentation shows, and others at the ends of
/// what the types can hold.
enum ContractSamples {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var isExample = false
    var id: EventID
    var envelope: Envelope
    var testDescription: String { name }
  }

  static let all = examples + extremes + strangers

  static let encoder: CloudEventEncoder? = (try? Fixture.catalogue()).map {
    CloudEventEncoder(
      instruments: $0, journal: 0x1234_5678_9ABC_DEF0, configurationFingerprint: "3f9a51c27be0",
      block: "block-7",
      feed: "binance")
  }

  /// 24 November 2026, 08:00 UTC.
  static let time = EventTime(nanoseconds: 1_795_507_200_123_456_789)

  static let examples: [Sample] = [
    example("trade", .ws, .trade(trade)), example("quote", .ws, .quote(quote)),
    example("book", .ws, .book(book)),
    example("kline", .ws, .kline(kline)), example("tick", .ws, .tick),
    example("summary", .core, .summary(summary)),
    example("signal", .core, .signal(signal)), example("decision", .risk, .decision(decision)),
    example("order", .risk, .order(order)), example("cancel", .risk, .cancel(cancel)),
    example("result", .execution, .result(result)),
    example("alert", .execution, .alert(alert)), example("stop", .ws, .control(.stop(reason: "maintenance"))),
    example("resume", .ws, .control(.resume(justification: "maintenance is over"))),
    example("gate", .ws, .control(.gate(gate))), example("verdict", .ws, .control(.verdict(verdict))),
    example("answer", .ws, .control(.answer(answer))),
    example("incident opened", .ws, .control(.incident(incidentOpened))),
    example("incident evidence", .ws, .control(.incident(incidentEvidence))),
    example("incident root cause", .ws, .control(.incident(rootCause))),
    example("block", .ws, .control(.block(block(.started(plan, figures))))),
    example("block_end", .ws, .control(.block(block(.finished(blockEnd))))),
    example("block_lessons", .ws, .control(.block(block(.learned(lessons))))),
    example("block_report", .ws, .control(.block(block(.reported(seal))))),
    example("probe", .ws, .control(.probe(number: 1_795_507_200, instrument: btc))),
  ]

  private static func example(_ name: String, _ producer: StageName, _ event: Event) -> Sample {
    Sample(
      name: name, isExample: true, id: EventID(producer: producer, partition: 0, sequence: 1742),
      envelope: Envelope(time: time, origin: 90_210, event: event))
  }

  static let trade = Trade(
    instrument: btc, aggressor: .buy, exchangeTime: time.advanced(by: -4_456_789), tradeID: 5_123_456_789,
    price: Price(mantissa: 6_183_763), quantity: Quantity(mantissa: 1_250_000))
  static let quote = Quote(
    instrument: btc, updateID: 81_234_567_890, bid: Price(mantissa: 6_183_762),
    bidQuantity: Quantity(mantissa: 312_000_000), ask: Price(mantissa: 6_183_763),
    askQuantity: Quantity(mantissa: 45_600_000))
  static let book = BookUpdate(
    instrument: btc, isSnapshot: false, exchangeTime: time.advanced(by: -4_456_789),
    firstUpdateID: 81_234_567_880,
    lastUpdateID: 81_234_567_890,
    bids: [BookLevel(price: Price(mantissa: 6_183_762), quantity: Quantity(mantissa: 312_000_000))],
    asks: [BookLevel(price: Price(mantissa: 6_183_900), quantity: .zero)])
  static let kline = Kline(
    instrument: btc, openTime: time.advanced(by: -60_123_456_789), closeTime: time.advanced(by: -124_456_789),
    open: Price(mantissa: 6_180_000), high: Price(mantissa: 6_184_000), low: Price(mantissa: 6_179_950),
    close: Price(mantissa: 6_183_763), volume: Quantity(mantissa: 1_234_500_000), trades: 2_718,
    isClosed: true)
  static let summary = MarketSummary(
    instrument: btc, start: time.advanced(by: -60_123_456_789), end: time.advanced(by: -123_456_789),
    open: Price(mantissa: 6_180_000), high: Price(mantissa: 6_184_000), low: Price(mantissa: 6_179_950),
    close: Price(mantissa: 6_183_763), volume: Quantity(mantissa: 1_234_500_000), trades: 2_718,
    quotes: 9_001,
    bookUpdates: 601)
  static let signal = Signal(
    id: Fixture.id(.core, 1742), instrument: btc, side: .buy, strategy: "momentum",
    strength: Ratio(mantissa: 124_000_000), referencePrice: Price(mantissa: 6_183_762),
    features: ["change": Ratio(mantissa: 62_000), "threshold": Ratio(basisPoints: 5)])
  static let layers = [
    verdict(.killSwitch, 0, of: 0), verdict(.drawdownDaily, 12, of: 500),
    verdict(.drawdownTotal, 40, of: 2_000),
    verdict(.spread, 1, of: 50), verdict(.slippage, 2, of: 20),
    LayerVerdict(
      layer: .dataStaleness, passed: true, figure: Ratio(secondsOf: 250_000_000),
      limit: Ratio(secondsOf: 10_000_000_000)),
    verdict(.exposure, 1_000, of: 4_000), verdict(.positionSize, 1_000, of: 2_500),
    LayerVerdict(layer: .orderRate, passed: true, figure: Ratio(count: 2), limit: Ratio(count: 30)),
    verdict(.stopLoss, 0, of: 300),
  ]

  private static func verdict(_ layer: RiskLayerName, _ figure: Int64, of limit: Int64) -> LayerVerdict {
    LayerVerdict(
      layer: layer, passed: true, figure: Ratio(basisPoints: figure), limit: Ratio(basisPoints: limit))
  }

  static let decision = RiskDecision(
    id: Fixture.id(.risk, 1742), signalID: Fixture.id(.core, 1742), account: "paper", instrument: btc,
    side: .buy,
    approved: true, reason: .none, layers: layers)
  static let order = Order(
    id: Fixture.id(.risk, 1742), signalID: Fixture.id(.core, 1742), account: "paper", instrument: btc,
    side: .buy,
    type: .market, quantity: Quantity(mantissa: 1_617_000), referencePrice: Price(mantissa: 6_183_762),
    layers: layers)
  static let cancel = CancelRequest(
    id: Fixture.id(.risk, 1743), orderID: Fixture.id(.risk, 1742), account: "paper", instrument: btc,
    reason: .patienceExhausted)
  static let fill = Fill(
    number: 1, price: Price(mantissa: 6_183_763), quantity: Quantity(mantissa: 1_617_000),
    notional: Money(mantissa: 99_991_447_710), fee: Money(mantissa: 99_991_448), liquidity: .taker,
    bid: Price(mantissa: 6_183_762), ask: Price(mantissa: 6_183_763))
  static let result = OrderResult(
    id: Fixture.id(.execution, 1742), orderID: Fixture.id(.risk, 1742), account: "paper", instrument: btc,
    side: .buy, status: .filled, executedAt: time.advanced(by: -30_000_000), reportedAt: time, fill: fill,
    reason: .filledCompletely)
  static let alert = Alert(
    id: Fixture.id(.execution, 1742), level: .critical, reason: .fillOutOfBounds,
    message: "a fill outside the market at that instant was refused",
    context: ["order_id": "risk-0-1742", "symbol": "BTCUSDT"])
  static let gate = GateChange(state: .tripped, actor: "policy", reason: "silent_feed")
  static let verdict = GateVerdict(
    check: .smoke, outcome: .fail, reason: .staleData, at: time.advanced(by: -200_000_000),
    evidence: [.init("decision", "refused: stale_data", source: "GET /api/v1/probe")], layer: .risk)

  static let answer = Answer(
    since: time.advanced(by: -5_000_000_000), verdict: .broken, layer: .marketData,
    reason: ReasonCode.silentFeed.code, summary: "the feed is silent", summaryDe: "der Feed schweigt",
    evidence: [Evidence("frames", "90210", ageSeconds: 5)])

  static let incidentOpened = IncidentEvent(
    incident: 3, step: .opened, at: time.advanced(by: -1_000_000_000), actor: "policy", severity: .notice,
    layer: .marketData, reason: ReasonCode.silentFeed.code, isCauseKnown: true, holdsGate: true,
    text: "the feed is silent", textDe: "der Feed schweigt", evidence: [Evidence("frames", "90210")])

  static let incidentEvidence = IncidentEvent(
    incident: 3, step: .evidence, at: time, actor: "policy",
    file: EvidenceFile(
      path: "evidence/incident-3-opened-1795507199123456789.json",
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))

  static let rootCause = IncidentEvent(
    incident: 3, step: .rootCause, at: time, actor: "operator:http",
    text: "the switch in the rack lost its power")
}
