import CDBDomain
import Synchronization

/// What happens at a simulated exchange: frames in the order of their times, and the books behind them.
protocol ExchangeMarket: Sendable {
  /// When the next frame is due, by the market's own time; nil once there is none.
  var due: EventTime? { mutating get throws }
  /// Puts the next frame into `frame`; in the combined form, or a snapshot of a book.
  mutating func next(into frame: inout [UInt8]) throws
  /// Everything that is to come comes that much later.
  mutating func delay(by nanoseconds: Int64)
  /// A book as REST gives it, as far as it was published; nil where it is not known.
  func snapshot(of instrument: InstrumentID, limit: Int) -> [UInt8]?
}

/// The seeded market.
struct SimulatedMarket: ExchangeMarket {
  private var simulator: MarketSimulator

  init(_ simulator: MarketSimulator) { self.simulator = simulator }

  var due: EventTime? { simulator.due }
  mutating func next(into frame: inout [UInt8]) { _ = simulator.next(into: &frame) }
  mutating func delay(by nanoseconds: Int64) { simulator.delay(by: nanoseconds) }
  func snapshot(of instrument: InstrumentID, limit: Int) -> [UInt8]? {
    var frame: [UInt8] = []
    simulator.snapshot(of: instrument, limit: limit, into: &frame)
    return frame
  }
}

/// Recorded frames, in the times of their recording moved to begin now. Its books are those that the frames
/// themselves make.
final class RecordedMarket: ExchangeMarket {
  private struct State: ~Copyable {
    var recording: MergedRecording
    var buffer = FrameBuffer()
    var position = 0
    /// From recorded times to the market's.
    var shift: Int64?
    var feed: BinanceFeed
    var books: [OrderBook]
  }

  private let state: Mutex<State>
  private let start: EventTime
  private let instruments: InstrumentCatalogue

  /// - Throws: `RecordingError`.
  init(paths: [String], loops: Int, instruments: InstrumentCatalogue, start: EventTime) throws {
    self.instruments = instruments
    self.start = start
    state = Mutex(
      State(
        recording: try MergedRecording(paths: paths, loops: loops),
        feed: BinanceFeed(instruments: instruments, rules: FeedRules()),
        books: instruments.instruments.map { _ in OrderBook() }))
  }

  var due: EventTime? {
    get throws { try state.withLock { try due(&$0) } }
  }

  private func due(_ state: inout State) throws -> EventTime? {
    if state.position == state.buffer.count {
      state.buffer.removeAll()
      state.position = 0
      guard try state.recording.read(maximum: 512, into: &state.buffer) > 0 else { return nil }
    }
    let recorded = state.buffer.time(at: state.position)
    let shift = state.shift ?? start.nanoseconds &- recorded
    state.shift = shift
    return EventTime(nanoseconds: recorded &+ shift)
  }

  func next(into frame: inout [UInt8]) throws {
    let next = try state.withLock { state -> [UInt8]? in
      guard try due(&state) != nil else { return nil }
      defer { state.position += 1 }
      return state.buffer.withFrame(state.position) { recorded in
        var updates: [BookUpdate] = []
        let time = EventTime(nanoseconds: recorded.time)
        _ = state.feed.decode(recorded.bytes, source: recorded.source, at: time) {
          if case .book(let update) = $0 { updates.append(update) }
        }
        for update in updates { state.books[Int(update.instrument.index)].apply(update) }
        return Array(recorded.bytes)
      }
    }
    if let next { frame = next }
  }

  func delay(by nanoseconds: Int64) {
    state.withLock { state in
      _ = try? due(&state)
      state.shift = (state.shift ?? 0) &+ nanoseconds
    }
  }

  func snapshot(of instrument: InstrumentID, limit: Int) -> [UInt8]? {
    let book = state.withLock { $0.books[Int(instrument.index)] }
    guard book.lastUpdateID > 0 else { return nil }
    let rules = instruments[instrument]
    func side(_ levels: some Sequence<BookLevel>) -> String {
      levels.prefix(limit).map { level in
        let price = DecimalText.render(level.price.mantissa, scale: rules.priceScale)
        let quantity = DecimalText.render(level.quantity.mantissa, scale: rules.quantityScale)
        return "[\"\(price)\",\"\(quantity)\"]"
      }.joined(separator: ",")
    }
    let (bids, asks) = (side(book.bids.reversed()), side(book.asks.reversed()))
    return Array("{\"lastUpdateId\":\(book.lastUpdateID),\"bids\":[\(bids)],\"asks\":[\(asks)]}".utf8)
  }
}
