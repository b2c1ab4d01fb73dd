import CDBDomain
import CDBPipeline
import Foundation
import Logging
import Synchronization
import Testing
import WebSocketTransport

@testable import CDBServices

/// A simulated exchange, a live feed to it, and the decoder behind: what `cdb run` has, without the rest of the
/// pipeline.
final class LiveStage: Sendable {
  struct Seen: Sendable {
    var feed: BinanceFeed
    var books: [OrderBook]
    var outcomes: [FrameOutcome: Int] = [:]
    /// Ids of trades, in the order in which they became market data.
    var trades: [[Int64]]
    /// Books after each update, by update id; only where they are asked for.
    var checks = 0
    var mismatches: [String] = []
    /// The frames themselves, where they are kept.
    var frames: [[UInt8]] = []
    var count = 0
    var sources: Set<UInt16> = []

    var acknowledged: Int { outcomes[.absorbed(.acknowledgement)] ?? 0 }
  }

  static let symbols = ["BTCUSDT", "ETHUSDT"]
  static func catalogue() throws -> InstrumentCatalogue {
    try InstrumentCatalogue(symbols.map(Instrument.binanceSpot))
  }

  let exchange: SimulatedExchange
  let feed: LiveFeed
  private let state: Mutex<Seen>
  private let oracle: BookOracle?
  private let keepsFrames: Bool

  init(
    _ exchange: SimulatedExchange, options: LiveFeedOptions, oracle: BookOracle? = nil,
    keepsFrames: Bool = false
  ) throws {
    self.exchange = exchange
    self.oracle = oracle
    self.keepsFrames = keepsFrames
    let instruments = options.instruments
    let needed = NeededSymbols()
    feed = try LiveFeed(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
      needed.symbols.withLock { $0 }
    }
    self.needed = needed
    state = Mutex(
      Seen(
        feed: BinanceFeed(instruments: instruments, rules: FeedRules()),
        books: instruments.instruments.map { _ in OrderBook() },
        trades: instruments.instruments.map { _ in [] }))
  }

  private final class NeededSymbols: Sendable { let symbols = Mutex<[String]>([]) }
  private let needed: NeededSymbols

  var seen: Seen { state.withLock { $0 } }

  /// Options of a client whose times run as fast as the exchange's.
  static func options(
    _ exchange: SimulatedExchange, base: UInt16 = 0, speed: Double = 1
  ) throws -> LiveFeedOptions {
    var options = LiveFeedOptions(
      name: "test", webSocketURL: exchange.webSocketURL, restURL: exchange.restURL,
      instruments: try catalogue(), sourceBase: base)
    options.timing = options.timing.compressed(by: speed)
    options.snapshots = options.snapshots.compressed(by: speed)
    options.transport.closeTimeout = .seconds(5) / speed
    options.snapshotTimeout = .seconds(10) / speed
    return options
  }

  static func exchange(
    seed: UInt64 = 1, speed: Double = 1, _ change: (inout ExchangeOptions) -> Void = { _ in }
  ) async throws -> SimulatedExchange {
    var options = ExchangeOptions(market: .seeded(seed, .demo), instruments: try catalogue())
    options.speed = speed
    change(&options)
    return try await SimulatedExchange.bind(options)
  }

  /// Runs exchange, feed and decoder while `body` looks at them.
  func during(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.exchange.run() }
      group.addTask { try await self.feed.run() }
      group.addTask { try await self.decode() }
      try await body()
      group.cancelAll()
    }
  }

  private func decode() async throws {
    let source = feed.source
    while !Task.isCancelled {
      var batch = IngestBatch()
      _ = try await source.next(maximum: 512, into: &batch)
      take(batch)
    }
  }

  private func take(_ batch: IngestBatch) {
    state.withLock { seen in
      batch.bytes.withUnsafeBytes { bytes in
        for record in batch.records {
          let frame = UnsafeRawBufferPointer(rebasing: bytes[record.offset..<record.offset + record.count])
          if keepsFrames { seen.frames.append(Array(frame)) }
          seen.count += 1
          seen.sources.insert(record.source)
          var events: [Event] = []
          let outcome = seen.feed.decode(frame, source: record.source, at: record.time) { events.append($0) }
          seen.outcomes[outcome, default: 0] += 1
          for event in events { note(event, &seen) }
        }
      }
      let instruments = feed.options.instruments
      let symbols = instruments.ids.filter(seen.feed.needsSnapshot).map { instruments[$0].symbol }
      needed.symbols.withLock { $0 = symbols }
    }
  }

  private func note(_ event: Event, _ seen: inout Seen) {
    switch event {
    case .trade(let trade): seen.trades[Int(trade.instrument.index)].append(trade.tradeID)
    case .book(let update):
      let index = Int(update.instrument.index)
      seen.books[index].apply(update)
      guard let oracle else { return }
      seen.checks += 1
      if !oracle.agrees(seen.books[index], instrument: index) {
        seen.mismatches.append("\(Self.symbols[index]) at \(seen.books[index].lastUpdateID)")
      }
    default: break
    }
  }

  var areBooksSynchronised: Bool {
    let statistics = seen.feed.statistics
    return statistics.instruments.allSatisfy(\.isBookSynchronised)
  }
}

/// The books of a seeded market after every update, worked out without any exchange, as far as they are asked for.
final class BookOracle: Sendable {
  private struct State {
    var simulator: MarketSimulator
    var feed: BinanceFeed
    var current: [OrderBook]
    var books: [[Int64: OrderBook]]
    var frame: [UInt8] = []

    mutating func advance() {
      let (time, source) = simulator.next(into: &frame)
      var updates: [BookUpdate] = []
      frame.withUnsafeBytes { bytes in
        _ = feed.decode(bytes, source: source, at: time) {
          if case .book(let update) = $0 { updates.append(update) }
        }
      }
      for update in updates {
        let index = Int(update.instrument.index)
        current[index].apply(update)
        books[index][update.lastUpdateID] = current[index]
      }
    }
  }

  private let state: Mutex<State>

  init(seed: UInt64) throws {
    let instruments = try LiveStage.catalogue()
    let start = EventTime(nanoseconds: 1_723_161_253_000_000_000)
    state = Mutex(
      State(
        simulator: MarketSimulator(seed: seed, instruments: instruments, start: start, profile: .demo),
        feed: BinanceFeed(instruments: instruments, rules: FeedRules()),
        current: instruments.instruments.map { _ in OrderBook() },
        books: instruments.instruments.map { _ in [:] }))
  }

  func agrees(_ book: OrderBook, instrument: Int) -> Bool {
    state.withLock { state in
      // Numbers that the market never has would be looked for without end.
      var left = 1_000_000
      while state.current[instrument].lastUpdateID < book.lastUpdateID, left > 0 {
        state.advance()
        left -= 1
      }
      return state.books[instrument][book.lastUpdateID] == book
    }
  }
}

/// Looks every few milliseconds until the condition holds.
func eventually(
  _ what: @autoclosure () -> String, within limit: Duration = .seconds(300),
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while try await !condition() {
    guard clock.now < deadline else { throw DeadlinePassed(what: what()) }
    try await clock.sleep(for: .milliseconds(5))
  }
}

struct DeadlinePassed: Error, CustomStringConvertible {
  var what: String
  var description: String { "in time it did not come true: \(what)" }
}
