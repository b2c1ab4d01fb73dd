import CDBDomain

/// One journaled input, on loan to ``FeedStage`` for the length of a call.
public struct IngestInput {
  public let kind: RecordKind
  public let source: UInt16
  public let payload: UnsafeRawBufferPointer
}

/// ws: turns what the exchange sent into market data, partitioned by instrument.
public struct FeedStage: Stage {
  public static let name = StageName.ws
  public private(set) var feed: BinanceFeed
  private var configuration: PipelineConfiguration

  public init(configuration: PipelineConfiguration) {
    self.configuration = configuration
    feed = BinanceFeed(instruments: configuration.instruments, rules: configuration.feed)
  }

  public mutating func handle(_ input: IngestInput, _ outbox: inout Outbox) -> Disposition {
    switch input.kind {
    case .frame:
      let outcome = feed.decode(input.payload, source: input.source, at: outbox.time) { event in
        outbox.emit(event, into: event.instrument?.index ?? 0)
      }
      return switch outcome {
      case .emitted: .acted
      case .absorbed(let reason): .absorbed(reason)
      case .dropped(let reason): .dropped(reason)
      }
    case .tick:
      outbox.broadcast(.tick)
      return .acted
    case .control:
      guard let control = Control(json: input.payload) else { return .dropped(.malformedFrame) }
      if case .configure(let configuration) = control {
        // An instrument is a partition of every edge: a directory's never change.
        guard configuration.instruments == self.configuration.instruments else {
          return .dropped(.unexpectedEvent)
        }
        reconfigure(configuration)
      }
      outbox.broadcast(.control(control))
      return .acted
    }
  }

  /// How long the newest input with a time of the exchange's had been under way, skew corrected,
  /// nanoseconds; never negative.
  var feedDelay: Int64 { feed.statistics.instruments.lazy.map(\.latestDelay).max() ?? 0 }

  private mutating func reconfigure(_ new: PipelineConfiguration) {
    if new.feed != configuration.feed {
      feed = BinanceFeed(instruments: new.instruments, rules: new.feed)
    }
    configuration = new
  }
}

extension Event {
  /// The instrument that market data is about.
  @inlinable
  public var instrument: InstrumentID? {
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
    case .cancel(let request): request.instrument
    case .tick, .alert, .control: nil
    }
  }
}
