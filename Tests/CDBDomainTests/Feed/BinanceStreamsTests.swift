import CDBDomain
import Testing

@Suite("What a frame means to its connection")
struct BinanceStreamsTests {
  private func streams() throws -> BinanceStreams {
    BinanceStreams(try InstrumentCatalogue([.binanceSpot("BTCUSDT"), .binanceSpot("ETHUSDT")]))
  }

  @Test("market data has its instrument; answers, complaints and announcements are told apart", arguments: [
    (FeedFixture.trade(1), .data(FeedFixture.btc)),
    (#"{"stream":"ethusdt@bookTicker","data":{}}"#, .data(FeedFixture.eth)),
    // What is wrong with it, the decoder says.
    (#"{"stream":"ethusdt@trade","data":{"e":"tra"#, .data(FeedFixture.eth)),
    (#"{"u":1,"s":"ETHUSDT","b":"1","B":"1","a":"2","A":"1"}"#, .data(FeedFixture.eth)),
    (#"{"stream":"solusdt@trade","data":{"e":"trade","s":"SOLUSDT"}}"#, .other),
    (#"{"result":null,"id":7}"#, .acknowledgement(7)),
    (#"{"id":"seven","result":null}"#, .acknowledgement(nil)),
    (#"{"error":{"code":2,"msg":"Invalid"},"id":7}"#, .refusal(7)),
    (#"{"code":3,"msg":"Invalid JSON"}"#, .refusal(nil)),
    (#"{"e":"serverShutdown","E":1770123456789}"#, .shutdown),
    (#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#, .shutdown),
    (#"{"stream":""#, .other), ("", .other), ("[]", .other), ("garbage", .other),
  ] as [(String, BinanceStreams.Meaning)])
  func meanings(frame: String, meaning: BinanceStreams.Meaning) throws {
    let found = try Array(frame.utf8).withUnsafeBytes { try streams().meaning(of: $0) }
    #expect(found == meaning)
  }

  @Test("the numbers of a frame are those of its kind", arguments: [
    (FeedFixture.trade(5), .trade, 5, 5), (FeedFixture.quote(6), .quote, 6, 6),
    (FeedFixture.depth(7, 9), .depth, 7, 9),
  ] as [(String, FrameNumbers.Kind, Int64, Int64)])
  func numbers(frame: String, kind: FrameNumbers.Kind, first: Int64, last: Int64) throws {
    let numbers = try #require(Array(frame.utf8).withUnsafeBytes { FrameNumbers($0) })
    #expect(numbers.kind == kind && numbers.first == first && numbers.last == last)
    #expect(!FrameNumbers.isSnapshot(Array(frame.utf8)))
  }

  @Test("a snapshot is one, and has no numbers of a stream")
  func snapshot() {
    let frame = Array(FeedFixture.snapshot(5).utf8)
    #expect(FrameNumbers.isSnapshot(frame))
    #expect(frame.withUnsafeBytes { FrameNumbers($0) } == nil)
  }
}

@Suite("Sources that wrap")
struct SourceOrderTests {
  @Test("after the last source number comes zero: it begins a numbering anew, and what fell back before does not")
  func wraps() throws {
    var fixture = try FeedFixture()
    #expect(fixture.decode(FeedFixture.trade(100), source: 65_534) == .emitted)
    #expect(fixture.decode(FeedFixture.trade(50), source: 0) == .emitted)
    #expect(fixture.feed.statistics[FeedFixture.btc].tradeGaps == 0)
    // The old connection's numbers are repetitions again.
    #expect(fixture.decode(FeedFixture.trade(50), source: 65_534) == .absorbed(.duplicateTrade))
    #expect(fixture.decode(FeedFixture.trade(51), source: 0) == .emitted)
  }

  @Test("a book of a connection beyond the wrap takes that connection's snapshot")
  func book() throws {
    var fixture = try FeedFixture()
    fixture.decode(FeedFixture.depth(100, 101), source: 65_534)
    fixture.decode(FeedFixture.snapshot(101), source: 65_534)
    #expect(fixture.feed.statistics[FeedFixture.btc].isBookSynchronised)
    #expect(fixture.decode(FeedFixture.depth(5, 6), source: 0) == .absorbed(.awaitingSnapshot))
    #expect(fixture.feed.needsSnapshot(FeedFixture.btc))
    #expect(fixture.decode(FeedFixture.snapshot(6), source: 0) == .emitted)
    #expect(fixture.decode(FeedFixture.depth(7, 8), source: 0) == .emitted)
  }
}
