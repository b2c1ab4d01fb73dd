import Foundation
import Testing

@testable import CDBDomain

@Suite("The Binance feed")
struct BinanceFeedTests {
  typealias F = FeedFixture

  @Test("reads a trade: the taker sold where the buyer was the maker")
  func trade() throws {
    var fixture = try F()
    #expect(fixture.decode(F.trade(7)) == .emitted)
    #expect(
      fixture.events == [
        .trade(
          Trade(
            instrument: F.btc, aggressor: .sell,
            exchangeTime: EventTime(nanoseconds: 1_723_161_253_000_000_000), tradeID: 7,
            price: Price(mantissa: 6_183_763), quantity: Quantity(mantissa: 2_000_000)))
      ])
  }

  @Test("reads a quote, which has no event name and no time")
  func quote() throws {
    var fixture = try F()
    #expect(fixture.decode(F.quote(9)) == .emitted)
    #expect(
      fixture.events == [
        .quote(
          Quote(
            instrument: F.btc, updateID: 9, bid: Price(mantissa: 10_000),
            bidQuantity: Quantity(mantissa: 378_826_000), ask: Price(mantissa: 10_001),
            askQuantity: Quantity(mantissa: 154_698_000)))
      ])
  }

  @Test("reads raw frames, fields in any order, unknown fields, white space and escapes")
  func forms() throws {
    var fixture = try F()
    let trades = [
      #"{"e":"trade","E":1723161253000,"s":"BTCUSDT","t":1,"p":"1.5","q":"2","T":1723161253000,"m":false}"#,
      #"{"T":1723161253000,"m":false,"q":"2","new":{"deep":[1,{}]},"p":"1.5","t":2,"s":"BTCUSDT","e":"trade"}"#,
      #" { "data" : { "m" : true , "T":1723161253000, "q":"2","p":"1.5","t":3,"s":"BTCUSDT","e":"trade"} , "stream":"x"} "#,
      #"{"\u0065":"tr\u0061de","s":"\u0042TCUSDT","t":4,"p":"1.\u0035","q":"2","T":1723161253000000,"m":false}"#,
    ]
    for trade in trades { #expect(fixture.decode(trade) == .emitted, "\(trade)") }
    #expect(fixture.feed.statistics[F.btc].trades == 4)
    let times = fixture.events.map { event -> EventTime? in
      if case .trade(let trade) = event { trade.exchangeTime } else { nil }
    }
    #expect(Set(times).count == 1)
  }

  @Test("what is not market data has a reason")
  func reasons() throws {
    let cases: [(String, FrameOutcome)] = [
      (#"{"result":null,"id":1}"#, .absorbed(.acknowledgement)),
      (#"{"result":["btcusdt@trade"],"id":3}"#, .absorbed(.acknowledgement)),
      (#"{"error":{"code":2,"msg":"Invalid request"},"id":1}"#, .dropped(.exchangeError)),
      (#"{"code":-1121,"msg":"Invalid symbol."}"#, .dropped(.exchangeError)),
      (#"{"e":"serverShutdown","E":1723161253000}"#, .absorbed(.heartbeat)),
      (#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}"#, .absorbed(.heartbeat)),
      (#"{"stream":"btcusdt@ticker","data":{"e":"24hrTicker","s":"BTCUSDT"}}"#, .dropped(.unknownStream)),
      (#"{"stream":"x","data":{"what":1}}"#, .dropped(.unknownStream)),
      (#"{"what":1}"#, .dropped(.malformedFrame)),
      ("[]", .dropped(.malformedFrame)),
      ("", .dropped(.malformedFrame)),
      (F.trade(1) + "x", .dropped(.malformedFrame)),
      (F.trade(1, symbol: "XRPUSDT"), .dropped(.unknownSymbol)),
      (F.trade(1, symbol: ""), .dropped(.unknownSymbol)),
      (F.trade(-1), .dropped(.malformedFrame)),
      (F.trade(1, price: "1.234"), .dropped(.invalidDecimal)),
      (F.trade(1, price: "-1"), .dropped(.invalidDecimal)),
      (F.trade(1, price: "1e3"), .dropped(.invalidDecimal)),
      (F.trade(1, price: "92233720368547758.07"), .dropped(.invalidDecimal)),
      (F.trade(1, price: "999999999999999999999"), .dropped(.invalidDecimal)),
      (F.trade(1, price: "0.00"), .dropped(.absurdPrice)),
      (F.trade(1, time: 17), .dropped(.invalidTime)),
      (F.trade(1, time: .max), .dropped(.invalidTime)),
      (F.quote(1, bid: "100.02", ask: "100.01"), .dropped(.crossedQuote)),
      (F.depth(9, 8), .dropped(.malformedFrame)),
      (#"{"e":"trade","s":"BTCUSDT","s":"BTCUSDT"}"#, .dropped(.malformedFrame)),
      (#"{"e":"trade","s":"BTCUSDT"}"#, .dropped(.malformedFrame)),
      (F.snapshot(1), .dropped(.ambiguousSource)),
    ]
    for (frame, outcome) in cases {
      var fixture = try F()
      #expect(fixture.decode(frame) == outcome, "\(frame)")
      #expect(fixture.events.isEmpty)
    }
  }

  @Test("refuses a frame beyond the limit before it reads it")
  func oversized() throws {
    var rules = FeedRules()
    rules.maximumFrameBytes = 100
    var fixture = try F(rules: rules)
    #expect(fixture.decode(F.trade(1)) == .dropped(.oversizedFrame))
  }

  @Test("a locked quote is a quote")
  func locked() throws {
    var fixture = try F()
    #expect(fixture.decode(F.quote(1, bid: "100.01", ask: "100.01")) == .emitted)
  }

  @Test("repeated trades are absorbed; gaps are counted and the trade still emitted")
  func tradeIDs() throws {
    var fixture = try F()
    #expect(fixture.decode(F.trade(10)) == .emitted)
    #expect(fixture.decode(F.trade(10)) == .absorbed(.duplicateTrade))
    #expect(fixture.decode(F.trade(9)) == .absorbed(.duplicateTrade))
    #expect(fixture.decode(F.trade(14)) == .emitted)
    #expect(fixture.feed.statistics[F.btc].tradeGaps == 1)
    #expect(fixture.feed.statistics[F.btc].missingTrades == 3)
  }

  @Test("a dropped trade leaves nothing behind, so that its absence shows as a gap")
  func droppedTrade() throws {
    var fixture = try F()
    fixture.decode(F.trade(1))
    #expect(fixture.decode(F.trade(.max, price: "1.234")) == .dropped(.invalidDecimal))
    #expect(fixture.decode(F.trade(2)) == .emitted)
    #expect(fixture.decode(F.trade(3, price: "x")) == .dropped(.invalidDecimal))
    #expect(fixture.decode(F.trade(4)) == .emitted)
    #expect(fixture.feed.statistics[F.btc].missingTrades == 1)
  }

  @Test("an aggregate trade covers its ids")
  func aggregateTrades() throws {
    func aggregate(_ first: Int64, _ last: Int64) -> String {
      #"{"e":"aggTrade","E":1723161253000,"s":"BTCUSDT","a":1,"p":"5","q":"1","f":\#(first),"l":\#(last),"#
        + #""T":1723161253000,"m":false,"M":true}"#
    }
    var fixture = try F()
    #expect(fixture.decode(aggregate(1, 3)) == .emitted)
    #expect(fixture.decode(aggregate(4, 4)) == .emitted)
    #expect(fixture.decode(aggregate(4, 4)) == .absorbed(.duplicateTrade))
    #expect(fixture.decode(aggregate(7, 9)) == .emitted)
    #expect(fixture.feed.statistics[F.btc].missingTrades == 2)
    #expect(fixture.decode(aggregate(12, 11)) == .dropped(.malformedFrame))
  }

  @Test("a newer source that begins again has a numbering of its own; one that goes on has not")
  func sources() throws {
    var fixture = try F()
    fixture.decode(F.trade(10), source: 0)
    #expect(fixture.decode(F.trade(3), source: 2) == .emitted)
    #expect(fixture.decode(F.trade(3), source: 0) == .absorbed(.duplicateTrade))
    #expect(fixture.feed.statistics[F.btc].tradeGaps == 0)
    #expect(fixture.decode(F.trade(6), source: 4) == .emitted)
    #expect(fixture.feed.statistics[F.btc].missingTrades == 2)
    fixture.decode(F.quote(5, bid: "61837", ask: "61838"), source: 0)
    #expect(fixture.decode(F.quote(5), source: 0) == .absorbed(.staleBookUpdate))
    #expect(fixture.decode(F.quote(1, bid: "61837", ask: "61838"), source: 1) == .emitted)
  }

  @Test("an absurd jump is refused, until there was no price for a minute")
  func absurdPrices() throws {
    var fixture = try F()
    fixture.decode(F.trade(1, price: "100"), at: 0)
    #expect(fixture.decode(F.trade(2, price: "120"), at: 1) == .emitted)
    #expect(fixture.decode(F.trade(3, price: "144.01"), at: 2) == .dropped(.absurdPrice))
    #expect(fixture.decode(F.quote(1, bid: "90", ask: "95"), at: 3) == .dropped(.absurdPrice))
    #expect(fixture.decode(F.trade(3, price: "1000"), at: 60_000) == .dropped(.absurdPrice))
    #expect(fixture.decode(F.trade(3, price: "1000"), at: 60_001) == .emitted)
  }

  @Test("a candle is market data once it is closed")
  func klines() throws {
    func kline(_ closed: Bool, high: String = "102") -> String {
      #"{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1723161253000,"s":"BTCUSDT","k":{"t":1723161180000,"#
        + #""T":1723161239999,"s":"BTCUSDT","i":"1m","f":1,"L":9,"o":"100","c":"101","h":"\#(high)","l":"99","#
        + #""v":"5","n":9,"x":\#(closed),"q":"1","V":"1","Q":"1","B":"0"}}}"#
    }
    var fixture = try F()
    #expect(fixture.decode(kline(false)) == .absorbed(.unfinishedKline))
    #expect(fixture.decode(kline(true)) == .emitted)
    #expect(fixture.decode(kline(true, high: "100.5")) == .dropped(.absurdPrice))
    #expect(fixture.decode(kline(true, high: "100.555")) == .dropped(.invalidDecimal))
    guard case .kline(let candle)? = fixture.events.first else {
      Issue.record("a kline was expected")
      return
    }
    #expect(candle.close == Price(mantissa: 10_100) && candle.trades == 9)
  }

  @Test("the last exchange and receive times are kept, and the skew of a clock that is behind")
  func statistics() throws {
    var fixture = try F()
    fixture.decode(F.trade(1, time: 1_723_161_254_270), at: 0)
    let statistics = fixture.feed.statistics[F.btc]
    #expect(statistics.lastReceiveTime == F.start)
    #expect(statistics.lastExchangeTime == F.start.advanced(by: 1_270_000_000))
    #expect(statistics.skew == -1_270_000_000)
    #expect(
      fixture.feed.skew(of: F.btc).correctedLatency(
        receive: F.start, exchange: F.start.advanced(by: 1_250_000_000)) == 20_000_000)
    #expect(fixture.feed.statistics[F.eth].frames == 0)
  }

  @Test("its coded form goes on where it was, with updates that still wait")
  func coding() throws {
    var fixture = try F()
    fixture.decode(F.trade(1))
    fixture.decode(F.quote(3))
    fixture.decode(F.depth(4, 5))
    fixture.decode(F.depth(6, 8))
    let coded = try JSONEncoder().encode(fixture.feed)
    #expect(coded.count < 3_000)
    var restored = fixture
    restored.feed = try JSONDecoder().decode(BinanceFeed.self, from: coded)
    #expect(restored.feed == fixture.feed)
    for frame in [F.snapshot(5), F.depth(9, 9), F.trade(3), F.trade(2)] {
      #expect(restored.decode(frame) == fixture.decode(frame))
    }
    #expect(restored.events == fixture.events)
    #expect(restored.feed == fixture.feed)
  }

  @Test("whatever the bytes, there is one outcome, and events only where it says so")
  func hostileBytes() throws {
    let frames = [
      F.trade(1), F.quote(2), F.depth(3, 4), F.snapshot(4), #"{"result":null,"id":1}"#,
    ].map { Array($0.utf8) }
    var fixture = try F()
    var random = RandomSource(seed: 11)
    for round in 0..<40_000 {
      var frame = frames[Int(random.integer(in: 0...Int64(frames.count - 1)))]
      for _ in 0..<random.integer(in: 0...4) where !frame.isEmpty {
        let index = Int(random.integer(in: 0...Int64(frame.count - 1)))
        switch random.integer(in: 0...4) {
        case 0: frame[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: frame.remove(at: index)
        case 2: frame.insert(UInt8(truncatingIfNeeded: random.integer(in: 32...126)), at: index)
        case 3: frame.removeLast(frame.count - index)
        default: frame.append(contentsOf: frame[index...])
        }
      }
      fixture.events = []
      let outcome = fixture.decode(
        frame, source: UInt16(truncatingIfNeeded: round & 3), at: F.start.advanced(by: Int64(round)))
      if (outcome == .emitted) == fixture.events.isEmpty { Issue.record("\(outcome) of \(frame)") }
    }
  }
}
