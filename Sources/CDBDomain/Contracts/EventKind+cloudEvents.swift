extension EventKind {
  /// The CloudEvents `type`: which schema in `docs/contracts/` the event's data obeys.
  public var cloudEventType: String {
    switch self {
    case .trade, .quote, .book, .kline: "cdb.market_data.v1"
    case .tick: "cdb.tick.v1"
    case .summary: "cdb.market_summary.v1"
    case .signal: "cdb.signal.v1"
    case .decision: "cdb.decision.v1"
    case .order: "cdb.order.v1"
    case .result: "cdb.order_result.v1"
    case .alert: "cdb.alert.v1"
    case .control: "cdb.control.v1"
    case .cancel: "cdb.order_cancel.v1"
    }
  }

  /// Whether events of this kind are part of an order's path and carry whose, in which block and under
  /// which configuration.
  public var isOnOrderPath: Bool {
    switch self {
    case .signal, .decision, .order, .cancel, .result: true
    case .trade, .quote, .book, .kline, .tick, .summary, .alert, .control: false
    }
  }
}
