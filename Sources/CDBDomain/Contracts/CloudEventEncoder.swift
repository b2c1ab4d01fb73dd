/// Renders events as CloudEvents 1.0 in JSON (structured mode), as other systems see them.
///
/// Attributes follow https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, the JSON
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md, `traceparent` the
/// distributed tracing extension. The data of every type obeys its schema in `docs/contracts/`. The same
/// event gives the same bytes.
public struct CloudEventEncoder: Sendable {
  let instruments: InstrumentCatalogue
  private let journal: UInt64
  private let configurationFingerprint: String
  private let block: String?
  let feed: String?

  /// - Parameters:
  ///   - instruments: the catalogue that the events were made under.
  ///   - journal: the identity of the journal that the events come from; their traces derive from it.
  ///   - configurationFingerprint: the attribute `configfingerprint` of events on the order path.
  ///   - block: the attribute `block` of events on the order path; nil outside a block.
  ///   - feed: where market data comes from, such as `binance`; nil where it is not known.
  public init(
    instruments: InstrumentCatalogue, journal: UInt64, configurationFingerprint: String,
    block: String?, feed: String? = nil
  ) {
    self.instruments = instruments
    self.journal = journal
    self.configurationFingerprint = configurationFingerprint
    self.block = block
    self.feed = feed
  }

  /// One event as one JSON object, without a line break.
  ///
  /// An instrument that the catalogue does not have is named `#<index>`, which no exchange's symbol is, and its
  /// prices and quantities are bare mantissas: nothing is lost, and nobody takes them for a market's.
  ///
  /// - Parameter id: the event's id on the edge that it travels on.
  public func encode(_ envelope: Envelope, id: EventID) -> [UInt8] {
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
    let trace = TraceContext(journal: journal, origin: envelope.origin, event: id)
    json.string("traceparent", trace.traceparent)
    guard kind.isOnOrderPath else { return }
    attribute("account", envelope.event.account, &json)
    attribute("block", block, &json)
    attribute("configfingerprint", configurationFingerprint, &json)
  }

  /// An attribute's value is never empty: what is not known is left out. Nor does it have control characters
  /// (section 3.1, type String); the data keeps the text as it is.
  private func attribute(_ key: StaticString, _ value: String?, _ json: inout JSONWriter) {
    guard let value, !value.isEmpty else { return }
    let isPlain = value.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    json.string(key, isPlain ? value : String(String.UnicodeScalarView(value.unicodeScalars.map(Self.plain))))
  }

  private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
  }

  /// The instrument's rules, or a stand-in without scales where the catalogue does not have it.
  func instrument(_ id: InstrumentID) -> Instrument {
    guard !instruments.contains(id) else { return instruments[id] }
    return Instrument(
      symbol: "#\(id.index)", base: "", quote: "", priceScale: 0, quantityScale: 0,
      tickSize: Price(mantissa: 1), lotSize: Quantity(mantissa: 1), minimumNotional: .zero)
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
    case .cancel(let request): write(request, &json)
    }
  }
}

extension Event {
  /// The account that the event belongs to; nil for events of no account.
  fileprivate var account: String? {
    switch self {
    case .decision(let decision): decision.account
    case .order(let order): order.account
    case .result(let result): result.account
    case .cancel(let request): request.account
    case .trade, .quote, .book, .kline, .tick, .summary, .signal, .alert, .control: nil
    }
  }
}
