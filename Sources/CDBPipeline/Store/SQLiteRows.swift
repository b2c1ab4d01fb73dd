import CDBDomain
import Foundation
import GRDB

/// An event that has no place in the store: its id does not fit, or its text cannot be coded.
struct UnstorableEvent: Error, CustomStringConvertible {
  var id: String
  var description: String { "event \(id) has no place in the store" }
}

/// Writes events as rows. Writing an event again changes nothing.
struct SQLiteRowWriter {
  let database: Database
  private let encoder: JSONEncoder

  init(_ database: Database) {
    self.database = database
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
  }

  /// Returns whether a row was new.
  func write(_ envelope: Envelope) throws -> Bool {
    switch envelope.event {
    case .signal(let signal): try write(signal, envelope)
    case .decision(let decision): try write(decision, envelope)
    case .order(let order): try write(order, envelope)
    case .result(let result): try write(result, envelope)
    case .cancel(let request): try write(request, envelope)
    case .summary(let summary): try write(summary)
    case .alert(let alert): try write(alert, envelope)
    case .control(let control): try write(control, envelope)
    case .trade, .quote, .book, .kline, .tick: false
    }
  }

  func write(_ instruments: InstrumentCatalogue) throws {
    for id in instruments.ids {
      let instrument = instruments[id]
      _ = try insert(
        "instruments (id, symbol, base, quote, price_scale, quantity_scale)",
        [
          Int64(id.index), instrument.symbol, instrument.base, instrument.quote, instrument.priceScale,
          instrument.quantityScale,
        ])
    }
  }

  private func write(_ signal: Signal, _ envelope: Envelope) throws -> Bool {
    try insert(
      """
      signals (id, time_ns, origin, instrument_id, side, strategy, strength, reference_price, features)
      """,
      [
        try key(signal.id), envelope.time.nanoseconds, Int64(bitPattern: envelope.origin),
        Int64(signal.instrument.index), signal.side.code, signal.strategy, signal.strength.mantissa,
        signal.referencePrice.mantissa, try text(signal.features),
      ])
  }

  private func write(_ decision: RiskDecision, _ envelope: Envelope) throws -> Bool {
    try insert(
      "decisions (id, time_ns, origin, signal_id, account, approved, reason, layers)",
      [
        try key(decision.id), envelope.time.nanoseconds, Int64(bitPattern: envelope.origin),
        try key(decision.signalID), decision.account, decision.approved, decision.reason.code,
        try text(decision.layers),
      ])
  }

  private func write(_ order: Order, _ envelope: Envelope) throws -> Bool {
    try insert(
      """
      orders (id, time_ns, origin, signal_id, account, instrument_id, side, type, quantity, limit_price,
        stop_price, reference_price)
      """,
      [
        try key(order.id), envelope.time.nanoseconds, Int64(bitPattern: envelope.origin),
        try key(order.signalID), order.account, Int64(order.instrument.index), order.side.code,
        order.type.code, order.quantity.mantissa, order.limitPrice?.mantissa, order.stopPrice?.mantissa,
        order.referencePrice.mantissa,
      ])
  }

  private func write(_ request: CancelRequest, _ envelope: Envelope) throws -> Bool {
    try insert(
      "cancels (id, time_ns, origin, order_id, account, instrument_id, reason)",
      [
        try key(request.id), envelope.time.nanoseconds, Int64(bitPattern: envelope.origin),
        try key(request.orderID), request.account, Int64(request.instrument.index), request.reason.code,
      ])
  }

  private func write(_ result: OrderResult, _ envelope: Envelope) throws -> Bool {
    let isNew = try insert(
      "order_results (id, order_id, origin, status, reason, executed_ns, reported_ns)",
      [
        try key(result.id), try key(result.orderID), Int64(bitPattern: envelope.origin), result.status.code,
        result.reason.code, result.executedAt.nanoseconds, result.reportedAt.nanoseconds,
      ])
    guard let fill = result.fill else { return isNew }
    _ = try insert(
      "fills (result_id, order_id, number, price, quantity, notional, fee, liquidity, bid, ask)",
      [
        try key(result.id), try key(result.orderID), fill.number, fill.price.mantissa, fill.quantity.mantissa,
        fill.notional.mantissa, fill.fee.mantissa, fill.liquidity.code, fill.bid.mantissa, fill.ask.mantissa,
      ])
    return isNew
  }

  private func write(_ summary: MarketSummary) throws -> Bool {
    try insert(
      """
      market_summaries (instrument_id, start_ns, end_ns, open, high, low, close, volume, trades, quotes,
        book_updates)
      """,
      [
        Int64(summary.instrument.index), summary.start.nanoseconds, summary.end.nanoseconds,
        summary.open.mantissa, summary.high.mantissa, summary.low.mantissa, summary.close.mantissa,
        summary.volume.mantissa, summary.trades, summary.quotes, summary.bookUpdates,
      ])
  }

  private func write(_ alert: Alert, _ envelope: Envelope) throws -> Bool {
    try insert(
      "alerts (id, time_ns, level, reason, message, context)",
      [
        try key(alert.id), envelope.time.nanoseconds, alert.level.code, alert.reason.code, alert.message,
        try text(alert.context),
      ])
  }

  private func write(_ control: Control, _ envelope: Envelope) throws -> Bool {
    let body = try text(control)
    let isNew = try insert(
      "controls (origin, time_ns, kind, body)",
      [Int64(bitPattern: envelope.origin), envelope.time.nanoseconds, control.name, body])
    if isNew, control.isDecision {
      try AuditChain.append(origin: envelope.origin, time: envelope.time, body: body, to: database)
    }
    return isNew
  }

  private func insert(_ target: String, _ values: [(any DatabaseValueConvertible)?]) throws -> Bool {
    let marks = Array(repeating: "?", count: values.count).joined(separator: ", ")
    let statement = try database.cachedStatement(
      sql: "INSERT INTO \(target) VALUES (\(marks)) ON CONFLICT DO NOTHING")
    try statement.execute(arguments: StatementArguments(values))
    return database.changesCount > 0
  }

  private func key(_ id: EventID) throws -> Int64 {
    guard let key = id.storeKey else { throw UnstorableEvent(id: id.description) }
    return key
  }

  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
