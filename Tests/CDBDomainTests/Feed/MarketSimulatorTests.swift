import CDBDomain
import Foundation
import Testing

@Suite("The market simulator")
struct MarketSimulatorTests {
  typealias F = FeedFixture
  /// Whether what is random runs at full length, with `CDB_SOAK`.
  private static let isSoak = ProcessInfo.processInfo.environment["CDB_SOAK"] != nil

  private func catalogue() throws -> InstrumentCatalogue {
    try InstrumentCatalogue([.binanceSpot("BTCUSDT"), .binanceSpot("ETHUSDT")])
  }

  @Test(
    "its frames all decode, times ascend, quotes are not crossed, and the book agrees with them",
    arguments: [MarketSimulator.Profile.demo, .normal])
  func decodes(profile: MarketSimulator.Profile) throws {
    var simulator = MarketSimulator(
      seed: 42, instruments: try catalogue(), start: F.start, profile: profile)
    var fixture = try F()
    var frame: [UInt8] = []
    var last = F.start
    var books = [OrderBook(), OrderBook()]
    var quotes: [Quote?] = [nil, nil]
    var compared = 0
    for number in 0..<(Self.isSoak ? 100_000 : 40_000) {
      let (time, source) = simulator.next(into: &frame)
      if time < last { Issue.record("time goes back at frame \(number)") }
      last = time
      fixture.events.removeAll(keepingCapacity: true)
      guard fixture.decode(frame, source: source, at: time) == .emitted else {
        Issue.record("frame \(number) was not emitted: \(String(decoding: frame, as: UTF8.self))")
        return
      }
      for event in fixture.events {
        switch event {
        case .quote(let quote):
          if quote.bid >= quote.ask { Issue.record("crossed: \(quote)") }
          quotes[Int(quote.instrument.index)] = quote
        case .book(let update):
          let index = Int(update.instrument.index)
          books[index].apply(update)
          // A quote may be on its way; one that the update covers must be the book's best.
          guard let quote = quotes[index], quote.updateID <= update.lastUpdateID else { continue }
          let book = books[index]
          let best = (book.bestBid?.price, book.bestAsk?.price)
          if best != (quote.bid, quote.ask) || book.bids.count != 20 || book.asks.count != 20 {
            Issue.record("the book \(best) is not the quote \(quote)")
            return
          }
          compared += 1
        default: break
        }
      }
    }
    #expect(compared > 400)
    for id in [F.btc, F.eth] {
      let statistics = fixture.feed.statistics[id]
      #expect(statistics.tradeGaps == 0 && statistics.bookGaps == 0 && statistics.skew == 0)
      #expect(statistics.trades > 1_000 && statistics.isBookSynchronised)
    }
  }

  @Test(
    "the demo signals within 15 seconds, and in both directions within minutes",
    arguments: 1...(isSoak ? 5 : 2))
  func demo(seed: Int) throws {
    var simulator = MarketSimulator(
      seed: UInt64(seed), instruments: try catalogue(), start: F.start, profile: .demo)
    var fixture = try F()
    var parameters = MomentumParameters()
    parameters.window = 5_000_000_000
    parameters.threshold = Ratio(basisPoints: 4)
    parameters.cooldown = 5_000_000_000
    var strategies = [MomentumStrategy(parameters: parameters), MomentumStrategy(parameters: parameters)]
    var frame: [UInt8] = []
    var frames: Int64 = 0
    var first: EventTime?
    var sides: [Set<Side>] = [[], []]
    let end = F.start.advanced(by: 300_000_000_000)
    while true {
      let (time, source) = simulator.next(into: &frame)
      guard time < end else { break }
      frames += 1
      fixture.events.removeAll(keepingCapacity: true)
      fixture.decode(frame, source: source, at: time)
      for case .quote(let quote) in fixture.events {
        guard let signal = strategies[Int(source)].observe(quote.mid, at: time) else { continue }
        first = first ?? time
        sides[Int(source)].insert(signal.side)
      }
    }
    #expect(first.map { $0 <= F.start.advanced(by: 15_000_000_000) } == true)
    #expect(sides == [[.buy, .sell], [.buy, .sell]])
    #expect((60...220).contains(frames / 300), "\(frames / 300) frames a second")
  }

  @Test("a seed gives the same frames always, another seed gives others, and a coded simulator goes on")
  func deterministic() throws {
    func frames(_ simulator: inout MarketSimulator, _ count: Int) -> [[UInt8]] {
      var frame: [UInt8] = []
      return (0..<count).map { _ in
        _ = simulator.next(into: &frame)
        return frame
      }
    }
    func simulator(_ seed: UInt64) throws -> MarketSimulator {
      MarketSimulator(seed: seed, instruments: try catalogue(), start: F.start, profile: .normal)
    }
    var (one, two, other) = (try simulator(1), try simulator(1), try simulator(2))
    #expect(frames(&one, 2_000) == frames(&two, 2_000))
    #expect(frames(&one, 10) != frames(&other, 10))
    one = two
    var restored = try JSONDecoder().decode(MarketSimulator.self, from: JSONEncoder().encode(one))
    #expect(frames(&restored, 2_000) == frames(&one, 2_000))
  }

  @Test("instruments of any scale and tick have a market")
  func anyInstrument() throws {
    var instruments = [Instrument.generic(symbol: "NKNUSDT"), .binanceSpot("SOLUSDT")]
    for (scale, tick, lot) in [(0, 1, 1), (18, 1, 1), (18, Int64.max, Int64.max), (2, 500, 7)]
      as [(Int, Int64, Int64)]
    {
      var instrument = Instrument.generic(symbol: "X\(instruments.count)USDT")
      (instrument.priceScale, instrument.quantityScale) = (scale, scale)
      (instrument.tickSize, instrument.lotSize) = (Price(mantissa: tick), Quantity(mantissa: lot))
      instruments.append(instrument)
    }
    let catalogue = try InstrumentCatalogue(instruments)
    var simulator = MarketSimulator(seed: 5, instruments: catalogue, start: F.start, profile: .demo)
    var feed = BinanceFeed(instruments: catalogue, rules: FeedRules())
    var frame: [UInt8] = []
    for _ in 0..<20_000 {
      let (time, source) = simulator.next(into: &frame)
      let outcome = frame.withUnsafeBytes { feed.decode($0, source: source, at: time) { _ in } }
      if outcome != .emitted {
        Issue.record("\(outcome): \(String(decoding: frame, as: UTF8.self))")
        return
      }
    }
  }

  @Test("a snapshot on demand and the updates after it give the book, at whatever instant it is asked for")
  func snapshots() throws {
    var simulator = MarketSimulator(
      seed: 9, instruments: try catalogue(), start: F.start, profile: .demo)
    let rules = FeedRules()
    let instruments = try catalogue()
    var whole = BinanceFeed(instruments: instruments, rules: rules)
    var reference = [OrderBook(), OrderBook()]
    var late: (feed: BinanceFeed, book: OrderBook)?
    var frame: [UInt8] = []
    var snapshot: [UInt8] = []
    var compared = 0
    for number in 0..<40_000 {
      let (time, source) = simulator.next(into: &frame)
      if number.isMultiple(of: 997) {
        simulator.snapshot(of: F.btc, limit: 5_000, into: &snapshot)
        var book = OrderBook()
        var feed = BinanceFeed(instruments: try InstrumentCatalogue([.binanceSpot("BTCUSDT")]), rules: rules)
        let outcome = snapshot.withUnsafeBytes {
          feed.decode($0, source: 0, at: time) { if case .book(let update) = $0 { book.apply(update) } }
        }
        #expect(outcome == .emitted)
        late = (feed, book)
      }
      frame.withUnsafeBytes { bytes in
        _ = whole.decode(bytes, source: source, at: time) {
          if case .book(let update) = $0 { reference[Int(update.instrument.index)].apply(update) }
        }
        guard source == 0, FrameNumbers(bytes)?.kind == .depth, var copy = late else { return }
        _ = copy.feed.decode(bytes, source: 0, at: time) {
          if case .book(let update) = $0 { copy.book.apply(update) }
        }
        late = copy
        if copy.book.lastUpdateID == reference[0].lastUpdateID {
          compared += 1
          if copy.book != reference[0] { Issue.record("another book at frame \(number)") }
        }
      }
    }
    #expect(compared > 1_000)
  }

  @Test("a market that stands still goes on with the same messages, later")
  func delay() throws {
    func frames(_ simulator: inout MarketSimulator, _ count: Int) -> [(Int64, [UInt8])] {
      var frame: [UInt8] = []
      return (0..<count).map { _ in (simulator.next(into: &frame).time.nanoseconds, frame) }
    }
    var one = MarketSimulator(seed: 3, instruments: try catalogue(), start: F.start, profile: .demo)
    var two = one
    _ = (frames(&one, 100), frames(&two, 100))
    two.delay(by: 5_000_000_000)
    let (a, b) = (frames(&one, 2_000), frames(&two, 2_000))
    #expect(zip(a, b).allSatisfy { $1.0 - $0.0 == 5_000_000_000 })
    // Where a frame has no time in it, it is the same.
    let quotes = zip(a, b).filter { String(decoding: $0.0.1, as: UTF8.self).contains("bookTicker") }
    #expect(quotes.count > 500 && quotes.allSatisfy { $0.0.1 == $0.1.1 })
  }

  @Test("a market can be numbered as the continuation of another")
  func numbering() throws {
    var simulator = MarketSimulator(
      seed: 3, instruments: try catalogue(), start: F.start, profile: .demo, numberedFrom: 1 << 50)
    var frame: [UInt8] = []
    for _ in 0..<1_000 {
      _ = simulator.next(into: &frame)
      if let numbers = frame.withUnsafeBytes({ FrameNumbers($0) }) { #expect(numbers.first > 1 << 50) }
    }
  }
}
