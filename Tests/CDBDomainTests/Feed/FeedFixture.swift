import CDBDomain

/// A feed of two instruments, and what its frames became.
struct FeedFixture {
  static let btc = InstrumentID(0)
  static let eth = InstrumentID(1)
  static let start = EventTime(nanoseconds: 1_723_161_253_000_000_000)

  var feed: BinanceFeed
  var events: [Event] = []

  init(rules: FeedRules = FeedRules()) throws {
    feed = BinanceFeed(
      instruments: try InstrumentCatalogue([.binanceSpot("BTCUSDT"), .binanceSpot("ETHUSDT")]),
      rules: rules)
  }

  /// Decodes a frame that arrives `milliseconds` after the start.
  @discardableResult
  mutating func decode(_ frame: String, source: UInt16 = 0, at milliseconds: Int64 = 0) -> FrameOutcome {
    decode(Array(frame.utf8), source: source, at: Self.start.advanced(by: milliseconds * 1_000_000))
  }

  @discardableResult
  mutating func decode(_ frame: [UInt8], source: UInt16, at time: EventTime) -> FrameOutcome {
    var emitted: [Event] = []
    let outcome = frame.withUnsafeBytes {
      feed.decode($0, source: source, at: time) { emitted.append($0) }
    }
    events += emitted
    return outcome
  }

  static func trade(
    _ id: Int64, price: String = "61837.63000000", symbol: String = "BTCUSDT",
    time: Int64 = 1_723_161_253_000
  ) -> String {
    #"{"stream":"btcusdt@trade","data":{"e":"trade","E":\#(time),"s":"\#(symbol)","t":\#(id),"p":"\#(price)","#
      + #""q":"0.02000000","T":\#(time),"m":true,"M":true}}"#
  }

  static func quote(_ id: Int64, bid: String = "100.00", ask: String = "100.01") -> String {
    #"{"stream":"btcusdt@bookTicker","data":{"u":\#(id),"s":"BTCUSDT","b":"\#(bid)","B":"3.78826000","#
      + #""a":"\#(ask)","A":"1.54698000"}}"#
  }

  static func depth(_ first: Int64, _ last: Int64) -> String {
    #"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161253000,"s":"BTCUSDT","#
      + #""U":\#(first),"u":\#(last),"b":[["100.00","1.0"]],"a":[["100.01","0.00000000"]]}}"#
  }

  static func snapshot(_ id: Int64) -> String {
    #"{"lastUpdateId":\#(id),"bids":[["99.99","2.0"],["99.98","1.0"]],"asks":[["100.02","3.0",[]]]}"#
  }
}
