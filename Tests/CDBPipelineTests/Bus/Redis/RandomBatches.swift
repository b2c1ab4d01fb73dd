import CDBDomain
import Foundation

@testable import CDBPipeline

/// Events and batches of all kinds, the same for the same seed.
struct RandomBatches {
  var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func number() -> Int64 {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: Int64.random(in: .min ... .max, using: &random)
    case 1: [0, 1, -1, .min, .max].randomElement(using: &random) ?? 0
    default: Int64.random(in: 0..<10_000_000, using: &random)
    }
  }

  mutating func price() -> Price { Price(mantissa: number()) }
  mutating func quantity() -> Quantity { Quantity(mantissa: number()) }
  mutating func time() -> EventTime { EventTime(nanoseconds: number()) }
  mutating func instrument() -> InstrumentID {
    InstrumentID(UInt16.random(in: 0...UInt16.max, using: &random))
  }
  mutating func text() -> String {
    String(
      (0..<Int.random(in: 0..<8, using: &random)).map { _ in "aé\"\\\n😀0".randomElement(using: &random) ?? "x"
      })
  }
  mutating func id(_ producer: StageName) -> EventID {
    EventID(
      producer: producer, partition: UInt16.random(in: 0..<8_192, using: &random),
      sequence: UInt64.random(in: 1..<1 << 47, using: &random))
  }
  mutating func levels() -> [BookLevel] {
    (0..<Int.random(in: 0..<6, using: &random)).map { _ in BookLevel(price: price(), quantity: quantity()) }
  }

  mutating func event() throws -> Event {
    switch EventKind.allCases.randomElement(using: &random) ?? .tick {
    case .trade:
      return .trade(
        Trade(
          instrument: instrument(), aggressor: .buy, exchangeTime: Bool.random(using: &random) ? time() : nil,
          tradeID: number(), price: price(), quantity: quantity()))
    case .quote:
      return .quote(
        Quote(
          instrument: instrument(), updateID: number(), bid: price(), bidQuantity: quantity(), ask: price(),
          askQuantity: quantity()))
    case .book:
      return .book(
        BookUpdate(
          instrument: instrument(), isSnapshot: Bool.random(using: &random),
          exchangeTime: Bool.random(using: &random) ? time() : nil, firstUpdateID: number(),
          lastUpdateID: number(), bids: levels(), asks: levels()))
    case .kline:
      return .kline(
        Kline(
          instrument: instrument(), openTime: time(), closeTime: time(), open: price(), high: price(),
          low: price(), close: price(), volume: quantity(), trades: number(),
          isClosed: Bool.random(using: &random)))
    case .tick: return .tick
    case .summary:
      let json = """
        {"instrument":1,"start":\(number()),"end":2,"open":3,"high":4,"low":5,"close":6,"volume":7,"trades":8,\
        "quotes":9,"bookUpdates":10}
        """
      return .summary(try JSONDecoder().decode(MarketSummary.self, from: Data(json.utf8)))
    case .signal:
      return .signal(
        Signal(
          id: id(.core), instrument: instrument(), side: .sell, strategy: text(),
          strength: Ratio(mantissa: number()),
          referencePrice: price(), features: [text(): Ratio(mantissa: number())]))
    case .decision:
      return .decision(
        RiskDecision(
          id: id(.risk), signalID: id(.core), account: text(), instrument: instrument(), side: .buy,
          approved: false,
          reason: .exposureLimit,
          layers: [
            LayerVerdict(layer: .exposure, passed: false, figure: Ratio(mantissa: number()), limit: .one)
          ]))
    case .order:
      return .order(
        Order(
          id: id(.risk), signalID: id(.core), account: text(), instrument: instrument(), side: .buy,
          type: .stopLimit,
          quantity: quantity(), limitPrice: price(), stopPrice: nil, referencePrice: price(), layers: []))
    case .result: return .result(Make.result(1, of: id(.risk), .filled, fee: number(), at: number()))
    case .alert:
      return .alert(
        Alert(id: id(.risk), level: .warning, reason: .stopLoss, message: text(), context: [text(): text()]))
    case .control: return .control(.stop(reason: text(), actor: text()))
    case .cancel:
      return .cancel(
        CancelRequest(
          id: id(.risk), orderID: id(.risk), account: text(), instrument: instrument(),
          reason: .patienceExhausted))
    }
  }

  /// Consecutive batches of one partition with ascending times: some empty, some with a barrier.
  mutating func chain(
    _ count: Int, stream: StreamName = .marketData, partition: UInt16 = 0, first: UInt64 = 1,
    largest: Int = 20,
    barriers: Bool = true
  ) throws -> [Batch] {
    var next = first
    var clock = Int64(next)
    var barrier: UInt64 = 0
    return try (0..<count).map { _ in
      let size = Int.random(in: 0...largest, using: &random)
      var envelopes: [Envelope] = []
      for _ in 0..<size {
        clock += Int64.random(in: 1...1_000, using: &random)
        envelopes.append(
          Envelope(
            time: EventTime(nanoseconds: clock), origin: UInt64.random(in: 0...9, using: &random),
            event: try event()))
      }
      defer { next += UInt64(size) }
      var marker: Marker?
      if barriers, Int.random(in: 0..<5, using: &random) == 0 {
        barrier += 1
        marker = .barrier(barrier)
      }
      return Batch(
        stream: stream, partition: partition, firstSequence: next, envelopes: envelopes,
        watermark: EventTime(nanoseconds: clock), marker: marker, ingestedAt: 0,
        feedDelay: Int64.random(in: 0...1_000_000, using: &random))
    }
  }
}

extension Batch {
  /// All of it that is the same in every process.
  var contents: [AnyHashable] {
    [stream, partition, firstSequence, envelopes, watermark, marker, feedDelay]
  }
}
