/// Renders events as CloudEvents 1.0 in JSON (structured mode), as other systems see them.
///
/// Attributes follow https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, the JSON
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md, `traceparent` the
/// distributed tracing extension. The data of every type obeys its schema in `docs/contracts/`. The same
/// event gives the same bytes.
public struct CloudEventEncoder: Sendable {
  /// An event names an instrument that the catalogue does not have: its mantissas have no scale.
  public struct UnknownInstrument: Error, Equatable, Sendable {
    public var instrument: InstrumentID
  }

  let instruments: InstrumentCatalogue
  private let journalID: UInt64
  private let configurationFingerprint: String
  private let block: String?
  let feed: String?

  /// - Parameters:
  ///   - instruments: the catalogue that the events were made under.
  ///   - journalID: the identity of the journal that the events come from; their traces derive from it.
  ///   - configurationFingerprint: the attribute `configfingerprint` of events on the order path.
  ///   - block: the attribute `block` of events on the order path; nil outside a block.
  ///   - feed: where market data comes from, such as `binance`; nil where it is not known.
  public init(
    instruments: InstrumentCatalogue, journalID: UInt64, configurationFingerprint: String,
    block: String?, feed: String? = nil
  ) {
    self.instruments = instruments
    self.journalID = journalID
    self.configurationFingerprint = configurationFingerprint
    self.block = block
    self.feed = feed
  }

  /// One event as one JSON object, without a line break.
  ///
  /// - Parameter id: the event's id on the edge that it travels on.
  public func encode(_ envelope: Envelope, id: EventID) throws(UnknownInstrument) -> [UInt8] {
    if let instrument = envelope.event.instrument, !instruments.contains(instrument) {
      throw UnknownInstrument(instrument: instrument)
    }
    var writer = JSONWriter()
    writer.object { json in
      attributes(of: envelope, id: id, &json)
      json.object("data") { write(envelope, &$0) }
    }
    return writer.bytes
  }

  private func attributes(of envelope: Envelope, id: EventID, _ json: inout JSONWriter) {
    let kind = envelope.event.kind
    json.string("specversion", "1.0")
    json.string("id", id.description)
    json.string("source", "/cdb/\(id.producer.rawValue)")
    json.string("type", kind.cloudEventType)
    json.string("time", envelope.time.rfc3339)
    json.string("datacontenttype", "application/json")
    let trace = TraceContext(journal: journalID, origin: envelope.origin, event: id)
    json.string("traceparent", trace.traceparent)
    guard kind.isOnOrderPath else { return }
    // An attribute's value is never empty; what is not known is left out.
    if let account = envelope.event.account, !account.isEmpty { json.string("account", account) }
    if let block, !block.isEmpty { json.string("block", block) }
    if !configurationFingerprint.isEmpty {
      json.string("configfingerprint", configurationFingerprint)
    }
  }

  private func write(_ envelope: Envelope, _ json: inout JSONWriter) {
    switch envelope.event {
    case .trade(let trade): write(trade, at: envelope.time, &json)
    case .quote(let quote): write(quote, at: envelope.time, &json)
    case .book(let update): write(update, at: envelope.time, &json)
    case .kline(let kline): write(kline, at: envelope.time, &json)
    case .tick: json.integer("receive_time_ns", envelope.time.nanoseconds)
    case .summary(let summary): write(summary, &json)
    case .signal(let signal): write(signal, &json)
    case .decision(let decision): write(decision, &json)
    case .order(let order): write(order, &json)
    case .result(let result): write(result, &json)
    case .alert(let alert): write(alert, &json)
    case .control(let control): write(control, &json)
    }
  }
}

extension Event {
  /// The instrument that the event is about; nil for events about none.
  fileprivate var instrument: InstrumentID? {
    switch self {
    case .trade(let trade): trade.instrument
    case .quote(let quote): quote.instrument
    case .book(let update): update.instrument
    case .kline(let kline): kline.instrument
    case .summary(let summary): summary.instrument
    case .signal(let signal): signal.instrument
    case .decision(let decision): decision.instrument
    case .order(let order): order.instrument
    case .result(let result): result.instrument
    case .tick, .alert, .control: nil
    }
  }

  /// The account that the event belongs to; nil for events of no account.
  fileprivate var account: String? {
    switch self {
    case .decision(let decision): decision.account
    case .order(let order): order.account
    case .result(let result): result.account
    case .trade, .quote, .book, .kline, .tick, .summary, .signal, .alert, .control: nil
    }
  }
}
