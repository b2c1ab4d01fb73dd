/// What became of a frame: exactly one of these.
public enum FrameOutcome: Sendable, Hashable {
  /// It became one event or, a snapshot with updates that waited for it, several.
  case emitted
  /// It did its work here.
  case absorbed(ReasonCode)
  /// It could not become market data.
  case dropped(ReasonCode)
}

/// Turns the frames of Binance's spot streams into events.
///
/// A pure state machine: the same frames with the same sources and receive times give the same events, and
/// its coded form is all that a restart needs. It allocates nothing for trades and quotes. Frames are
/// hostile: whatever the bytes, the answer is one ``FrameOutcome``.
public struct BinanceFeed: Sendable, Hashable {
  private let instruments: InstrumentCatalogue
  private let rules: FeedRules
  private let symbols: SymbolTable
  private var feeds: [InstrumentFeed]
  private var shutdownAnnouncements: Int64 = 0

  public init(instruments: InstrumentCatalogue, rules: FeedRules) {
    self.instruments = instruments
    self.rules = rules
    symbols = SymbolTable(instruments)
    feeds = instruments.instruments.map { _ in InstrumentFeed() }
  }

  /// Decodes one frame, and hands its events to `emit` before it returns.
  ///
  /// `source` numbers the place that the frame came from. A connection that replaces another keeps its
  /// number or takes a higher one: what was missed in between counts as a gap either way. Numbers that fall
  /// back begin a new sequence only where the source is higher than before, as in the next pass of a
  /// looped recording. A snapshot without a symbol belongs to the one symbol that its source carries.
  public mutating func decode(
    _ frame: UnsafeRawBufferPointer, source: UInt16, at receiveTime: EventTime, emit: (Event) -> Void
  ) -> FrameOutcome {
    guard frame.count <= min(rules.maximumFrameBytes, JSONScanner.maximumBytes) else {
      return .dropped(.oversizedFrame)
    }
    let message: BinanceMessage
    do throws(JSONScanner.SyntaxError) {
      message = try BinanceMessage(frame)
    } catch {
      return .dropped(.malformedFrame)
    }
    do throws(FrameRefusal) {
      return try handle(message, frame, source: source, at: receiveTime, emit: emit)
    } catch {
      return .dropped(error.reason)
    }
  }

  @inline(__always)
  private mutating func handle(
    _ message: BinanceMessage, _ frame: UnsafeRawBufferPointer, source: UInt16, at time: EventTime,
    emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    let kind = message.kind(in: frame)
    switch kind {
    case .acknowledgement: return .absorbed(.acknowledgement)
    case .serverShutdown:
      shutdownAnnouncements &+= 1
      return .absorbed(.heartbeat)
    case .error: throw FrameRefusal(.exchangeError)
    case .unknownStream: throw FrameRefusal(.unknownStream)
    case .unrecognised: throw FrameRefusal(.malformedFrame)
    case .trade, .aggregateTrade, .quote, .depthUpdate, .kline, .depthSnapshot: break
    }

    let instrument =
      kind == .depthSnapshot
      ? try snapshotInstrument(message, frame, source: source) : try self.instrument(message, frame)
    let index = Int(instrument.index)
    let reader = FieldReader(
      text: frame, priceScale: instruments.instruments[index].priceScale,
      quantityScale: instruments.instruments[index].quantityScale)
    let arrival = InstrumentFeed.Arrival(
      instrument: instrument, source: source, time: time,
      maximumPriceChange: rules.maximumPriceChange)
    switch kind {
    case .quote:
      feeds[index].note(arrival, counting: \.quotes)
      return try feeds[index].quote(message.fields, reader, arrival, emit: emit)
    case .trade:
      feeds[index].note(arrival, counting: \.trades)
      return try feeds[index].trade(message.fields, reader, arrival, isAggregate: false, emit: emit)
    case .aggregateTrade:
      feeds[index].note(arrival, counting: \.aggregateTrades)
      return try feeds[index].trade(message.fields, reader, arrival, isAggregate: true, emit: emit)
    case .depthUpdate:
      feeds[index].note(arrival, counting: \.bookUpdates)
      return try feeds[index].depthUpdate(message.fields, reader, arrival, emit: emit)
    case .depthSnapshot:
      feeds[index].note(arrival, counting: \.bookSnapshots)
      return try feeds[index].depthSnapshot(message, reader, arrival, emit: emit)
    default:
      feeds[index].note(arrival, counting: \.klines)
      return try kline(message.fields, reader, arrival, emit: emit)
    }
  }

  private mutating func kline(
    _ fields: BinanceFields, _ reader: FieldReader, _ arrival: InstrumentFeed.Arrival,
    emit: (Event) -> Void
  ) throws(FrameRefusal) -> FrameOutcome {
    guard fields.k.kind == .object, let candle = try? BinanceFields(object: fields.k, in: reader.text)
    else { throw FrameRefusal(.malformedFrame) }
    let inner = FieldReader(
      text: fields.k.bytes(in: reader.text), priceScale: reader.priceScale,
      quantityScale: reader.quantityScale)
    return try feeds[Int(arrival.instrument.index)].kline(
      candle, sent: fields.E, inner, frame: reader, arrival, emit: emit)
  }

  @inline(__always)
  private func instrument(
    _ message: BinanceMessage, _ frame: UnsafeRawBufferPointer
  ) throws(FrameRefusal) -> InstrumentID {
    let found = message.fields.s.withText(in: frame) { symbols.find($0) }
    guard let found else { throw FrameRefusal(.malformedFrame) }
    guard let found else { throw FrameRefusal(.unknownSymbol) }
    return found
  }

  /// A snapshot names no symbol. The stream that it is wrapped in does; otherwise its source must.
  private func snapshotInstrument(
    _ message: BinanceMessage, _ frame: UnsafeRawBufferPointer, source: UInt16
  ) throws(FrameRefusal) -> InstrumentID {
    if let found = message.stream.withText(in: frame, { symbols.find(stream: $0) }) {
      guard let found else { throw FrameRefusal(.unknownSymbol) }
      return found
    }
    if feeds.count == 1 { return InstrumentID(0) }
    let carried = feeds.indices.filter { feeds[$0].source == source }
    guard carried.count == 1 else { throw FrameRefusal(.ambiguousSource) }
    return InstrumentID(UInt16(carried[0]))
  }
}

extension BinanceFeed {
  /// What was seen so far.
  public var statistics: FeedStatistics {
    FeedStatistics(
      instruments: feeds.map(\.statistics), shutdownAnnouncements: shutdownAnnouncements)
  }

  /// How far the local clock is behind, by the frames of one instrument.
  public func skew(of instrument: InstrumentID) -> SkewEstimator {
    feeds[Int(instrument.index)].skew
  }

  /// Whether an instrument's book waits for a snapshot that somebody has to ask for.
  public func needsSnapshot(_ instrument: InstrumentID) -> Bool {
    feeds[Int(instrument.index)].book.needsSnapshot
  }
}

extension BinanceFeed: Codable {
  private enum CodingKeys: String, CodingKey { case instruments, rules, feeds, shutdownAnnouncements }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      instruments: try container.decode(InstrumentCatalogue.self, forKey: .instruments),
      rules: try container.decode(FeedRules.self, forKey: .rules))
    feeds = try container.decode([InstrumentFeed].self, forKey: .feeds)
    shutdownAnnouncements = try container.decode(Int64.self, forKey: .shutdownAnnouncements)
    guard feeds.count == instruments.instruments.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .feeds, in: container, debugDescription: "one state per instrument is needed")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(instruments, forKey: .instruments)
    try container.encode(rules, forKey: .rules)
    try container.encode(feeds, forKey: .feeds)
    try container.encode(shutdownAnnouncements, forKey: .shutdownAnnouncements)
  }
}
