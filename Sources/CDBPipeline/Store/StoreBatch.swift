import CDBDomain
import Foundation

/// An event that has no place in the store: its id does not fit, or its text cannot be coded.
struct UnstorableEvent: Error, CustomStringConvertible {
  var id: String
  var description: String { "event \(id) has no place in the store" }
}

/// The rows that events make, table by table, whatever store they go to.
struct StoreBatch: Sendable {
  struct Part: Sendable {
    var table: StoreTable
    /// In the order of the events; of the columns that the table declares.
    var rows: [[StoreValue]] = []
    /// Whether a row stands for an event; the others come along with one.
    var isEvents: Bool
  }

  /// In an order in which rows refer only to earlier ones.
  private(set) var parts: [Part]
  /// The decisions among the controls, in the order of the journal, for the chain.
  private(set) var decisions: [AuditChain.Decision] = []
  private let encoder: JSONEncoder

  /// - Parameter instruments: written along where they are given.
  init(_ envelopes: [Envelope], instruments: InstrumentCatalogue?) throws {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    parts = StoreSchema.digested.map {
      Part(table: $0, isEvents: !["instruments", "fills"].contains($0.name))
    }
    if let instruments { add(instruments) }
    for envelope in envelopes { try add(envelope) }
  }

  var filled: [Part] { parts.filter { !$0.rows.isEmpty } }

  /// The decisions whose controls are of these numbers: those that were new.
  func decisions(among origins: [StoreValue]) -> [AuditChain.Decision] {
    let origins = Set(origins)
    return decisions.filter { origins.contains(.bits($0.origin)) }
  }

  private enum Place: Int {
    case instruments, controls, signals, decisions, orders, cancels, results, fills, summaries, alerts
  }

  private mutating func append(_ place: Place, _ row: [StoreValue]) { parts[place.rawValue].rows.append(row) }

  private mutating func add(_ instruments: InstrumentCatalogue) {
    for id in instruments.ids {
      let instrument = instruments[id]
      append(
        .instruments,
        [
          .integer(Int64(id.index)), .storable(instrument.symbol), .storable(instrument.base),
          .storable(instrument.quote), .integer(Int64(instrument.priceScale)),
          .integer(Int64(instrument.quantityScale)),
        ])
    }
  }

  private mutating func add(_ envelope: Envelope) throws {
    switch envelope.event {
    case .signal(let signal): try add(signal, envelope)
    case .decision(let decision): try add(decision, envelope)
    case .order(let order): try add(order, envelope)
    case .result(let result): try add(result, envelope)
    case .cancel(let request): try add(request, envelope)
    case .summary(let summary): add(summary)
    case .alert(let alert): try add(alert, envelope)
    case .control(let control): try add(control, envelope)
    case .trade, .quote, .book, .kline, .tick: break
    }
  }

  private func head(_ id: EventID, _ envelope: Envelope) throws -> [StoreValue] {
    [try key(id), .integer(envelope.time.nanoseconds), .bits(envelope.origin)]
  }

  private mutating func add(_ signal: Signal, _ envelope: Envelope) throws {
    append(
      .signals,
      try head(signal.id, envelope) + [
        .integer(Int64(signal.instrument.index)), .text(signal.side.code), .storable(signal.strategy),
        .integer(signal.strength.mantissa), .integer(signal.referencePrice.mantissa),
        try json(signal.features),
      ])
  }

  private mutating func add(_ decision: RiskDecision, _ envelope: Envelope) throws {
    append(
      .decisions,
      try head(decision.id, envelope) + [
        try key(decision.signalID), .storable(decision.account), .integer(decision.approved ? 1 : 0),
        .text(decision.reason.code), try json(decision.layers),
      ])
  }

  private mutating func add(_ order: Order, _ envelope: Envelope) throws {
    append(
      .orders,
      try head(order.id, envelope) + [
        try key(order.signalID), .storable(order.account), .integer(Int64(order.instrument.index)),
        .text(order.side.code), .text(order.type.code), .integer(order.quantity.mantissa),
        .optional(order.limitPrice?.mantissa), .optional(order.stopPrice?.mantissa),
        .integer(order.referencePrice.mantissa),
      ])
  }

  private mutating func add(_ request: CancelRequest, _ envelope: Envelope) throws {
    append(
      .cancels,
      try head(request.id, envelope) + [
        try key(request.orderID), .storable(request.account), .integer(Int64(request.instrument.index)),
        .text(request.reason.code),
      ])
  }

  private mutating func add(_ result: OrderResult, _ envelope: Envelope) throws {
    let (id, order) = (try key(result.id), try key(result.orderID))
    append(
      .results,
      [
        id, order, .bits(envelope.origin), .text(result.status.code), .text(result.reason.code),
        .integer(result.executedAt.nanoseconds), .integer(result.reportedAt.nanoseconds),
      ])
    guard let fill = result.fill else { return }
    append(
      .fills,
      [
        id, order, .integer(Int64(fill.number)), .integer(fill.price.mantissa),
        .integer(fill.quantity.mantissa), .integer(fill.notional.mantissa), .integer(fill.fee.mantissa),
        .text(fill.liquidity.code), .integer(fill.bid.mantissa), .integer(fill.ask.mantissa),
      ])
  }

  private mutating func add(_ summary: MarketSummary) {
    append(
      .summaries,
      [
        .integer(Int64(summary.instrument.index)), .integer(summary.start.nanoseconds),
        .integer(summary.end.nanoseconds), .integer(summary.open.mantissa), .integer(summary.high.mantissa),
        .integer(summary.low.mantissa), .integer(summary.close.mantissa), .integer(summary.volume.mantissa),
        .integer(Int64(summary.trades)), .integer(Int64(summary.quotes)),
        .integer(Int64(summary.bookUpdates)),
      ])
  }

  private mutating func add(_ alert: Alert, _ envelope: Envelope) throws {
    append(
      .alerts,
      [
        try key(alert.id), .integer(envelope.time.nanoseconds), .text(alert.level.code),
        .text(alert.reason.code), .storable(alert.message), try json(alert.context),
      ])
  }

  private mutating func add(_ control: Control, _ envelope: Envelope) throws {
    let body = try text(control)
    append(
      .controls,
      [.bits(envelope.origin), .integer(envelope.time.nanoseconds), .text(control.name), .text(body)])
    if control.isDecision {
      decisions.append(AuditChain.Decision(origin: envelope.origin, time: envelope.time, body: body))
    }
  }

  private func key(_ id: EventID) throws -> StoreValue {
    guard let key = id.storeKey else { throw UnstorableEvent(id: id.description) }
    return .integer(key)
  }

  private func json(_ value: some Encodable) throws -> StoreValue { .text(try text(value)) }

  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
