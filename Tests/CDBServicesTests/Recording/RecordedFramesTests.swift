import CDBDomain
import CDBServices
import Foundation
import Testing

@Suite("Frames recorded from Binance", .enabled(if: RecordedData.isExpected, RecordedData.absence))
struct RecordedFramesTests {
  private func read(_ path: String) throws -> FrameBuffer {
    var recording = try FrameRecording(path: path, source: 0)
    var buffer = FrameBuffer()
    while try recording.read(maximum: 4_096, into: &buffer) > 0 {}
    return buffer
  }

  private func catalogue(_ symbols: String...) throws -> InstrumentCatalogue {
    try InstrumentCatalogue(symbols.map(Instrument.binanceSpot))
  }

  @Test("the frames of 2024 are all accounted for, without a gap, a drop or a negative latency")
  func totals2024() throws {
    let expected: [[EventKind: Int]] = [
      [.quote: 28_040, .trade: 9_757, .book: 3_450], [.quote: 24_077, .trade: 6_106, .book: 3_433],
    ]
    for (index, path) in RecordedData.binance2024.enumerated() {
      var feed = BinanceFeed(instruments: try catalogue("BTCUSDT", "ETHUSDT"), rules: FeedRules())
      var outcomes: [FrameOutcome: Int] = [:]
      var kinds: [EventKind: Int] = [:]
      var negative = 0
      try read(path).forEach { frame in
        let time = EventTime(nanoseconds: frame.time)
        var exchangeTime: EventTime?
        let outcome = feed.decode(frame.bytes, source: frame.source, at: time) { event in
          kinds[event.kind, default: 0] += 1
          if case .trade(let trade) = event { exchangeTime = trade.exchangeTime }
        }
        outcomes[outcome, default: 0] += 1
        if let exchangeTime {
          let skew = feed.skew(of: InstrumentID(UInt16(index)))
          if skew.correctedLatency(receive: time, exchange: exchangeTime) < 0 { negative += 1 }
        }
      }
      let waiting = [3, 2][index]
      #expect(outcomes == [.emitted: [41_246, 33_616][index], .absorbed(.awaitingSnapshot): waiting])
      #expect(kinds == expected[index])
      let statistics = feed.statistics.instruments[index]
      #expect(statistics.tradeGaps == 0 && statistics.bookGaps == 0 && negative == 0)
      #expect((-1_280_000_000 ... -1_240_000_000).contains(statistics.skew))
    }
  }

  @Test("each pass of a loop is accepted as the first one is")
  func loops() throws {
    var feed = BinanceFeed(instruments: try catalogue("BTCUSDT", "ETHUSDT"), rules: FeedRules())
    var recording = try MergedRecording(paths: RecordedData.binance2024, loops: 2)
    var buffer = FrameBuffer()
    var outcomes: [FrameOutcome: Int] = [:]
    var last = Int64.min
    while try recording.read(maximum: 1_024, into: &buffer) > 0 {
      buffer.forEach { frame in
        if frame.time < last { Issue.record("time goes back") }
        last = frame.time
        let time = EventTime(nanoseconds: frame.time)
        outcomes[feed.decode(frame.bytes, source: frame.source, at: time) { _ in }, default: 0] += 1
      }
      buffer.removeAll()
    }
    #expect(outcomes == [.emitted: 2 * (41_246 + 33_616), .absorbed(.awaitingSnapshot): 10])
    #expect(feed.statistics.instruments.allSatisfy { $0.skew < -1_200_000_000 && $0.tradeGaps == 0 })
  }

  @Test("the frames of 2021 decode: aggregate trades, candles, and a book that has no snapshot")
  func totals2021() throws {
    let symbols = try catalogue("NKNUSDT", "BLZETH", "LRCBTC", "RUNEEUR")
    var feed = BinanceFeed(instruments: symbols, rules: FeedRules())
    var outcomes: [FrameOutcome: Int] = [:]
    try read(RecordedData.binance2021).forEach { frame in
      let time = EventTime(nanoseconds: frame.time)
      outcomes[feed.decode(frame.bytes, source: 0, at: time) { _ in }, default: 0] += 1
    }
    #expect(
      outcomes == [
        .emitted: 86, .absorbed(.awaitingSnapshot): 177, .absorbed(.unfinishedKline): 2,
      ])
  }

  @Test("every event says what Foundation reads in its frame")
  func differential() throws {
    for path in RecordedData.binance2024 + [RecordedData.binance2021] {
      let instruments = try catalogue("BTCUSDT", "ETHUSDT", "NKNUSDT", "BLZETH", "LRCBTC", "RUNEEUR")
      var feed = BinanceFeed(instruments: instruments, rules: FeedRules())
      try read(path).forEach { frame in
        var events: [Event] = []
        _ = feed.decode(frame.bytes, source: 0, at: EventTime(nanoseconds: frame.time)) { events.append($0) }
        guard let event = events.first else { return }
        let object = try JSONSerialization.jsonObject(with: Data(frame.bytes))
        let outer = try #require(object as? [String: Any])
        let reader = Reader(fields: outer["data"] as? [String: Any] ?? outer, instruments: instruments)
        if !reader.agrees(with: event) {
          Issue.record("\(event) is not \(String(decoding: frame.bytes, as: UTF8.self))")
        }
      }
    }
  }

  /// Reads a frame's fields as Foundation gives them.
  private struct Reader {
    let fields: [String: Any]
    let instruments: InstrumentCatalogue

    func agrees(with event: Event) -> Bool {
      switch event {
      case .trade(let trade):
        let rules = instruments[trade.instrument]
        return fields["s"] as? String == rules.symbol
          && (fields["t"] ?? fields["l"]) as? Int64 == trade.tradeID
          && text(fields["p"]) == DecimalText.render(trade.price.mantissa, scale: rules.priceScale)
          && text(fields["q"]) == DecimalText.render(trade.quantity.mantissa, scale: rules.quantityScale)
          && fields["T"] as? Int64 == trade.exchangeTime.map { $0.nanoseconds / 1_000_000 }
          && fields["m"] as? Bool == (trade.aggressor == .sell)
      case .quote(let quote):
        let rules = instruments[quote.instrument]
        return fields["s"] as? String == rules.symbol && fields["u"] as? Int64 == quote.updateID
          && text(fields["b"]) == DecimalText.render(quote.bid.mantissa, scale: rules.priceScale)
          && text(fields["a"]) == DecimalText.render(quote.ask.mantissa, scale: rules.priceScale)
          && text(fields["B"]) == DecimalText.render(quote.bidQuantity.mantissa, scale: rules.quantityScale)
          && text(fields["A"]) == DecimalText.render(quote.askQuantity.mantissa, scale: rules.quantityScale)
      case .book(let update):
        let rules = instruments[update.instrument]
        return (fields["u"] ?? fields["lastUpdateId"]) as? Int64 == update.lastUpdateID
          && levels(fields["b"] ?? fields["bids"]) == rendered(update.bids, rules)
          && levels(fields["a"] ?? fields["asks"]) == rendered(update.asks, rules)
      default: return false
      }
    }

    private func levels(_ side: Any?) -> [[String]]? {
      (side as? [[String]])?.map { $0.map { text($0) ?? "?" } }
    }

    private func rendered(_ levels: [BookLevel], _ rules: Instrument) -> [[String]] {
      levels.map {
        [
          DecimalText.render($0.price.mantissa, scale: rules.priceScale),
          DecimalText.render($0.quantity.mantissa, scale: rules.quantityScale),
        ]
      }
    }

    /// A decimal without its trailing zeros.
    private func text(_ value: Any?) -> String? {
      guard var text = value as? String else { return nil }
      guard text.contains(".") else { return text }
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
      return text
    }
  }

  @Test("mutated frames have one outcome each, and never crash")
  func mutations() throws {
    var feed = BinanceFeed(instruments: try catalogue("BTCUSDT", "ETHUSDT"), rules: FeedRules())
    let frames = try read(RecordedData.binance2024[0])
    var generator = SystemRandomNumberGenerator()
    for index in 0..<min(20_000, frames.count) {
      var bytes = frames.withFrame(index) { Array($0.bytes.prefix(4_000)) }
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      var emitted = 0
      let outcome = bytes.withUnsafeBytes {
        feed.decode($0, source: 0, at: EventTime(nanoseconds: 0)) { _ in emitted += 1 }
      }
      if (outcome == .emitted) != (emitted > 0) { Issue.record("\(outcome) of \(bytes)") }
    }
  }
}
