import CDBDomain

/// core: one instrument's strategies. Passes the market data on, with the signals and summaries that
/// follow from it.
public struct CoreStage: Stage {
  public static let name = StageName.core
  let instrument: InstrumentID
  public private(set) var strategies: StrategySet
  private var summary: SummaryBuilder
  /// Without quotes, trades make the price.
  private var hasQuotes = false

  public init(instrument: InstrumentID, configuration: PipelineConfiguration) {
    self.instrument = instrument
    strategies = StrategySet(configuration: configuration)
    summary = SummaryBuilder(instrument: instrument, interval: max(1_000_000, configuration.summaryInterval))
  }

  public mutating func handle(_ event: Event, _ outbox: inout Outbox) -> Disposition {
    if let closed = summary.close(before: outbox.time) { outbox.emit(.summary(closed)) }
    switch event {
    case .trade(let trade):
      outbox.emit(.trade(trade))
      summary.trade(trade, at: outbox.time)
      if !hasQuotes { judge(trade.price, &outbox) }
    case .quote(let quote):
      outbox.emit(.quote(quote))
      summary.quote(quote, at: outbox.time)
      hasQuotes = true
      judge(quote.mid, &outbox)
    case .book:
      outbox.emit(event)
      summary.bookUpdate(at: outbox.time)
    case .kline, .tick, .alert:
      outbox.emit(event)
    case .control(let control):
      if case .configure(let configuration) = control {
        strategies.configure(configuration)
        summary.interval = max(1_000_000, configuration.summaryInterval)
      }
      outbox.emit(event)
    case .summary, .signal, .decision, .order, .cancel, .result:
      return .dropped(.unexpectedEvent)
    }
    return .acted
  }

  private mutating func judge(_ price: Price, _ outbox: inout Outbox) {
    strategies.observe(price, at: outbox.time) { strategy, suggestion in
      outbox.emit(
        .signal(
          Signal(
            id: outbox.nextID, instrument: instrument, side: suggestion.side, strategy: strategy.rawValue,
            strength: suggestion.strength, referencePrice: suggestion.referencePrice,
            features: suggestion.features)))
    }
  }
}
