import Testing

@testable import CDBDomain

@Suite("The continuity of a book")
struct BookContinuityTests {
  typealias F = FeedFixture

  /// The last ids of the book updates emitted.
  private func ids(_ fixture: F) -> [Int64] {
    fixture.events.compactMap { if case .book(let update) = $0 { update.lastUpdateID } else { nil } }
  }

  @Test("updates before the snapshot wait, and those that go on from it follow it")
  func snapshotAmidUpdates() throws {
    var fixture = try F()
    for (first, last) in [(1, 4), (5, 8), (9, 12)] as [(Int64, Int64)] {
      #expect(fixture.decode(F.depth(first, last)) == .absorbed(.awaitingSnapshot))
    }
    #expect(fixture.feed.needsSnapshot(F.btc))
    #expect(fixture.decode(F.snapshot(6)) == .emitted)
    #expect(ids(fixture) == [6, 8, 12])
    #expect(!fixture.feed.needsSnapshot(F.btc))
    #expect(fixture.decode(F.depth(13, 13)) == .emitted)
    #expect(fixture.decode(F.depth(13, 13)) == .absorbed(.staleBookUpdate))
  }

  @Test("a snapshot first, and updates that it contains or overlaps")
  func snapshotFirst() throws {
    var fixture = try F()
    fixture.decode(F.quote(1))
    #expect(fixture.decode(F.snapshot(10)) == .emitted)
    #expect(fixture.decode(F.depth(5, 10)) == .absorbed(.staleBookUpdate))
    #expect(fixture.decode(F.depth(8, 12)) == .emitted)
    #expect(fixture.decode(F.snapshot(11)) == .absorbed(.staleBookUpdate))
    #expect(fixture.decode(F.snapshot(20)) == .emitted)
    #expect(fixture.decode(F.depth(21, 21)) == .emitted)
  }

  @Test("a gap is counted, and the book waits for a snapshot that is new enough")
  func gap() throws {
    var fixture = try F()
    fixture.decode(F.quote(1))
    fixture.decode(F.snapshot(10))
    #expect(fixture.decode(F.depth(12, 13)) == .dropped(.bookGap))
    #expect(!fixture.feed.statistics[F.btc].isBookSynchronised)
    #expect(fixture.decode(F.depth(14, 15)) == .absorbed(.awaitingSnapshot))
    #expect(fixture.decode(F.snapshot(12)) == .dropped(.bookGap))
    #expect(fixture.decode(F.snapshot(14)) == .emitted)
    #expect(ids(fixture) == [10, 14, 15])
    #expect(fixture.feed.statistics[F.btc].bookGaps == 1)
    #expect(fixture.feed.statistics[F.btc].isBookSynchronised)
  }

  @Test("an update with a broken level is a gap to the next one")
  func brokenUpdate() throws {
    var fixture = try F()
    fixture.decode(F.quote(1))
    fixture.decode(F.snapshot(10))
    let broken = F.depth(11, 11).replacing("1.0", with: "-1.0")
    #expect(fixture.decode(broken) == .dropped(.invalidDecimal))
    #expect(fixture.decode(F.depth(12, 12)) == .dropped(.bookGap))
  }

  @Test("a newer source that begins again awaits its own snapshot")
  func restart() throws {
    var fixture = try F()
    fixture.decode(F.quote(1))
    fixture.decode(F.snapshot(10))
    #expect(fixture.decode(F.depth(2, 3), source: 1) == .absorbed(.awaitingSnapshot))
    #expect(fixture.decode(F.snapshot(2), source: 1) == .emitted)
    #expect(ids(fixture) == [10, 2, 3])
    #expect(fixture.feed.statistics[F.btc].bookGaps == 0)
  }

  @Test("a snapshot belongs to the one symbol of its source, or to the stream it is wrapped in")
  func whoseSnapshot() throws {
    var fixture = try F()
    fixture.decode(F.quote(1), source: 3)
    fixture.decode(F.trade(1, price: "2600", symbol: "ETHUSDT"), source: 4)
    #expect(fixture.decode(F.snapshot(5), source: 5) == .dropped(.ambiguousSource))
    #expect(fixture.decode(F.snapshot(5), source: 4) == .emitted)
    #expect(fixture.feed.statistics[F.eth].bookSnapshots == 1)
    fixture.decode(F.trade(2, price: "2600", symbol: "ETHUSDT"), source: 3)
    #expect(fixture.decode(F.snapshot(5), source: 3) == .dropped(.ambiguousSource))
    let wrapped = #"{"stream":"btcusdt@depth20","data":\#(F.snapshot(6))}"#
    #expect(fixture.decode(wrapped, source: 3) == .emitted)
    #expect(fixture.feed.statistics[F.btc].bookSnapshots == 1)
    let unknown = #"{"stream":"xrpusdt@depth20","data":\#(F.snapshot(6))}"#
    #expect(fixture.decode(unknown, source: 3) == .dropped(.unknownSymbol))
  }

  @Test("a crossed snapshot is refused")
  func crossedSnapshot() throws {
    var fixture = try F()
    fixture.decode(F.quote(1))
    let crossed = F.snapshot(9).replacing("99.99", with: "100.03")
    #expect(fixture.decode(crossed) == .dropped(.crossedQuote))
  }

  @Test("no more than a bounded number of updates wait, and the newest are kept")
  func bounded() throws {
    var fixture = try F()
    for id in 1...2_500 as ClosedRange<Int64> { fixture.decode(F.depth(id, id)) }
    #expect(fixture.decode(F.snapshot(10)) == .dropped(.bookGap))
    #expect(fixture.decode(F.snapshot(2_400)) == .emitted)
    #expect(ids(fixture).count == 101)
  }
}
