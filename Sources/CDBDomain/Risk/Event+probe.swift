extension Event {
  /// Whether the event belongs to the shadow account: it travels and is stored as any other, and is no part of
  /// what is counted or reported as trading.
  public var isProbe: Bool {
    switch self {
    case .signal(let signal): signal.id.producer == .risk && signal.strategy == RiskEngine.canaryName
    case .decision(let decision): decision.account == RiskEngine.canaryName
    case .order(let order): order.account == RiskEngine.canaryName
    case .result(let result): result.account == RiskEngine.canaryName
    case .cancel(let cancel): cancel.account == RiskEngine.canaryName
    case .trade, .quote, .book, .kline, .tick, .summary, .alert, .control: false
    }
  }
}
