/// Why an event was absorbed, dropped or refused: a code, never a sentence.
///
/// One catalogue for the whole pipeline. A code's text is a contract with dashboards, searches and
/// playbooks; its number is stored in snapshots, so codes are added at the end and never reused.
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

  /// The code as metrics, logs, stores and people see it.
  public var code: String {
    switch self {
    case .none: "none"
    case .marketState: "market_state"
    case .tick: "tick"
    case .acknowledgement: "acknowledgement"
    case .heartbeat: "heartbeat"
    case .duplicateTrade: "duplicate_trade"
    case .staleBookUpdate: "stale_book_update"
    case .applied: "applied"
    case .awaitingSnapshot: "awaiting_snapshot"
    case .unfinishedKline: "unfinished_kline"
    case .malformedFrame: "malformed_frame"
    case .unknownStream: "unknown_stream"
    case .unknownSymbol: "unknown_symbol"
    case .invalidDecimal: "invalid_decimal"
    case .absurdPrice: "absurd_price"
    case .crossedQuote: "crossed_quote"
    case .bookGap: "book_gap"
    case .oversizedFrame: "oversized_frame"
    case .exchangeError: "exchange_error"
    case .invalidTime: "invalid_time"
    case .ambiguousSource: "ambiguous_source"
    case .killSwitch: "kill_switch"
    case .exposureLimit: "exposure_limit"
    case .positionSizeLimit: "position_size_limit"
    case .nothingToReduce: "nothing_to_reduce"
    case .belowMinimumNotional: "below_minimum_notional"
    case .noReferencePrice: "no_reference_price"
    case .arithmeticOverflow: "arithmetic_overflow"
    case .openOrderPending: "open_order_pending"
    case .noMarket: "no_market"
    case .slippageBound: "slippage_bound"
    case .insufficientLiquidity: "insufficient_liquidity"
    case .fillOutOfBounds: "fill_out_of_bounds"
    case .invalidOrder: "invalid_order"
    case .filledCompletely: "filled_completely"
    case .lotSize: "lot_size"
    case .tickSize: "tick_size"
    case .minimumNotional: "minimum_notional"
    case .patienceExhausted: "patience_exhausted"
    case .unexpectedEvent: "unexpected_event"
    }
  }

  /// The code with that text.
  public init?(code: String) {
    guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = found
  }

  /// What the code means, in one sentence, for a person.
  public var explanation: String {
    switch self {
    case .none: "no reason"
    case .marketState: "market data that updated the exchange's view of the market"
    case .tick: "a tick that only moved time"
    case .acknowledgement: "an answer of the exchange to a subscription"
    case .heartbeat: "a sign of life of the connection"
    case .duplicateTrade: "a trade whose id was seen before"
    case .staleBookUpdate: "a book update older than the snapshot"
    case .applied: "applied to the stage's own state"
    case .awaitingSnapshot: "a book update kept until the snapshot it belongs to arrives"
    case .unfinishedKline: "a candle that is still forming"
    case .malformedFrame: "not a message this feed's decoder understands"
    case .unknownStream: "a stream or event type that nobody subscribed to"
    case .unknownSymbol: "a symbol that is not configured"
    case .invalidDecimal: "a number that is not a decimal at the instrument's scale"
    case .absurdPrice: "a price that is not positive or too far from the last one"
    case .crossedQuote: "a best bid above the best ask"
    case .bookGap: "an update that does not follow the last one; waiting for a snapshot"
    case .oversizedFrame: "a frame longer than the configured limit"
    case .exchangeError: "the exchange reported an error"
    case .invalidTime: "a time outside the range of the pipeline"
    case .ambiguousSource: "a snapshot that does not say its symbol, from a source that carries several"
    case .killSwitch: "the kill switch is engaged"
    case .exposureLimit: "the order would take exposure above its limit"
    case .positionSizeLimit: "the order would take the position above its limit"
    case .nothingToReduce: "a sell, and nothing is held"
    case .belowMinimumNotional: "the order is smaller than the exchange accepts"
    case .noReferencePrice: "no price is known for the instrument"
    case .arithmeticOverflow: "a figure does not fit in 64 bits"
    case .openOrderPending: "an order for the instrument is still open"
    case .noMarket: "no quote is known for the instrument"
    case .slippageBound: "the rest would have been filled beyond the slippage bound"
    case .insufficientLiquidity: "the known book ended before the order was filled"
    case .fillOutOfBounds: "a fill outside the market at that instant: refused, and an incident"
    case .invalidOrder: "an order the exchange does not accept"
    case .filledCompletely: "filled"
    case .lotSize: "the quantity is not a whole number of lots"
    case .tickSize: "a price is not a whole number of ticks"
    case .minimumNotional: "price times quantity is below the exchange's smallest notional"
    case .patienceExhausted: "a resting order was not filled within its patience"
    case .unexpectedEvent: "an event that this stage does not take"
    }
  }
}
